"""User and password."""

import os

import digitalhub as dh

from harness import check, name
from login import as_other, round_trip, schemes


@check("with user and password a job goes from its function to its logs, and all is deleted", "DHCORE_USER, DHCORE_PASSWORD")
def basic():
    round_trip()
    assert schemes() == {"Basic"}, schemes()


@check("a project is worked in by the user whom it is shared with, until it is no longer shared", "project.share, project.unshare (as the other user)")
def share():
    own = dh.get_or_create_project(name("shared"))
    other = os.environ["SHAREE"]
    read = f"print(dh.get_project({own.name!r}).name)"
    assert f"{other} may not project read" in as_other(read), as_other(read)
    own.share(other)
    assert as_other(read) == own.name
    assert as_other(f"print(dh.get_project({own.name!r}).new_function(name='theirs', kind='container', image='app:1').user)") == other
    assert dh.get_function("theirs", project=own.name).to_dict()["user"] == other
    assert "may not project delete" in as_other(f"dh.delete_project({own.name!r}, cascade=True, clean_context=False)")
    own.unshare(other)
    assert f"{other} may not project read" in as_other(read)
