"""Secrets and their values."""

import digitalhub as dh

import harness
from harness import by_design, check, fails, http, name, since, updated
from shared import project


def made(value="v1"):
    return project().new_secret(name=name("sec"), secret_value=value)


@check("a secret is made, and its value is only behind read_secret_value", "new_secret, secret.read_secret_value")
def create():
    secret = made("hidden-value")
    assert secret.read_secret_value() == "hidden-value"
    assert "hidden-value" not in str(http("GET", f"/api/v1/-/{secret.project}/secrets/{secret.id}")[1])
    assert "hidden-value" not in str(http("GET", f"/api/v1/-/{secret.project}/secrets")[1])
    assert dh.new_secret(secret.project, name("sec"), secret_value="x").kind == "secret"


@check("a secret's value is replaced", "secret.set_secret_value")
def replace():
    secret = made()
    secret.set_secret_value("v2")
    assert secret.read_secret_value() == "v2"


@check("a secret is found by key, by name and by id, and listed", "get_secret, list_secrets")
def get():
    secret = made()
    assert dh.get_secret(secret.name, project=secret.project).id == dh.get_secret(secret.key).id == secret.id
    assert project().get_secret(secret.name).id == secret.refresh().id == secret.id
    assert secret.name in [one.name for one in dh.list_secrets(secret.project)]


@check("a secret of a taken name is refused", "new_secret (duplicate)")
def duplicate():
    secret = made()
    fails(lambda: dh.new_secret(secret.project, secret.name, secret_value="x"), "already exists")
    assert secret.read_secret_value() == "v1"


@check("what describes a secret is changed", "update_secret")
def update():
    secret = made()
    secret.metadata.description = "new"
    dh.update_secret(secret)
    updated(secret)
    assert dh.get_secret(secret.key).metadata.description == "new" and secret.read_secret_value() == "v1"


@check(
    "versions of a secret are listed",
    "get_secret_versions",
    by_design(("0.15", "0.16"), "get_secret_versions", "this line has no versions of secrets any more"),
)
def versions():
    secret = made()
    assert [one.id for one in dh.get_secret_versions(secret.name, project=secret.project)] == [secret.id]


@check("more secrets than a page holds are all listed", "list_secrets (> 100 entries)")
def many():
    own = name("many")
    http("POST", "/api/v1/projects", {"name": own})
    for index in range(110):
        http("POST", f"/api/v1/-/{own}/secrets", {"name": f"s-{index}"})
    assert len({one.id for one in dh.list_secrets(own)}) == 110


@check("a secret is deleted, and its value with it", "delete_secret")
def delete():
    secret = made()
    dh.delete_secret(secret.key)
    fails(lambda: dh.get_secret(secret.key), "No such secret")
    assert http("GET", f"/api/v1/-/{secret.project}/secrets/data?keys={secret.name}")[1] == {}
    again = project().new_secret(name=secret.name, secret_value="other")
    project().delete_secret(again.key)
