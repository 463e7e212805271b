"""Runs checks of one folder in this line of the SDK and prints one JSON line for each, on file descriptor 3: the SDK itself writes on stdout."""

import importlib
import json
import os
import sys

import harness

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.environ.get("CHECK_FOLDER", "checks"))


def main():
    sys.path.insert(0, FOLDER)
    modules = os.environ.get("CHECK_MODULES")
    for module in modules.split(",") if modules else sorted(file[:-3] for file in os.listdir(FOLDER) if file.endswith(".py")):
        importlib.import_module(module)
    only = os.environ.get("ONLY_CHECK", "")
    with os.fdopen(3, "w") as out:
        for entry in harness.CHECKS:
            if only not in entry[0]:
                continue
            out.write(json.dumps(harness.run_check(*entry), default=str) + "\n")
            out.flush()


main()
