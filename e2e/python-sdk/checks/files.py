"""Export, import and load of YAML files."""

import digitalhub as dh
import yaml

import harness
from harness import by_design, check, fails, in_state, listed, name, since, task_name
from shared import new

NO_KEY = by_design(("0.13",), "key", "import of this line takes files only")


@check("an exported function is a YAML file, and is imported again with the tasks that are written behind it", "function.export, import_function")
def function():
    func = new(image="app:1")
    task = func.new_task(task_name("job"), envs=[{"name": "A", "value": "1"}])
    path = func.export()
    (exported,) = yaml.safe_load_all(open(path))  # no line writes tasks by itself
    assert exported["spec"]["image"] == "app:1" and exported["kind"] == "container"
    with open("with-task.yaml", "w") as file:
        yaml.safe_dump_all([exported, task.to_dict()], file)
    dh.delete_function(func.key)
    back = dh.import_function("with-task.yaml")
    assert back.id == func.id and back.spec.image == "app:1"
    assert dh.get_function(func.key).id == func.id
    (kept,) = listed(dh.list_tasks, func.project, function=f"container://{func.project}/{func.name}:{func.id}")
    assert kept.id == task.id and kept.to_dict()["spec"]["envs"] == [{"name": "A", "value": "1"}], kept.to_dict()
    fails(lambda: dh.import_function(path), "already exists")


@check("an imported function can be given a new id, as a new version", "import_function(reset_id=True)", by_design(("0.13",), "reset_id", "import_function of this line cannot give new ids"))
def reset():
    func = new()
    back = dh.import_function(func.export(), reset_id=True)
    assert back.id != func.id and len(dh.get_function_versions(func.name, project=func.project)) == 2


@check("a function is imported by the key of another", "import_function(key=…)", NO_KEY)
def by_key():
    func = new()
    back = dh.import_function(key=func.key, reset_id=True)
    assert back.id != func.id and back.name == func.name


@check("loading a file changes what exists and makes what does not", "load_function")
def load():
    func = new()
    path = func.export()
    document = yaml.safe_load(open(path))
    document["metadata"]["description"] = "loaded"
    yaml.safe_dump(document, open("load.yaml", "w"))
    assert dh.load_function("load.yaml").metadata.description == "loaded"
    dh.delete_function(func.key)
    assert dh.load_function("load.yaml").id == func.id
    assert dh.get_function(func.key).metadata.description == "loaded"


@check("a whole project is exported, deleted, imported and loaded, with its functions", "project.export, import_project, load_project")
def project():
    own = dh.new_project(name("exported"), **({"source": "./"} if since("0.14") else {"context": "./"}))
    func = own.new_function(name="kept", kind="container", image="app:1")
    own.new_function(name="embedded", kind="container", image="app:2", embedded=True)
    own = dh.get_project(own.name)
    path = own.export()
    dh.delete_project(own.name, clean_context=False)
    back = dh.import_project(path)
    assert back.name == own.name
    assert sorted(one.name for one in dh.list_functions(own.name)) == ["embedded", "kept"]
    assert dh.get_function(func.key).spec.image == "app:1"
    assert dh.load_project(path).name == own.name


@check("a project is imported with what Davit runs, and without the artifacts and models that are embedded in it", "import_project (foreign entities)")
def foreign():
    own = dh.new_project(name("mixed"), **({"source": "./"} if since("0.14") else {"context": "./"}))
    own.new_function(name="kept", kind="container", image="app:1", embedded=True)
    path = dh.get_project(own.name).export()
    dh.delete_project(own.name, clean_context=False)
    document = yaml.safe_load(open(path))
    for section, kind in (("artifacts", "artifact"), ("models", "model"), ("dataitems", "dataitem")):
        spec, metadata = {"path": "s3://lake/file"}, {"project": own.name, "name": "foreign", "embedded": True}
        entity = {"kind": kind, "name": "foreign", "id": "f" * 32, "project": own.name, "key": f"store://{own.name}/{kind}/{kind}/foreign:{'f' * 32}"}
        document["spec"][section] = [{**entity, "metadata": metadata, "spec": spec, "status": {"state": "CREATED"}}]
    with open("mixed.yaml", "w") as file:
        yaml.safe_dump(document, file)
    assert dh.import_project("mixed.yaml").name == own.name
    assert [one.name for one in dh.list_functions(own.name)] == ["kept"]
    assert dh.list_artifacts(own.name) == dh.list_models(own.name) == []


@check("a task and a run are exported and imported", "task.export, import_task, run.export, import_run")
def others():
    func = new(command="true")
    run = in_state(func.run("job"), "COMPLETED")
    task = func.get_task(task_name("job"))
    task_file, run_file = task.export(), run.export()
    func.delete_task(task_name("job"))
    harness.gone(run)
    assert dh.import_task(task_file).id == task.id
    assert dh.load_task(task_file).id == task.id
    back = dh.import_run(run_file)
    assert back.id == run.id
    in_state(dh.get_run(run.id, project=run.project), "COMPLETED")
    assert dh.load_run(run_file).id == run.id


@check("a secret is exported without its value, imported and loaded", "secret.export, import_secret, load_secret")
def secret():
    own = dh.get_project(new().project)
    made = own.new_secret(name=name("sec"), secret_value="not-in-files")
    path = made.export()
    assert "not-in-files" not in open(path).read()
    dh.delete_secret(made.key)
    assert dh.import_secret(path).id == made.id
    assert dh.load_secret(path).id == made.id
