"""A personal access token as password."""

import digitalhub as dh

from harness import check
from login import SHARED, called, schemes


@check("a personal access token is taken as password", "DHCORE_USER, DHCORE_PASSWORD (personal access token)")
def personal_as_password():
    assert dh.get_project(SHARED).name == SHARED
    assert schemes() == {"Basic"} and called("/auth/token") == [], schemes()
