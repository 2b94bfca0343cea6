"""POST /api/v2/clients/{id}/rotate-secret: a secret is replaced while everything goes on."""

import pytest

from sekisho.keys import secret
from sekisho.model.client import Client
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED, CLIENT_SECRET_EXPIRED
from sekisho.store import Window
from tests.tenants import NOW

DAY = 86_400
OTHERS = {"client_id": "machine"}


async def stored(desk, made) -> Client:
    """The client as the store has it."""
    found: Client = await desk.tenant.store.named(Client, desk.tenant.id, made["client_id"])
    return found


async def refused(desk, made, text: str) -> object:
    """Why a secret is refused now; None if it is good."""
    try:
        secret.prove(text, await stored(desk, made), desk.clock.now)
    except Refused as why:
        return why.reason
    return None


@pytest.fixture
async def made(desk):
    """A client with a secret."""
    return await desk.made("POST /clients", {"name": "Shop"})


async def rotated(desk, made, **body: object):
    """The answer to a rotation."""
    return await desk.made(f"POST /clients/{made['client_id']}/rotate-secret", body or None)


async def test_both_secrets_are_good_for_a_day(desk, made):
    """The answer is the client with its new secret; the previous one ends a day later."""
    answer = await rotated(desk, made)
    assert answer.keys() == made.keys()
    assert len(answer["client_secret"]) == 64
    assert await refused(desk, made, answer["client_secret"]) is None
    assert await refused(desk, made, made["client_secret"]) is None
    desk.clock.now += DAY
    assert await refused(desk, made, made["client_secret"]) is CLIENT_SECRET_EXPIRED
    assert await refused(desk, made, answer["client_secret"]) is None


async def test_the_grace_is_chosen(desk, made):
    """The previous secret stays good for as many seconds as were asked for."""
    await rotated(desk, made, previous_expires_in=60)
    assert [each.expires_at for each in (await stored(desk, made)).secrets] == [NOW + 60, None]


async def test_without_grace_the_previous_one_ends_at_once(desk, made):
    """After a leak the previous secret is good for nothing from now on."""
    answer = await rotated(desk, made, previous_expires_in=0)
    assert await refused(desk, made, made["client_secret"]) is CLIENT_AUTH_FAILED
    assert await refused(desk, made, answer["client_secret"]) is None


async def test_there_are_never_more_than_two(desk, made):
    """A second rotation ends the first secret, also within its grace; a grace is never lengthened."""
    first = await rotated(desk, made, previous_expires_in=60)
    desk.clock.now += 1
    second = await rotated(desk, made)
    assert await refused(desk, made, made["client_secret"]) is CLIENT_AUTH_FAILED
    assert await refused(desk, made, first["client_secret"]) is None
    assert await refused(desk, made, second["client_secret"]) is None
    assert len((await stored(desk, made)).secrets) == 2


async def test_a_secret_is_said_once(desk, made):
    """The new secret is in that one answer: neither in later ones, nor in the audit or the logs."""
    new = (await rotated(desk, made))["client_secret"]
    for line in ("GET /clients", f"GET /clients/{made['client_id']}", "GET /logs"):
        assert new not in str((await desk.ask(line)).json)
    event, *_ = await desk.tenant.store.events(desk.tenant.id, {"slug": "client_secret_rotated"}, Window())
    assert event.detail == {"client_id": made["client_id"]}
    assert new not in str(await stored(desk, made))


@pytest.mark.parametrize(
    "body",
    [
        {"app_type": "spa"},
        {"token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "private_key_jwt"},
    ],
)
async def test_a_client_without_secrets_has_none_to_rotate(desk, body):
    """A client that does not authenticate with a secret gets none."""
    made = await desk.made("POST /clients", {"name": "Shop", **body})
    answer = await desk.ask(f"POST /clients/{made['client_id']}/rotate-secret")
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert desk.refused.reason.slug == "secret_unused"


async def test_rotation_is_meant_for_a_version(desk, made):
    """Two rotations that were meant for the same version are one."""
    line = f"POST /clients/{made['client_id']}/rotate-secret"
    assert (await desk.ask(line, if_match='"1"')).status == 200
    assert (await desk.ask(line, if_match='"1"')).status == 412


async def test_an_unknown_client_has_no_secret(desk):
    """The secret of a client that does not exist cannot be replaced."""
    assert (await desk.ask("POST /clients/nobody/rotate-secret")).status == 404


@pytest.mark.parametrize("value", [-1, 2_592_001, 1.5, "60", True])
async def test_refuses_a_grace_that_makes_no_sense(desk, made, value):
    """A grace is a whole number of seconds, thirty days at most."""
    answer = await desk.ask(
        f"POST /clients/{made['client_id']}/rotate-secret", {"previous_expires_in": value}
    )
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
