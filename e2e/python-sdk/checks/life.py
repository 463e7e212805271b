"""What happens to containers: ends, failures, logs, stop, resume, services."""

import base64

import digitalhub as dh

import harness
from harness import check, fails, http, in_state, own_bug, since
from shared import new


def shell(**said):
    return new("shell", command="sh", **said)


def started(action, script, **said):
    return shell().run(action, args=["-c", script], **said)


@check("wait returns when a job has ended, and also when it has failed", "run.wait")
def wait():
    bad = in_state(started("job", "exit 3"), "ERROR")
    bad.wait(log_info=False)
    assert bad.status.state == "ERROR" and "3" in bad.status.message, bad.status.to_dict()


@check("a run can wait for its end in the same call", "function.run(wait=True)")
def run_and_wait():
    assert shell().run("job", wait=True, log_info=False, args=["-c", "true"]).status.state == "COMPLETED"


@check("a job's logs are those of its container, all lines of both streams, in the form of this line", "run.logs")
def logs():
    run = in_state(started("job", "echo first; echo second >&2; echo Grüße"), "COMPLETED")
    text = harness.log_text(run)
    assert sorted(text.split()) == ["Grüße", "first", "second"], text
    entry = run.logs()[0]
    forms = {"0.13": dict, "0.14": dict, "0.16": str}
    if harness.LINE in forms:
        assert isinstance(entry, forms[harness.LINE]), type(entry)
    else:
        assert type(entry).__name__ == "Log", type(entry)


@check("a run that wrote nothing has logs all the same, and one that never ran has none", "run.logs (empty)")
def no_logs():
    quiet = in_state(started("job", "true"), "COMPLETED")
    assert harness.log_text(quiet) == ""
    local = http("POST", f"/api/v1/-/{quiet.project}/runs", {"kind": quiet.kind, "spec": {"task": quiet.spec.task, "local_execution": True}})[1]
    assert len(dh.get_run(local["id"], project=quiet.project).logs()) == 0


@check("logs of a run that goes on are there while it does", "run.logs (running)")
def live_logs():
    run = in_state(started("job", "echo early; sleep 300"), "RUNNING")
    harness.until(lambda: harness.log_text(run), lambda text: "early" in text)
    harness.remove(run)


@check("an image that does not exist ends the run with the reason", "run.status.message")
def no_image():
    func = new(image="localhost/davit/no-such-image:1", image_pull_policy="Never") if since("0.14") else new(image="localhost/davit/no-such-image:1")
    run = in_state(func.run("job"), "ERROR")
    assert "image" in run.status.message.lower(), run.status.message


@check("arguments, environment and volumes of a run reach its container", "run('job', args, envs, volumes)")
def reach():
    run = started(
        "job",
        'echo "$A-$1"; echo kept > /data/file && cat /data/file',
        envs=[{"name": "A", "value": "b c"}],
        volumes=[{"volume_type": "ephemeral" if since("0.13") else "empty_dir", "name": "v", "mount_path": "/data", "spec": {"size": "10Mi"}}],
    )
    in_state(run, "COMPLETED", "ERROR")
    assert "b c-" in harness.log_text(run) and "kept" in harness.log_text(run), (run.status.to_dict(), harness.log_text(run))


@check("secrets reach the container that asked for them, and are not in the run", "run('job', secrets=[…])")
def secrets():
    func = shell()
    project = dh.get_project(func.project)
    secret = project.new_secret(name=harness.name("KEY").replace("-", "_"), secret_value="a-canary-value")
    run = in_state(func.run("job", args=["-c", f'echo ${secret.name} | base64'], secrets=[secret.name]), "COMPLETED")
    assert base64.b64decode(harness.log_text(run)).decode().strip() == "a-canary-value"
    assert "a-canary-value" not in str(http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[1])


@check("a secret that does not exist is refused by its name", "run('job', secrets=[…]) (missing)")
def missing_secret():
    fails(lambda: started("job", "true", secrets=["no-such-secret"]), "no-such-secret")


@check(
    "a running job is stopped and says who stopped it",
    "run.stop",
    own_bug(("0.13",), "TypeError", "run.stop fails inside the SDK before any request: it leaves out an argument", requests=0),
)
def stop():
    run = in_state(started("job", "trap 'exit 0' TERM; sleep 300 & wait"), "RUNNING")
    harness.from_here()
    try:
        run.stop()
        in_state(run, "STOPPED")
        assert "stopped" in run.status.message
        fails(run.stop, "Invalid transition from state STOPPED")
    finally:
        harness.remove(run)


@check(
    "a stopped service is resumed and answers again",
    "run.resume",
    own_bug(("0.13",), "TypeError", "run.resume fails inside the SDK before any request: it leaves out an argument", requests=0),
)
def resume():
    func = new("web", command="httpd")
    run = func.run("serve", args=["-f", "-p", "8501", "-h", "/www"], service_ports=[{"port": 8086, "target_port": 8501}], service_type="NodePort") if since("0.14") else dh.get_run(
        in_state(started("job", "sleep 300"), "RUNNING").id, project=func.project
    )
    try:
        in_state(run, "RUNNING")
        http("POST", f"/api/v1/-/{run.project}/runs/{run.id}/stop")
        in_state(run, "STOPPED")
        harness.from_here()
        run.resume()
        in_state(run, "RUNNING")
        answer = harness.until(lambda: harness.tried(lambda: run.invoke()), lambda seen: seen is not None)
        assert answer.status_code == 200
    finally:
        harness.remove(run)


@check("a service tells its address without a scheme, and invoke reaches it", "run('serve'), run.wait, run.invoke")
def serve():
    func = new("web", command="httpd")
    run = func.run("serve", args=["-f", "-p", "8501", "-h", "/www"], service_ports=[{"port": 8087, "target_port": 8501}], service_type="NodePort")
    try:
        run.wait(log_info=False)
        assert run.status.service["ports"][0]["port"] == 8087 and "://" not in run.status.service["url"], run.status.service
        answer = harness.until(lambda: harness.tried(lambda: run.invoke(method="GET")), lambda seen: seen is not None)
        assert "It runs." in answer.text
    finally:
        harness.remove(run)


@check("a service without ports is refused with the reason", "run('serve') (no ports)")
def no_ports():
    fails(lambda: new("web").run("serve"), "service_ports")


@check("a build is refused: Davit runs images, it makes none", "run('build')")
def build():
    fails(lambda: new("built", base_image="app:1").run("build", instructions=["RUN true"]), "No such spec")


@check("a function without an image is refused when it is to run", "run('job') (no image)")
def image_missing():
    func = dh.new_function(project=new().project, name=harness.name("bare"), kind="container")
    fails(lambda: func.run("job"), "spec.image is required")


@check("an image that needs no pull is used under every pull policy that allows it", "run('job', image_pull_policy=…)")
def pull_policies():
    for policy in ("IfNotPresent", "Never") if since("0.14") else ("IfNotPresent",):
        func = new("policy", command="true", **({"image_pull_policy": policy} if since("0.14") else {}))
        in_state(func.run("job"), "COMPLETED")


@check("resources of a run are its container's limits", "run('job', resources=…)")
def resources():
    limits = {"mem": "64Mi"} if since("0.14") else {"mem": {"limits": "64Mi"}}
    run = in_state(started("job", "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes", resources=limits), "COMPLETED")
    assert harness.log_text(run).strip() == str(64 * 2**20), harness.log_text(run)


@check("a profile of the server is applied to the run that names it, and an unknown one is refused with those that there are", "run('job', profile=…)")
def profile():
    run = in_state(started("job", "echo $SIZE; cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes", profile="small"), "COMPLETED")
    assert harness.log_text(run).split() == ["small", str(64 * 2**20)], harness.log_text(run)
    assert run.spec.profile == "small"
    fails(lambda: started("job", "true", profile="huge"), "known are: small")


@check("a job that uses more memory than it may says so", "run.status (out of memory)")
def out_of_memory():
    limits = {"mem": "16Mi"} if since("0.14") else {"mem": {"limits": "16Mi"}}
    run = in_state(started("job", "tail /dev/zero", resources=limits), "ERROR")
    assert "memory" in run.status.message.lower(), run.status.message
