"""An access token whose time is over, with its refresh token."""

import os

from harness import check
from login import INI, KEEPS_APART, called, round_trip, stored, works_next

# The SDK may change its own environment.
OVER, USED = os.environ["DHCORE_ACCESS_TOKEN"], os.environ["DHCORE_REFRESH_TOKEN"]


@check("an access token whose time is over is renewed by the SDK itself, and the call goes on", "DHCORE_ACCESS_TOKEN, DHCORE_REFRESH_TOKEN")
def renewed():
    round_trip()
    assert [one["status"] for one in called("/api/")].count(401) == 1 and called("/api/")[0]["status"] == 401
    (renewal,) = called("/auth/token")
    assert renewal["status"] == 200 and "grant_type': 'refresh_token" in str(renewal["body"]), renewal


@check("renewed tokens are written down: the next program uses them, and renews them again", "DHCORE_REFRESH_TOKEN (next program)", KEEPS_APART)
def again():
    access, refresh = stored("access_token"), stored("refresh_token")
    assert access not in (None, OVER) and refresh not in (None, USED)
    works_next()
    with open(INI) as file:
        text = file.read()
    with open(INI, "w") as file:
        file.write(text.replace(access, OVER))
    works_next()
    assert stored("access_token") not in (None, OVER, access) and stored("refresh_token") not in (None, refresh)
