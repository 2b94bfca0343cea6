"""How long an attack may keep the server busy, and what it has to answer then."""

import time

import httpx

PATIENCE = 2.0  # finds what hangs; it measures nothing
MEGABYTE = 1024 * 1024


def is_refused(answer: httpx.Response, asked: float) -> None:
    """In good time, by a refusal of ours."""
    assert time.monotonic() - asked < PATIENCE, answer.request.url
    assert 400 <= answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["error"]
