"""An access token without a refresh token."""

from harness import check
from login import called, round_trip, schemes


@check("an access token alone is enough while it is good", "DHCORE_ACCESS_TOKEN")
def access():
    round_trip()
    assert schemes() == {"Bearer"} and called("/auth/token") == [], schemes()
