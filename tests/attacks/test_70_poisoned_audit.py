"""Class 70: one request that cannot be written down stops all others from being written down."""

import json
import sqlite3
import time
from pathlib import Path

import pytest

from sekisho.events.audit import Audit
from sekisho.model.step import Lost, Note, Step
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED
from tests.attacks.house import attacked
from tests.attacks.target import Target

POISON = {
    "half a surrogate": {"client_id": "\ud800"},
    "the other half": {"client_id": "a\udfffb"},
    "many halves": {"client_id": "\ud83d" * 128},
    "half a surrogate as secret": {"client_secret": "\udc00"},
    "half a surrogate as audience": {"audience": "\ud800"},
    "half a surrogate as resource": {"resource": "\ud800"},
    "half a surrogate as grant": {"grant_type": "\ud800"},
    "half a surrogate as scope": {"scope": "\ud800"},
    "signs of 4 bytes": {"client_id": "\U0001f600" * 128},
    "control signs": {"client_id": "\x1b[2J\r\n\x7f"},
    "a long one": {"client_id": "x" * 3_000},
}


def drink(target: Target, poison: dict[str, str]) -> int:
    """A token request with the poison in it."""
    body = json.dumps(target.form("machine") | poison).encode()
    with target.web() as web:
        return web.post(
            "/oauth/token", content=body, headers={"content-type": "application/json"}
        ).status_code


@pytest.mark.parametrize("name", POISON)
def test_no_request_silences_the_audit(target: Target, house_database: Path, name: str) -> None:
    """After any request, the next refusal is in the audit within seconds."""
    status = drink(target, POISON[name])
    witness = f"witness-{name.replace(' ', '-')}"
    with target.web() as web:
        form = target.form("machine", client_id=witness)
        assert web.post("/oauth/token", data=form).status_code == 401
    until = time.monotonic() + 3
    while witness not in audited(house_database):
        assert time.monotonic() < until, "the audit fell silent"
        time.sleep(0.1)
    assert status in (400, 401)


@pytest.fixture(scope="module")
def house_database(poisoned: tuple[Target, Path]) -> Path:
    """The database of a server of its own: who poisons it spoils it for the other tests."""
    return poisoned[1]


@pytest.fixture(scope="module")
def target(poisoned: tuple[Target, Path]) -> Target:
    """The server of its own."""
    return poisoned[0]


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory):
    """A server of its own."""
    with attacked(tmp_path_factory.mktemp("poisoned")) as running:
        yield running.target, running.database


def audited(database: Path) -> str:
    """What the audit says about clients."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return str(connection.execute("SELECT client_id FROM audit").fetchall())
    finally:
        connection.close()


class Picky:
    """A store that cannot keep one of the events."""

    def __init__(self) -> None:
        self.kept: list[str | None] = []

    async def write(self, *steps: Step) -> Lost | None:
        clients = [step.event.client for step in steps if isinstance(step, Note)]
        if "poison" in clients:
            raise ValueError("a text that cannot be encoded")
        self.kept += clients
        return None


async def test_an_event_that_cannot_be_kept_goes_alone() -> None:
    """An event that no store can keep does not hold up those behind it for ever."""
    store = Picky()
    audit = Audit(store, time.time)
    for client in ("first", "poison", "last"):
        audit.refused("t", Refused(CLIENT_AUTH_FAILED), client=client)
    for _ in range(3):
        try:
            await audit.flush()
        except ValueError:
            continue
    assert "last" in store.kept
