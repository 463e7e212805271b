"""Projects: every public call of `dh` and `Project` that concerns them."""

import digitalhub as dh
from digitalhub.utils.exceptions import EntityAlreadyExistsError

import harness
from harness import check, fails, http, name, own_bug, since, updated


@check("a project is made once, and found by the same call afterwards", "get_or_create_project")
def get_or_create():
    wanted = name()
    made = dh.get_or_create_project(wanted)
    found = dh.get_or_create_project(wanted)
    assert made.name == found.name == made.id == wanted and found.key == f"store://{wanted}"


@check("a new project keeps its description, labels, source and settings", "new_project")
def new_project():
    source = {"source": "./"} if since("0.14") else {"context": "./"}
    project = dh.new_project(name(), description="what for", labels=["a", "b"], config={"default_files_store": "s3://lake"}, **source)
    read = dh.get_project(project.name)
    assert read.metadata.description == "what for" and sorted(read.metadata.labels) == ["a", "b"]
    assert http("GET", f"/api/v1/projects/{project.name}")[1]["spec"]["config"].get("default_files_store") == "s3://lake"


@check("a project that exists already is refused as one that does", "new_project (duplicate)")
def duplicate():
    wanted = dh.new_project(name()).name
    error = fails(lambda: dh.new_project(wanted), "already exists")
    assert isinstance(error, EntityAlreadyExistsError), repr(error)


@check("a project that is not there is an error that says so", "get_project (missing)")
def missing():
    fails(lambda: dh.get_project(name("missing")), "No such project")


@check(
    "all projects are listed, beyond one page",
    "list_projects",
    own_bug(("0.13",), "TypeError", "list_projects fails inside the SDK before any request: it leaves out an argument", requests=0),
)
def list_projects():
    made = {http("POST", "/api/v1/projects", {"name": name("many")})[1]["name"] for _ in range(30)}
    assert made <= {project.name for project in dh.list_projects()}


@check("a changed project is sent back and read again", "update_project, project.refresh")
def update():
    project = dh.new_project(name())
    project.metadata.description = "new words"
    dh.update_project(project)
    project.metadata.labels = ["later"]
    updated(project)
    read = dh.get_project(project.name).refresh()
    assert read.metadata.description == "new words" and read.metadata.labels == ["later"]


@check("a project is shared with a user and no longer shared", "project.share, project.unshare")
def share():
    project = dh.new_project(name())
    path = f"/api/v1/projects/{project.name}/share"
    project.share("bob")
    assert [one["user"] for one in http("GET", path)[1]] == ["bob"]
    project.unshare("bob")
    assert http("GET", path)[1] == []


@check("a project knows its functions, in short or embedded", "project.spec.functions")
def functions_of_project():
    project = dh.new_project(name())
    project.new_function(name="short", kind="container", image=harness.IMAGE)
    project.new_function(name="whole", kind="container", image=harness.IMAGE, embedded=True)
    functions = {one["name"]: one for one in dh.get_project(project.name).to_dict()["spec"]["functions"]}
    assert sorted(functions) == ["short", "whole"]
    assert functions["whole"]["spec"]["image"] == harness.IMAGE and "spec" not in functions["short"]


@check("a deleted project takes functions, tasks, runs and secrets with it", "delete_project(cascade=True)")
def delete():
    project = dh.new_project(name())
    func = project.new_function(name="f", kind="container", image=harness.IMAGE, command="true")
    run = func.run("job")
    project.new_secret(name="s", secret_value="v")
    dh.delete_project(project.name, cascade=True)
    assert http("GET", f"/api/v1/projects/{project.name}")[0] == 404
    harness.gone(run)
    assert http("GET", f"/api/v1/functions/{func.id}")[0] == 404
    again = dh.new_project(project.name)
    assert again.list_secrets() == [] and again.list_functions() == []


@check("a project with something in it is kept when deleting is not to cascade, with the reason", "delete_project(cascade=False)")
def delete_without_cascade():
    project = dh.new_project(name())
    project.new_function(name="f", kind="container", image=harness.IMAGE)
    fails(lambda: dh.delete_project(project.name, cascade=False, clean_context=False), "holds 1 functions")
    assert http("GET", f"/api/v1/projects/{project.name}")[0] == 200


@check("settings that the line asks the server for are answered", "get_k8s_resource_profiles, get_credentials_and_config")
def settings():
    if since("0.15"):
        assert dh.get_k8s_resource_profiles() == ["small"]
    if since("0.14"):
        assert dh.get_credentials_and_config()["DHCORE_ENDPOINT"] == harness.ENDPOINT
    assert http("GET", "/api/auth")[0] == 200 and http("POST", "/api/auth", {})[0] == 200


@check(
    "another profile is chosen and the server still answers",
    "get_current_profile, set_current_profile",
    own_bug(("0.14",), "no attribute 'get_current_profile'", "get_current_profile fails inside the SDK before any request: it calls a method that does not exist", requests=0),
)
def profile():
    before = dh.get_current_profile()
    dh.set_current_profile("other")
    assert dh.get_current_profile() == "other"
    assert dh.get_or_create_project(name()).refresh().name
    dh.set_current_profile(before)
