"""Functions and their versions."""

import base64

import digitalhub as dh

import harness
from harness import by_design, check, fails, http, listed, name, since, updated
from shared import new, project

@check("a function is made by the project or by dh, and every field comes back", "new_function")
def create():
    wanted = {"image": "app:1", "base_image": "base:1", "image_pull_policy": "Always", "command": "run-it"}
    one = dh.new_function(project=project().name, name=name("made"), kind="container", description="d", labels=["l"], **wanted)
    read = dh.get_function(one.key)
    kept = {key: value for key, value in read.spec.to_dict().items() if key in wanted}
    # SDK 0.13's model of a function has no pull policy: what it does not send cannot come back.
    assert kept == {key: value for key, value in wanted.items() if key in one.spec.to_dict()}, kept
    assert read.metadata.description == "d" and read.metadata.labels == ["l"] and read.project == project().name
    assert read.key == one.key == f"store://{project().name}/function/container/{one.name}:{one.id}"


@check("a pull policy set on a function is kept and used", "new_function(image_pull_policy=…)")
def pull_policy():
    func = new(image_pull_policy="Never", command="true")
    assert http("GET", f"/api/v1/-/{func.project}/functions/{func.id}")[1]["spec"]["image_pull_policy"] == "Never"
    assert dh.get_function(func.key).spec.image_pull_policy == "Never"


@check("a function keeps the id that the user gives it", "new_function(uuid=…)")
def own_id():
    import uuid

    wanted = str(uuid.uuid4())
    assert new(uuid=wanted).id == wanted
    fails(lambda: new(uuid=wanted), "already exists")


@check(
    "the shortcut of the plugin makes a function",
    "new_function_container",
    by_design(("0.13", "0.14", "0.15"), "new_function_container", "the plugin of this line has no such shortcut"),
)
def shortcut():
    func = dh.new_function_container(project().name, name("short"), image=harness.IMAGE)
    assert func.kind == "container" and project().new_function_container(name=name("short"), image=harness.IMAGE).kind == "container"


@check("source code given as text, file or repository comes back as it was sent", "new_function(code=…, code_src=…)")
def source():
    text = new(code="print(1)")
    with open("main.py", "w") as file:
        file.write("print(2)\n")
    local = new(code_src="main.py", handler="go")
    remote = new(code_src="git+https://example.org/repo.git#main")
    sources = [http("GET", f"/api/v1/-/{one.project}/functions/{one.id}")[1]["spec"]["source"] for one in (text, local, remote)]
    assert base64.b64decode(sources[0]["base64"]) == b"print(1)"
    assert sources[1]["source"] == "main.py" and sources[1]["handler"] == "go" and base64.b64decode(sources[1]["base64"]) == b"print(2)\n"
    assert sources[2]["source"] == "git+https://example.org/repo.git#main"
    assert dh.get_function(local.key).spec.to_dict()["source"]["handler"] == "go"


@check("a function is found by key, by name and by id", "get_function")
def get():
    func = new()
    by_name = dh.get_function(func.name, project=func.project)
    by_id = dh.get_function(func.name, project=func.project, entity_id=func.id)
    assert dh.get_function(func.key).id == by_name.id == by_id.id == project().get_function(func.name).id == func.id
    assert func.refresh().id == func.id


@check("a function that is not there is an error", "get_function (missing)")
def missing():
    fails(lambda: dh.get_function("none", project=project().name), "No object found")
    fails(lambda: dh.get_function(f"store://{project().name}/function/container/none:{'0' * 32}"), "No such function")


@check("versions of a name are listed, the newest is the latest", "get_function_versions, get_function (latest)")
def versions():
    first = new("versioned", image="app:1")
    second = project().new_function(name=first.name, kind="container", image="app:2")
    found = dh.get_function_versions(first.name, project=first.project)
    assert sorted(one.id for one in found) == sorted([first.id, second.id])
    assert project().get_function(first.name).id == second.id
    assert len(project().get_function_versions(first.name)) == 2


@check("more functions than a page holds are all listed", "list_functions (> 100 entries)")
def many():
    own = name("many")
    http("POST", "/api/v1/projects", {"name": own})
    for index in range(120):
        assert http("POST", f"/api/v1/-/{own}/functions", {"name": f"f-{index}", "kind": "container", "spec": {"image": "app:1"}})[0] == 200
    found = dh.list_functions(own)
    assert len(found) == 120 and len({one.id for one in found}) == 120


@check("every filter of the list of functions finds what it says and nothing else", "list_functions(q, name, kind, user, state, created, updated, versions)")
def filters():
    own = dh.new_project(name("filtered"))
    first = own.new_function(name="alpha", kind="container", image="app:1", labels=["red", "round"])
    own.new_function(name="alpha", kind="container", image="app:2")
    own.new_function(name="beta", kind="container", image="app:1", labels=["red"])
    user = http("GET", f"/api/v1/-/{own.name}/functions/{first.id}")[1]["user"]

    def names(**said):
        return sorted(one.name for one in listed(dh.list_functions, own.name, **said))

    both = ["alpha", "beta"]
    expected = [
        ({}, both),
        ({"q": "lph"}, ["alpha"]),
        ({"name": "beta"}, ["beta"]),
        ({"kind": "container"}, both),
        ({"user": user}, both),
        ({"user": "nobody"}, []),
        ({"state": "CREATED"}, both),
        ({"state": "READY"}, []),
        ({"created": "2020-01-01T00:00:00Z"}, both),
        ({"created": "2020-01-01T00:00:00Z,2021-01-01T00:00:00Z"}, []),
        ({"updated": "2999-01-01T00:00:00Z"}, []),
        ({"versions": "all"}, ["alpha", "alpha", "beta"]),
        ({"versions": "latest", "name": "alpha"}, ["alpha"]),
    ]
    for said, wanted in expected:
        assert names(**said) == wanted, (said, names(**said))
    assert [one.name for one in listed(own.list_functions, **{"name": "beta"})] == ["beta"]


@check(
    "functions are listed by their labels",
    "list_functions(labels=…)",
    by_design(("0.14", "0.15"), "labels", "list_functions of this line has no filter labels"),
)
def labels():
    own = dh.new_project(name("labelled"))
    own.new_function(name="one", kind="container", image="app:1", labels=["red", "round"])
    own.new_function(name="two", kind="container", image="app:1")
    assert [one.name for one in listed(dh.list_functions, own.name, labels=["red", "round"])] == ["one"]
    assert listed(dh.list_functions, own.name, labels=["red", "square"]) == []


@check("functions of kinds that nobody here knows are an empty list", "list_functions(kind='python')")
def unknown_kind():
    assert listed(dh.list_functions, project().name, kind="python") == []


@check("what describes a function is changed; its spec stays what it was", "update_function, function.save(update=True)")
def update():
    func = new(image="app:1")
    func.metadata.description = "new"
    dh.update_function(func)
    func.metadata.labels = ["l"]
    func.spec.image = "app:2"
    updated(func)
    read = dh.get_function(func.key)
    assert read.metadata.description == "new" and read.metadata.labels == ["l"] and read.spec.image == "app:1"
    assert project().update_function(read).id == func.id


@check("one version is deleted by its key, and the others stay", "delete_function(key)")
def delete_one():
    first = new("deleted")
    second = project().new_function(name=first.name, kind="container", image=harness.IMAGE)
    dh.delete_function(second.key)
    assert [one.id for one in dh.get_function_versions(first.name, project=first.project)] == [first.id]


@check("all versions of a name are deleted, with their tasks and runs", "delete_function(delete_all_versions=True)")
def delete_all():
    first = new("deleted", command="true")
    run = first.run("job")
    project().new_function(name=first.name, kind="container", image=harness.IMAGE)
    dh.delete_function(first.name, project=first.project, delete_all_versions=True)
    assert listed(dh.list_functions, first.project, name=first.name, versions="all") == []
    assert listed(dh.list_tasks, first.project, function=f"container://{first.project}/{first.name}:{first.id}") == []
    harness.gone(run)


@check("a function that is deleted without cascade leaves its runs, which are read as before", "delete_function(cascade=False)")
def delete_without_cascade():
    func = new("left", command="echo", image=harness.IMAGE)
    run = harness.in_state(func.run("job", args=["kept"]), "COMPLETED")
    dh.delete_function(func.key, cascade=False)
    fails(lambda: dh.get_function(func.key), "No such function")
    assert [one.id for one in listed(dh.list_runs, run.project, function=run.spec.function)] == [run.id]
    assert harness.log_text(dh.get_run(run.key)) == "kept\n"
    dh.delete_run(run.key)
    harness.gone(run)


@check("a function that is not there cannot be deleted, and a name without versions may", "delete_function (missing)")
def delete_missing():
    fails(lambda: dh.delete_function(f"store://{project().name}/function/container/none:{'0' * 32}"), "No such function")
    dh.delete_function("none-of-that-name", project=project().name, delete_all_versions=True)


@check("relationships, labels and a description that are added are kept", "add_relationship, add_label, add_labels, set_description")
def describe():
    func, other = new(), new()
    func.add_relationship("consumes", other.key)
    if since("0.15"):
        func.add_label("one")
        func.add_labels(["two"])
        func.set_description("added")
    updated(func)
    raw = http("GET", f"/api/v1/-/{func.project}/functions/{func.id}")[1]["metadata"]
    assert {"type": "consumes", "dest": other.key} in [{key: one[key] for key in ("type", "dest")} for one in raw["relationships"]], raw
    if since("0.15"):
        assert sorted(raw["labels"]) == ["one", "two"] and raw["description"] == "added", raw
    read = dh.get_function(func.key)
    assert read.to_dict()["id"] == func.id and func.id in str(read.to_json())
