"""A password that is not the user's."""

import digitalhub as dh

from harness import check, own_bug
from login import HIDES, SHARED, refused, schemes


@check("a wrong password is refused as such", "get_project (wrong DHCORE_PASSWORD)")
def wrong_password():
    refused(lambda: dh.get_project(SHARED), "UnauthorizedError", "user or password is wrong")
    assert schemes() == {"Basic"}, schemes()


@check(
    "get_or_create_project with a wrong password says so too",
    "get_or_create_project (wrong DHCORE_PASSWORD)",
    own_bug(("0.15", "0.16"), "Auth type basic does not support refresh", HIDES, status=401),
)
def first():
    refused(lambda: dh.get_or_create_project("mine"), "UnauthorizedError", "user or password is wrong")
