"""The mission page's snippets, call for call."""

import digitalhub as dh
import harness
from harness import by_design, check, fails, gone, in_state, since


@check("the first snippet of the mission page makes its project and refuses a kind without a runtime by name", "new_function(kind='dbt')")
def first_snippet():
    project = dh.get_or_create_project("my-project")
    assert project.name == "my-project"
    fails(lambda: dh.new_function(project="my-project", kind="dbt", name="my_function", image="hello-world:latest"), "dbt" if not since("0.16") else "No such spec")


@check("the page's first project name, my_project, is refused with what is allowed, as by the reference", "get_or_create_project('my_project')")
def project_name_of_the_page():
    # The page's my_project is refused by the reference too: a project's name becomes part of network and namespace names.
    fails(lambda: dh.get_or_create_project("my_project"), "lower-case letters, digits and -")


@check("the job of the mission page runs to its end and its logs are there", "run('job')")
def mission_job():
    proj = dh.get_or_create_project("project-container")
    func_cont = proj.new_function(name="function-container", kind="container", image="hello-world:latest")
    run_cont = func_cont.run("job")
    run_cont.wait()
    assert run_cont.status.state == "COMPLETED", run_cont.status.to_dict()
    assert "Hello from Docker!" in str(harness.log_text(run_cont))


@check("the service of the mission page answers on its port", "run('serve', service_ports=…, service_type='NodePort')")
def mission_serve():
    proj = dh.get_or_create_project("project-container")
    func_serve = proj.new_function(name="function-serve", kind="container", image="ghcr.io/scc-digitalhub/digitalhub-core-streamlit:latest")
    run_serve = func_serve.run("serve", service_ports=[{"port": 8085, "target_port": 8501}], service_type="NodePort")
    try:
        run_serve.wait()
        assert run_serve.status.service["type"] == "NodePort", run_serve.status.service
        assert "://" not in run_serve.status.service["url"]
        in_state(run_serve, "RUNNING")
        answer = harness.until(lambda: harness.tried(lambda: run_serve.invoke(method="GET")), lambda seen: seen is not None)
        assert answer.status_code == 200 and "It runs." in answer.text
    finally:
        harness.remove(run_serve)
    gone(run_serve)


@check(
    "the deployment of the mission page stays up until it is stopped",
    "run('deploy')",
    by_design(("0.15", "0.16"), "deploy", "the runtime plugin of this line has no action deploy: the SDK says so before it asks for a run"),
)
def mission_deploy():
    proj = dh.get_or_create_project("project-container")
    func = proj.new_function(name="function-deploy", kind="container", image=harness.IMAGE, command="sleep")
    run = func.run("deploy", args=["600"], replicas=1)
    in_state(run, "RUNNING")
    http_stop(run)
    in_state(run, "STOPPED")
    harness.remove(run)


def http_stop(run):
    """SDK 0.13 cannot stop (its own bug): that is a check of its own."""
    if since("0.14"):
        run.stop()
    else:
        assert harness.http("POST", f"/api/v1/-/{run.project}/runs/{run.id}/stop")[0] == 200


@check("the parameters of the mission page are taken by run, and those that have no meaning here are noted, not lost", "run(node_selector=…, volumes=…, resources=…, labels=…, affinity=…, tolerations=…, envs=…, secrets=…)")
def mission_parameters():
    proj = dh.get_or_create_project("project-container")
    if not any(one.name == "mission_secret" for one in proj.list_secrets()):
        proj.new_secret(name="mission_secret", secret_value="mission-value")
    func = proj.new_function(name="parameters", kind="container", image=harness.IMAGE, command="sh")
    resources = {"cpu": "100m", "mem": "64Mi"} if since("0.14") else {"cpu": {"requests": "100m"}, "mem": {"limits": "64Mi"}}
    more = {"labels": ["nightly"]}
    if not since("0.15"):
        more |= {"node_selector": [{"key": "disk", "value": "ssd"}], "affinity": on_disk("ssd")}
        more |= {"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoExecute", "toleration_seconds": 60}]}
    run = func.run(
        "job",
        args=["-c", 'echo "$COLOUR $(cat /data/none 2>/dev/null || echo mounted)"; [ "$mission_secret" = mission-value ] && echo has-secret'],
        volumes=[{"volume_type": "empty_dir", "name": "data", "mount_path": "/data", "spec": {}}],
        resources=resources,
        envs=[{"name": "COLOUR", "value": "green"}],
        secrets=["mission_secret"],
        **more,
    )
    in_state(run, "COMPLETED", "ERROR")
    assert run.status.state == "COMPLETED", run.status.to_dict()
    text = harness.log_text(run)
    assert "green mounted" in text and "has-secret" in text, text
    if not since("0.15"):
        raw = harness.http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[1]
        noted = sorted(note["path"] for note in raw["status"].get("notes", []) if note["code"] == "not-honoured")
        placed = ["spec.affinity", "spec.node_selector", "spec.tolerations"]
        assert noted == ([] if harness.ENGINE == "kubernetes" else placed), raw["status"]
        assert raw["spec"]["affinity"] == on_disk("ssd") and raw["spec"]["tolerations"] == more["tolerations"], raw["spec"]
        if harness.ENGINE == "kubernetes":
            nowhere = func.run("job", args=["-c", "true"], affinity=on_disk("tape"))
            path = f"/api/v1/-/{nowhere.project}/runs/{nowhere.id}"
            harness.until(lambda: harness.http("GET", path)[1]["status"].get("verdict", {}).get("code"), lambda code: code == "unschedulable-affinity")
            harness.remove(nowhere)


def on_disk(kind):
    """An affinity as the models of SDK ≤ 0.14 spell it."""
    term = {"match_expressions": [{"key": "disk", "operator": "In", "values": [kind]}]}
    return {"node_affinity": {"required_during_scheduling_ignored_during_execution": {"node_selector_terms": [term]}}}
