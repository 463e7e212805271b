"""Search, and what DigitalHub has and Davit does not."""

import digitalhub as dh

import harness
from harness import by_design, check, fails, listed, name, own_bug, since
from shared import new

EMPTY = ["artifacts", "dataitems", "models", "workflows"]


def hits(answer):
    """SDK 0.15 and later give what could be read and what could not."""
    return answer[0] if isinstance(answer, tuple) else answer


@check("functions are found by text, name, kind, type, description and labels", "search_entity")
def search():
    word = name("searched")
    own = dh.new_project(name())
    func = own.new_function(name=word, kind="container", image="app:1", description="counts sheep", labels=["red", "round"])
    own.new_function(name="other", kind="container", image="app:1")
    asked = [
        {"query": word}, {"name": word}, {"entity_types": ["function"], "name": word}, {"entity_types": ["function", "run"], "query": "sheep"},
        {"kind": "container", "description": "counts sheep"}, {"labels": ["red"]}, {"labels": ["red", "round"]},
        {"query": word, "created": "2020-01-01T00:00:00Z", "updated": "2999-01-01T00:00:00Z"},
    ]  # fmt: skip
    for said in asked:
        assert [one.id for one in hits(dh.search_entity(own.name, **said))] == [func.id], said
        assert [one.id for one in hits(own.search_entity(**said))] == [func.id], said
    assert hits(dh.search_entity(own.name, query="nothing-like-it")) == []


@check("collections that Davit does not have are empty lists", "list_artifacts, list_dataitems, list_models, list_workflows, list_triggers")
def empty():
    own = new().project
    for collection in EMPTY:
        assert getattr(dh, f"list_{collection}")(own) == [], collection
        assert getattr(dh.get_project(own), f"list_{collection}")() == [], collection
    assert dh.list_triggers(own) == []


@check(
    "the triggers of a function are an empty list",
    "function.list_triggers",
    own_bug(("0.14", "0.15", "0.16"), "unexpected keyword argument 'function'", "function.list_triggers fails inside the SDK before any request: it passes an argument that list_triggers does not take"),
)
def triggers_of_function():
    assert new().list_triggers() == []


@check("an artifact cannot be made, and the answer says that there is no such spec", "new_artifact")
def artifact():
    own = new().project
    fails(lambda: dh.new_artifact(own, name("a"), "artifact", path="s3://bucket/key"), "No such spec")


@check("a trigger cannot be made, and the answer says that there is no such spec", "function.trigger")
def trigger():
    func = new(command="true")
    if since("0.14"):
        fails(lambda: func.trigger("job", "scheduler", name("t"), template={}, schedule="* * * * *"), "No such spec")
    else:
        fails(lambda: func.trigger("job", "scheduler", name("t"), schedule="* * * * *"), "No such spec")


@check("what other clients write in forms of their own is listed and read, and means the same", "list_functions, list_tasks, list_runs (other clients)")
def other_forms():
    own = dh.new_project(name())
    made = {"name": "f", "kind": "container", "spec": {"image": harness.IMAGE, "command": ["sh", "-c"], "args": ["exit 1"]}}
    func = harness.http("POST", f"/api/v1/-/{own.name}/functions", made)[1]
    ref = f"container://{own.name}/f:{func['id']}"
    envs, selector = {"A": 1, "B": True}, {"kubernetes.io/os": "linux"}
    resources = {"cpu": 0.1} if since("0.14") else {"cpu": {"requests": 0.1}}
    spec = {"function": ref, "envs": envs, "node_selector": selector, "resources": resources}
    task = harness.http("POST", f"/api/v1/-/{own.name}/tasks", {"kind": "container+job", "spec": spec})[1]
    kind = "container+job:run" if since("0.14") else "container+run"
    said = {"kind": kind, "spec": {"task": f"container+job://{own.name}/{task['id']}", "args": ["echo $A $B"]}}
    run = harness.http("POST", f"/api/v1/-/{own.name}/runs", said)[1]
    (function,), (defaults,), (read,) = dh.list_functions(own.name), dh.list_tasks(own.name), dh.list_runs(own.name)
    assert (function.id, defaults.id, read.id) == (func["id"], task["id"], run["id"])
    wanted = [{"name": "A", "value": "1"}, {"name": "B", "value": "true"}]
    assert defaults.to_dict()["spec"]["envs"] == read.to_dict()["spec"]["envs"] == wanted, defaults.to_dict()
    assert (function.spec.command, read.spec.command, read.spec.args) == (None, None, ["echo $A $B"]), read.to_dict()
    assert dh.get_run(read.key).id == read.id and dh.get_function(function.key).id == function.id and dh.get_task(defaults.key).id == defaults.id
    harness.in_state(read, "COMPLETED")
    assert harness.log_text(read) == "1 true\n"


@check(
    "runs that a client of another line made are listed too",
    "list_runs (mixed lines)",
    by_design(("0.13", "0.14", "0.15"), "Entity builder for kind", "this line can only read the kinds of runs that it makes itself: give clients of different lines their own projects"),
)
def mixed():
    func = dh.new_project(name()).new_function(name="f", kind="container", image=harness.IMAGE, command="true")
    run = harness.in_state(func.run("job"), "COMPLETED")
    other = "container+run" if since("0.14") else "container+job:run"
    assert harness.http("POST", f"/api/v1/-/{run.project}/runs", {"kind": other, "spec": {"task": run.spec.task, "local_execution": True}})[0] == 200
    assert len(dh.list_runs(run.project)) == 2
