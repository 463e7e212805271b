"""A personal access token as access token."""

import digitalhub as dh

from harness import check
from login import SHARED, called, schemes


@check("a personal access token is taken as access token, without an exchange", "DHCORE_ACCESS_TOKEN (personal access token)")
def personal_as_access():
    assert dh.get_project(SHARED).name == SHARED
    assert schemes() == {"Bearer"} and called("/auth/token") == [], schemes()
