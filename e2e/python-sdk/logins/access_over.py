"""An access token whose time is over, without a refresh token."""

import digitalhub as dh

from harness import check
from login import SHARED, refused


@check("an access token alone whose time is over is refused with that reason", "DHCORE_ACCESS_TOKEN (expired)")
def access_over():
    refused(lambda: dh.get_project(SHARED), "UnauthorizedError", "the access token is not valid, or its time is over")
