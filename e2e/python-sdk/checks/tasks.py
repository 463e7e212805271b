"""Tasks: defaults of a function's runs."""

import digitalhub as dh

import harness
from harness import by_design, check, fails, http, listed, own_bug, since, task_name, updated
from shared import new


@check("a task is made with defaults, and found by key and by its function", "function.new_task, function.get_task, get_task")
def create():
    func = new()
    resources = {"cpu": "100m"} if since("0.14") else {"cpu": {"requests": "100m"}}
    task = func.new_task(task_name("job"), resources=resources)
    assert task.kind == "container+job"
    assert dh.get_task(task.key).id == func.get_task(task_name("job")).id == task.id
    fresh = dh.get_function(func.key)
    assert fresh.get_task(task_name("job")).id == task.id


def task_ids(func):
    return [one.id for one in listed(dh.list_tasks, func.project, function=f"container://{func.project}/{func.name}:{func.id}")]


@check(
    "the tasks of a function are listed by it",
    "function.list_task",
    own_bug(("0.14", "0.15"), "_list_tasks() takes 1 positional argument", "function.list_task fails inside the SDK before any request: it passes an argument that its helper does not take"),
)
def list_task():
    func = new()
    task = func.new_task(task_name("job"))
    assert [one.id for one in func.list_task()] == [task.id] == task_ids(func)


@check("a task is made, changed and deleted by dh", "new_task, update_task, delete_task")
def by_dh():
    func = new()
    ref = f"container://{func.project}/{func.name}:{func.id}"
    task = dh.new_task(func.project, "container+job", function=ref)
    task.metadata.labels = ["l"]
    dh.update_task(task)
    updated(task)
    assert dh.get_task(task.key).metadata.labels == ["l"]
    dh.delete_task(task.key)
    fails(lambda: dh.get_task(task.key), "No such task")


@check("a second task of one function and action is refused", "new_task (duplicate)")
def duplicate():
    func = new()
    func.new_task(task_name("job"))
    fails(lambda: func.new_task(task_name("job")), "already exists")
    ref = f"container://{func.project}/{func.name}:{func.id}"
    fails(lambda: dh.new_task(func.project, "container+job", function=ref), "already exists")


@check("a task's defaults are changed, and the run takes them", "function.update_task")
def update():
    func = new(command="sh")
    func.new_task(task_name("job"))
    task = func.update_task(task_name("job"), envs=[{"name": "COLOUR", "value": "blue"}])
    assert http("GET", f"/api/v1/-/{func.project}/tasks/{task.id}")[1]["spec"]["envs"] == [{"name": "COLOUR", "value": "blue"}]
    run = harness.in_state(func.run("job", args=["-c", "echo $COLOUR"]), "COMPLETED")
    assert "blue" in harness.log_text(run)


@check("tasks are listed by kind, function and the other filters", "list_tasks(q, name, kind, user, state, created, updated, function)")
def filters():
    func = new()
    job, serve = func.new_task(task_name("job")), func.new_task(task_name("serve"))
    ref = f"container://{func.project}/{func.name}:{func.id}"

    def ids(**said):
        return sorted(one.id for one in listed(dh.list_tasks, func.project, function=ref, **said))

    both = sorted([job.id, serve.id])
    expected = [
        ({}, both),
        ({"kind": "container+job"}, [job.id]),
        ({"kind": "job"}, []),
        ({"name": http("GET", f"/api/v1/-/{func.project}/tasks/{job.id}")[1]["name"]}, [job.id]),
        ({"user": "nobody"}, []),
        ({"state": "CREATED"}, both),
        ({"created": "2999-01-01T00:00:00Z"}, []),
        ({"updated": "2020-01-01T00:00:00Z"}, both),
    ]
    for said, wanted in expected:
        assert ids(**said) == wanted, (said, ids(**said))


@check("a deleted task takes its runs with it", "function.delete_task(cascade=True)")
def delete():
    func = new(command="true")
    run = harness.in_state(func.run("job"), "COMPLETED")
    func.delete_task(task_name("job"))
    harness.gone(run)
    assert task_ids(func) == []


@check("a task that is deleted without cascade leaves its runs", "delete_task(cascade=False)")
def delete_without_cascade():
    func = new(command="true")
    run = harness.in_state(func.run("job"), "COMPLETED")
    dh.delete_task(func.get_task(task_name("job")).key, cascade=False)
    assert task_ids(func) == [] and [one.id for one in func.list_runs()] == [run.id]
    assert dh.get_run(run.key).status.state == "COMPLETED"


@check("a run is made from a task", "task.run")
def run_task():
    func = new(command="true")
    task = func.new_task(task_name("job"))
    run = task.run("container+job:run" if since("0.14") else "container+run")
    harness.in_state(run, "COMPLETED")


@check("a task makes, finds and deletes a run", "task.new_run, task.get_run, task.delete_run")
def runs_of_task():
    func = new(command="true")
    task = func.new_task(task_name("job"))
    run = task.new_run(
        project=func.project,
        kind="container+job:run" if since("0.14") else "container+run",
        task=f"{task.kind}://{func.project}/{task.id}",
        function=f"container://{func.project}/{func.name}:{func.id}",
        **({"entity_type": "run"} if since("0.15") else {}),
    )
    harness.in_state(run, "COMPLETED")
    assert task.get_run(run.key).id == run.id
    task.delete_run(run.key)
    harness.gone(run)


@check("a function takes tasks from a file, and keeps those that are there", "function.import_tasks")
def import_tasks():
    func = new()
    task = func.new_task(task_name("job"), envs=[{"name": "A", "value": "1"}])
    func.import_tasks([task.to_dict()])
    assert task_ids(func) == [task.id]
    dh.delete_task(task.key)
    func.import_tasks([task.to_dict()])
    assert task_ids(func) == [task.id]


@check("a function's task is set, whether it is there or not", "function.set_task", by_design(("0.13", "0.14"), "set_task", "functions of this line have no set_task"))
def set_task():
    func = new()
    func.set_task("job", envs=[{"name": "A", "value": "1"}])
    assert len(task_ids(func)) == 1
