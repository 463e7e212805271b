"""A personal access token."""

import os

from harness import check
from login import KEEPS_APART, called, round_trip, schemes, stored, works_next

PERSONAL = os.environ["DHCORE_PERSONAL_ACCESS_TOKEN"]


@check("a personal access token is exchanged once, and the same works with what it gave", "DHCORE_PERSONAL_ACCESS_TOKEN")
def personal():
    round_trip()
    assert schemes() == {"Bearer"}, schemes()
    (exchange,) = called("/auth/token")
    assert exchange["status"] == 200 and "token-exchange" in str(exchange["body"]), exchange


@check("what a personal access token gave is written down, and the next program needs no more", "DHCORE_PERSONAL_ACCESS_TOKEN (next program)", KEEPS_APART)
def stays():
    assert stored("access_token") not in (None, PERSONAL)
    works_next()
