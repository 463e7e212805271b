"""No credentials at all."""

import digitalhub as dh

from harness import check, own_bug
from login import HIDES, SHARED, refused


@check("without credentials the server says that it wants to know who calls", "get_project (no credentials)")
def nobody():
    refused(lambda: dh.get_project(SHARED), "UnauthorizedError", "this server wants to know who you are", "davit login")


@check(
    "get_or_create_project without credentials says so too",
    "get_or_create_project (no credentials)",
    own_bug(("0.15", "0.16"), "Auth type no_auth does not support refresh", HIDES, status=401),
)
def first():
    refused(lambda: dh.get_or_create_project("mine"), "UnauthorizedError", "this server wants to know who you are")
