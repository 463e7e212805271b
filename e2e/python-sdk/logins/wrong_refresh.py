"""Both tokens of a login are over."""

import digitalhub as dh

from harness import LINE, check, own_bug
from login import LOOKS_ELSEWHERE, SHARED, refused


@check(
    "when the refresh token is over too the call ends with that reason",
    "DHCORE_REFRESH_TOKEN (over)",
    own_bug(("0.13",), "Auth type None does not support refresh", LOOKS_ELSEWHERE, status=400),
)
def wrong_refresh():
    token = "access" if LINE == "0.14" else "refresh"
    refused(lambda: dh.get_project(SHARED), f"the {token} token is not valid, or its time is over")
