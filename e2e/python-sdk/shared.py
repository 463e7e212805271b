"""What several modules of checks begin with."""

import digitalhub as dh

import harness
from harness import name

KEEP = {}


def project():
    """One project for the checks that do not need their own."""
    if "project" not in KEEP:
        KEEP["project"] = dh.get_or_create_project(name("functions"))
    return KEEP["project"]


def new(stem="f", **said):
    return project().new_function(name=name(stem), kind="container", **{"image": harness.IMAGE, **said})
