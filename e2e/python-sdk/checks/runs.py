"""Runs, whatever their state: found, listed, changed, deleted."""

import digitalhub as dh

import harness
from harness import check, fails, http, in_state, listed, since, updated
from shared import new

KEEP = {}


def done():
    """A run that has ended, with its function; for the checks that only read."""
    if "run" not in KEEP:
        func = new(command="sh")
        KEEP["run"] = (func, in_state(func.run("job", args=["-c", "echo one; echo two >&2"]), "COMPLETED"))
    return KEEP["run"]


def filler():
    """Something in one project of which there are more than 100."""
    func, run = done()
    kind, spec = run.kind, {"task": run.spec.task, "local_execution": True}
    while http("GET", f"/api/v1/-/{func.project}/runs?size=1")[1]["totalElements"] < 120:
        assert http("POST", f"/api/v1/-/{func.project}/runs", {"kind": kind, "spec": spec})[0] == 200
    return func, run


@check("a run has the kind that this line understands", "run.kind")
def kind():
    assert done()[1].kind == ("container+job:run" if since("0.14") else "container+run")


@check("a run is found by key and by id, also through its function", "get_run, function.get_run, project.get_run")
def get():
    func, run = done()
    assert dh.get_run(run.key).id == dh.get_run(run.id, project=run.project).id == run.id
    assert func.get_run(run.id).id == dh.get_project(run.project).get_run(run.id).id == run.id
    server_key = http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[1]["key"]
    assert dh.get_run(server_key).id == run.id if since("0.14") else server_key


@check("a run that is not there is an error", "get_run (missing)")
def missing():
    fails(lambda: dh.get_run("0" * 32, project=done()[1].project), "No such run")


@check("every filter of the list of runs finds what it says and nothing else", "list_runs(q, name, kind, user, state, created, updated, function, task, action)")
def filters():
    func, run = done()
    ref = f"container://{func.project}/{func.name}:{func.id}"
    raw = http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[1]

    def found(**said):
        return run.id in [one.id for one in listed(dh.list_runs, run.project, **said)]

    yes = [
        {"q": run.id[:20]}, {"q": func.name}, {"name": raw["name"]}, {"kind": raw["kind"]}, {"user": raw["user"]}, {"state": "COMPLETED"},
        {"created": "2020-01-01T00:00:00Z"}, {"updated": "2020-01-01T00:00:00Z,2999-01-01T00:00:00Z"}, {"function": ref},
        {"function": f"container://{func.project}/{func.name}"}, {"task": raw["spec"]["task"]}, {"action": "job"},
        {"function": ref, "state": "COMPLETED", "action": "job"},
    ]  # fmt: skip
    no = [
        {"q": "nothing-like-it"}, {"name": "other"}, {"kind": "container+serve:run"}, {"user": "nobody"}, {"state": "RUNNING"},
        {"created": "2999-01-01T00:00:00Z"}, {"function": f"{ref}x"}, {"action": "serve"}, {"workflow": f"w://{func.project}/w:1"},
    ]  # fmt: skip
    for said in yes:
        assert found(**said), said
    for said in no:
        assert not found(**said), said


@check("the runs of a function are listed by it", "function.list_runs")
def of_function():
    func, run = done()
    assert run.id in [one.id for one in func.list_runs()]
    assert new().list_runs() == []


@check("more runs than a page holds are all listed", "list_runs (> 100 entries)")
def many():
    func, _ = filler()
    total = http("GET", f"/api/v1/-/{func.project}/runs?size=1")[1]["totalElements"]
    assert total >= 120 and len({one.id for one in dh.list_runs(func.project)}) == total


@check("what describes a run is changed; its spec and state are not", "update_run, run.save(update=True)")
def update():
    _, run = done()
    run.metadata.labels = ["l"]
    run.status.state = "RUNNING"
    updated(run)
    raw = http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[1]
    assert raw["metadata"]["labels"] == ["l"] and raw["status"]["state"] == "COMPLETED"
    run.refresh()
    assert run.status.state == "COMPLETED"
    dh.update_run(run)


@check("a run is made by dh, from a task", "new_run")
def by_dh():
    _, run = done()
    made = dh.new_run(run.project, run.kind, task=run.spec.task, function=run.spec.function, args=["-c", "true"])
    in_state(made, "COMPLETED")


@check("a run keeps the name and labels that the user gives it", "run('job', labels=…)")
def named():
    func, _ = done()
    run = func.run("job", args=["-c", "true"], labels=["nightly"])
    assert http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[1]["metadata"]["labels"] == ["nightly"]
    assert dh.get_run(run.id, project=run.project).name == run.name
    in_state(run, "COMPLETED")


@check("a run is deleted, with its logs, by dh and by the project", "delete_run, project.delete_run")
def delete():
    func, _ = done()
    one, two = func.run("job", args=["-c", "true"]), func.run("job", args=["-c", "true"])
    dh.delete_run(one.key)
    # SDK 0.14 and 0.15 want the id twice.
    dh.get_project(two.project).delete_run(two.id, **({"entity_id": two.id} if harness.LINE in ("0.14", "0.15") else {}))
    harness.gone(one)
    harness.gone(two)


@check("metrics are logged, one by one, as a series, and all at once, and read again", "run.log_metric, run.log_metrics, run.metrics")
def metrics():
    func, _ = done()
    run = in_state(func.run("job", args=["-c", "true"]), "COMPLETED")
    run.log_metric("loss", 0.5)
    run.log_metric("loss", [0.4, 0.3])
    run.log_metric("accuracy", 0.9, single_value=True)
    run.log_metrics({"f1": 0.8, "epochs": [1, 2]})
    run.log_metric("epochs", [3], overwrite=True)
    wanted = {"loss": [0.5, 0.4, 0.3], "accuracy": 0.9, "f1": 0.8, "epochs": [3]}
    path = f"/api/v1/-/{run.project}/runs/{run.id}/metrics"
    assert http("GET", path)[1] == wanted, http("GET", path)[1]
    assert http("GET", f"{path}/loss")[1] == wanted["loss"]
    read = dh.get_run(run.id, project=run.project)
    assert (dict(read.metrics) if since("0.15") else read.status.metrics) == wanted
