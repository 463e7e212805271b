"""Somebody who may look at a project, and no more."""

import os

import digitalhub as dh

import harness
from harness import check
from login import ME, SHARED, refused


def shared():
    return dh.get_project(SHARED)


@check("a viewer reads a project: its function, its runs and their logs", "get_project, get_function, list_runs, run.logs (viewer)")
def reads():
    assert shared().get_function("shell").name == "shell"
    (run,) = dh.list_runs(SHARED)
    assert harness.log_text(run) == "shared\n"
    assert [one.name for one in dh.list_secrets(SHARED)] == ["token"]


@check("a viewer who runs, changes, stops or deletes something gets a Forbidden that says who may not do what", "function.run, new_function, delete_run (viewer)")
def runs():
    func = shared().get_function("shell")
    refused(lambda: func.run("job", args=["-c", "true"]), "ForbiddenError", f"{ME} may not", f"in project {SHARED}")
    refused(lambda: shared().new_function(name="mine", kind="container", image=harness.IMAGE), "ForbiddenError", f"{ME} may not function write")
    (run,) = dh.list_runs(SHARED)
    refused(lambda: dh.delete_run(run.key), "ForbiddenError", f"{ME} may not run delete")
    refused(lambda: dh.delete_project(SHARED, cascade=True, clean_context=False), "ForbiddenError", f"{ME} may not project delete")
    assert [one.id for one in dh.list_runs(SHARED)] == [run.id]


@check("a viewer does not get a secret's value", "secret.read_secret_value (viewer)")
def values():
    secret = dh.get_secret("token", project=SHARED)
    error = refused(secret.read_secret_value, "ForbiddenError", f"{ME} may not secret read")
    assert os.environ["SHARED_SECRET"] not in str(error)


@check("a project of others is refused, and nobody can make one in its place", "get_project, get_or_create_project (of others)")
def others():
    other = os.environ["OTHER_PROJECT"]
    refused(lambda: dh.get_project(other), "ForbiddenError", f"{ME} may not project read in project {other}")
    refused(lambda: dh.get_or_create_project(other), "EntityAlreadyExistsError", other)
