"""What the checks of credentials begin with: they run against a server that wants to know who calls, each file with credentials of its own."""

import configparser
import os
import subprocess
import sys

import digitalhub as dh

import harness
from harness import by_design, name

ME = os.environ["LOGIN_NAME"]
INI = os.environ["DH_CONFIG"] if harness.since("0.15") else os.path.expanduser("~/.dhcore.ini")
SHARED = os.environ["SHARED_PROJECT"]
HIDES = (
    "without credentials the answer is 401, at which dhcli and the console ask for a login; "
    "at the second one in a row this line says only that it has nothing to renew; get_project shows the reason"
)
KEEPS_APART = by_design(
    ("0.13",),
    "this server wants to know who you are",
    "this line reads credentials in its file only where DHCORE_ENDPOINT stands in the file too, and not in the environment",
)
LOOKS_ELSEWHERE = "after a refusal this line looks for credentials in its file, and says only what it does not find there"


def round_trip():
    """What a user does from the first call to the last: a function, its run, the logs, and everything deleted."""
    project = dh.get_or_create_project(name("login"))
    func = project.new_function(name="f", kind="container", image=harness.IMAGE, command="sh")
    run = harness.in_state(func.run("job", args=["-c", "echo hello"]), "COMPLETED")
    assert harness.log_text(run) == "hello\n", harness.log_text(run)
    assert {one.to_dict()["user"] for one in (project, func, run)} == {ME}, run.to_dict()
    assert [one.id for one in dh.list_runs(project.name)] == [run.id]
    dh.delete_run(run.key)
    dh.delete_project(project.name, cascade=True)
    assert project.name not in names_of_projects()


def names_of_projects():
    """As the reference's own list says them: a line of the SDK cannot list projects."""
    return [] if harness.LINE == "0.13" else [one.name for one in dh.list_projects()]


def called(path):
    """The requests to an address, in their order."""
    return [one for one in harness.EXCHANGES if path in one["request"]]


def schemes():
    """With what kinds of credentials the API was called."""
    return {one["credentials"] for one in called("/api/")}


def stored(key):
    """What the SDK has written down for the next program, whatever the line calls it and the profile."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(INI)
    found = [ini[section].get(f"dhcore_{key}") or ini[section].get(key) for section in ini.sections()]
    return next((one for one in found if one), None)


def next_program():
    """Another program of the same user, who has nothing but what the SDK has written down: what it prints."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DHCORE_PERSONAL_ACCESS_TOKEN", "DHCORE_ACCESS_TOKEN", "DHCORE_REFRESH_TOKEN")}
    code = f"import digitalhub as dh; print(dh.get_project({SHARED!r}).name)"
    return subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=kept, capture_output=True, text=True, timeout=60)


def as_other(code):
    """A program of the user whom the shared project is shared with: what went wrong in it, in one line, or what it prints."""
    env = {**os.environ, "DHCORE_USER": os.environ["SHAREE"], "DHCORE_PASSWORD": os.environ["SHAREE_PASSWORD"], "DH_CONFIG": f"{INI}.other"}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", f"import digitalhub as dh; {code}"], env=env, capture_output=True, text=True, timeout=60)
    return (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()[-1]


def works_next():
    """That program reaches the server."""
    done = next_program()
    assert done.returncode == 0 and done.stdout.strip().endswith(SHARED), (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]


def refused(call, *texts):
    """A call that the server must refuse: the error, and that the SDK gave up after a few requests."""
    before = len(harness.EXCHANGES)
    error = harness.fails(call, *texts)
    assert len(harness.EXCHANGES) - before <= 12, [one["request"] for one in harness.EXCHANGES[before:]]
    return error
