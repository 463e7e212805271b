"""A personal access token that was never made, or is revoked."""

import digitalhub as dh

from harness import check, own_bug
from login import LOOKS_ELSEWHERE, SHARED, refused


@check(
    "a wrong personal access token is refused at the first call, with the reason",
    "DHCORE_PERSONAL_ACCESS_TOKEN (wrong)",
    own_bug(("0.13",), "Issuer endpoint not set", LOOKS_ELSEWHERE, status=400),
)
def wrong_personal():
    refused(lambda: dh.get_project(SHARED), "personal access token is not valid")
