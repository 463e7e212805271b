"""What the checks of the official SDK are written with: each is a sentence, and says one JSON line about itself.

A check runs in every line of the SDK. Where a line cannot do it, `own_bug` or `by_design` say so, with the error that proves it: if the
line does not fail in that way any more, the check fails.
"""

import json
import os
import time
import traceback
import urllib.error
import urllib.request
import uuid

import requests

CHECKS = []
LINE = os.environ["SDK_LINE"]
ENDPOINT = os.environ["DHCORE_ENDPOINT"]
IMAGE = os.environ["TEST_IMAGE"]
PATIENCE_S = 60
ENGINE = os.environ.get("TEST_ENGINE", "docker")

EXCHANGES = []
MARKS = []
_send = requests.Session.request


def _recorded(self, method, url, **kwargs):
    """Every request of the SDK, with its answer: the proof where a line fails."""
    exchange = {"request": f"{method} {url.replace(ENDPOINT, '')}", "params": kwargs.get("params"), "body": kwargs.get("data") or kwargs.get("json")}
    exchange["credentials"] = "Basic" if kwargs.get("auth") else ((kwargs.get("headers") or {}).get("Authorization") or "").partition(" ")[0] or None
    EXCHANGES.append(exchange)
    answer = _send(self, method, url, **kwargs)
    exchange["status"] = answer.status_code
    exchange["answer"] = answer.text[:2000]
    return answer


requests.Session.request = _recorded


class Expected:
    def __init__(self, kind, lines, error, reason, status=None, requests=None):
        self.kind, self.lines, self.error, self.reason = kind, lines, error, reason
        self.status, self.requests = status, requests


def own_bug(lines, error, reason, **proof):
    """The line fails before or after a request that was answered as it should be. `error` is a part of what it says."""
    return Expected("own bug", lines, error, reason, **proof)


def by_design(lines, error, reason, **proof):
    """The line does not have it. `error` is a part of the clear answer that a user gets."""
    return Expected("not offered", lines, error, reason, **proof)


def check(sentence, call, *expected):
    def register(function):
        CHECKS.append((sentence, call, function, expected))
        return function

    return register


def from_here():
    """From here on a check that a line is known to fail counts its requests: what comes before only prepares it."""
    MARKS.append(len(EXCHANGES))


def since(line):
    """Whether this line is `line` or a later one."""
    return tuple(map(int, LINE.split("."))) >= tuple(map(int, line.split(".")))


def name(stem="p"):
    """A name that no other check uses."""
    return f"{stem}-{uuid.uuid4().hex[:8]}"


def http(method, path, body=None):
    """A call of the API without the SDK: status and parsed answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ENDPOINT + path, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def until(what, wanted, seconds=PATIENCE_S):
    """Asks until it is as wanted; `wanted` takes what `what` gives."""
    end = time.time() + seconds
    while True:
        seen = what()
        if wanted(seen):
            return seen
        assert time.time() < end, f"still {seen}"
        time.sleep(0.2)


def in_state(run, *states):
    """The run, read again by the SDK until it is in one of these states."""

    def state():
        run.refresh()
        return run.status.state

    until(state, lambda seen: seen in states)
    return run


def gone(run):
    """Waits until a deleted run is."""
    until(lambda: http("GET", f"/api/v1/-/{run.project}/runs/{run.id}")[0], lambda status: status == 404)


def listed(call, /, *args, **filters):
    """A list with filters, as each line takes them."""
    return call(*args, **filters) if since("0.14") else call(*args, params=filters)


def updated(entity):
    """Sends an entity back changed."""
    return entity.update() if since("0.16") else entity.save(update=True)


def task_name(action):
    """How the line calls a task in `new_task`, `get_task` …"""
    return action if since("0.15") else f"container+{action}"


def remove(run):
    """Deletes a run without the SDK, for checks that are not about that."""
    http("DELETE", f"/api/v1/-/{run.project}/runs/{run.id}")


def fails(function, text, *texts):
    """The error of a call that must fail, and whose text holds these: another failure is none."""
    try:
        function()
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        for wanted in (text, *texts):
            if wanted not in seen:
                raise AssertionError(f"{wanted!r} is not in {seen!r}") from error
        return error
    raise AssertionError("it did not fail")


def _proof(exchanges):
    return [{key: value for key, value in exchange.items() if value is not None} for exchange in exchanges[-3:]]


def _judge(expected, error, exchanges):
    """What became of a check that a line is known to fail."""
    if error is None:
        return {"result": "failed", "detail": f"expected: {expected.reason}, but it works"}
    if isinstance(error, AssertionError) and error.__cause__:
        error = error.__cause__  # what the line said, not that it was something else
    seen = f"{type(error).__name__}: {error}"
    if expected.error not in seen:
        return {"result": "failed", "detail": f"expected an error with {expected.error!r}, got {seen}", "trace": traceback.format_exc()}
    if expected.requests is not None and len(exchanges) != expected.requests:
        return {"result": "failed", "detail": f"expected {expected.requests} requests, saw {_proof(exchanges)}"}
    if expected.status is not None and (not exchanges or exchanges[-1].get("status") != expected.status):
        return {"result": "failed", "detail": f"expected the answer {expected.status}, saw {_proof(exchanges)}"}
    return {"result": expected.kind, "reason": expected.reason, "detail": seen[:500], "exchanges": _proof(exchanges)}


def run_check(sentence, call, function, all_expected):
    expected = next((one for one in all_expected if LINE in one.lines), None)
    before = len(EXCHANGES)
    started = time.time()
    error = None
    outcome = {"result": "works"}
    try:
        function()
    except Exception as raised:  # an assertion is one too
        error = raised
        if expected is None:
            detail = f"{type(raised).__name__}: {raised}"[:2000]
            outcome = {"result": "failed", "detail": detail, "trace": traceback.format_exc()[-3000:], "exchanges": _proof(EXCHANGES[before:])}
    if expected is not None:
        outcome = _judge(expected, error, EXCHANGES[max([before, *MARKS]) :])
    return {"sentence": sentence, "call": call, "seconds": round(time.time() - started, 2), **outcome}


def tried(function):
    """What a call gives, or None where it fails: for what takes a moment to be there."""
    try:
        return function()
    except requests.RequestException:
        return None


def log_text(run):
    """All that a run wrote, whatever the form in which its line gives logs."""
    import base64

    def text(entry):
        if isinstance(entry, str):
            return entry
        if isinstance(entry, dict):
            return base64.b64decode(entry["content"]).decode() if not since("0.14") else entry["content"]
        return entry.text

    return "".join(text(entry) for entry in run.logs())
