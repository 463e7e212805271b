"""A password that is not the user's."""

import digitalhub as dh

from harness import check
from login import SHARED, refused, schemes


@check("a wrong password is refused as such", "get_project (wrong DHCORE_PASSWORD)")
def wrong_password():
    refused(lambda: dh.get_project(SHARED), "ForbiddenError", "user or password is wrong")
    assert schemes() == {"Basic"}, schemes()


@check("get_or_create_project with a wrong password says so too", "get_or_create_project (wrong DHCORE_PASSWORD)")
def first():
    refused(lambda: dh.get_or_create_project("mine"), "ForbiddenError", "user or password is wrong")
