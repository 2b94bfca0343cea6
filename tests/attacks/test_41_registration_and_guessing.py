"""Class 41: strangers register clients, or guess the secrets of those that are there."""

import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sekisho.model.step import Save
from sekisho.web import limit
from tests.attacks.assertions import Signing, signing
from tests.attacks.double import Double
from tests.attacks.forgery import INTRUDER, forged, nobody_came_in
from tests.attacks.target import CROWDED, MACHINE, METADATA, RS, Target
from tests.servers import made

WISH = {"client_name": INTRUDER, "name": INTRUDER, "redirect_uris": ["https://evil.example/cb"]}
PLACES = (
    "/register", "/oidc/register", "/oauth/register", "/connect/register", "/clients", "/oauth/clients",
    "/api/v2/clients/register", "/api/v2/oidc/register", "/.well-known/oauth-client", "/t/acme/register",
    "/oauth2/register", "/reg", "/api/register-client", "/clients-registrations/default",
)  # fmt: skip
BURST = 20


@pytest.mark.parametrize("place", PLACES)
def test_strangers_register_nobody(target: Target, place: str) -> None:
    """There is no registration that strangers could use, at no usual address and by no method."""
    with target.web() as web:
        for method in ("POST", "PUT", "PATCH", "GET"):
            answer = web.request(method, place, json=WISH)
            assert answer.status_code in (401, 404, 405), (method, answer.text)


def test_no_registration_is_advertised(target: Target) -> None:
    """What is not there is not advertised either."""
    with target.web() as web:
        for place in METADATA:
            assert "registration_endpoint" not in web.get(place).json()


def passes(target: Target) -> Iterator[dict[str, str]]:
    """What somebody without a token sends in the place of one."""
    secret, id = target.clients["machine"]["client_secret"], target.clients["machine"]["client_id"]
    claims = {"iss": "https://id.example.com/", "sub": id, "scope": "create:clients", "exp": 4e9}
    basic = base64.b64encode(f"{id}:{secret}".encode()).decode()
    for text in ("", "Bearer", "Bearer null", f"Basic {basic}", f"Bearer {secret}", f"Bearer {id}"):
        yield {"authorization": text}
    for alg in ("none", "None", "HS256"):
        yield {"authorization": f"Bearer {forged({'alg': alg}, claims)}"}
    yield {"authorization": f"Bearer {target.token('machine')}"}
    yield {"x-registration-token": secret, "registration-access-token": secret}


def test_clients_are_made_by_administrators(target: Target) -> None:
    """Without a token that may, nobody touches a client: nor does the client itself."""
    id = target.clients["machine"]["client_id"]
    for headers in passes(target):
        with target.web(headers=headers) as web:
            for method, place in (
                ("POST", "clients"), ("GET", f"clients/{id}"), ("PATCH", f"clients/{id}"), ("PUT",
                f"clients/{id}"),
                ("DELETE", f"clients/{id}"), ("POST", f"clients/{id}/rotate-secret"),
                ("POST", f"clients/{id}/credentials"), ("POST", "client-grants"),
            ):  # fmt: skip
                answer = web.request(method, f"/api/v2/{place}", json=WISH)
                assert answer.status_code in (401, 404, 405), (method, place, answer.text)
    nobody_came_in(target)
    assert target.token("machine")


def guesses(target: Target) -> Iterator[dict[str, Any]]:
    """One wrong secret after the other, in every place where a secret can be."""
    id = target.clients["guessed"]["client_id"]
    bare = {"grant_type": "client_credentials", "audience": RS}
    for n in range(10_000):
        text = f"guess-{n}"
        basic = base64.b64encode(f"{id}:{text}".encode()).decode()
        odd = base64.b64encode(f"{''.join(f'%{ord(c):02x}' for c in id)}:{text}".encode()).decode()
        yield {"data": {**bare, "client_id": id, "client_secret": text}}
        yield {"json": {**bare, "client_id": id, "client_secret": text}}
        yield {"data": bare, "headers": {"authorization": f"Basic {basic}"}}
        yield {"data": bare, "headers": {"authorization": f"bAsIc  {odd}"}}


async def paced(double: Double, **rates: float) -> None:
    """The policy of the double, with these limits."""
    record = double.tenant.record
    policy = replace(CROWDED, **rates)
    assert await double.tenant.change(Save(replace(record, policy=policy))) is None


@pytest.fixture
async def slowed(double: Double) -> AsyncIterator[Double]:
    """A double where each client may ask no oftener than a few times, and one that nobody asked for yet."""
    with double.target.manage() as manage:
        guessed = double.target.clients["guessed"] = made(manage, "clients", name="Guessed", **MACHINE)
        made(manage, "client-grants", client_id=guessed["client_id"], audience=RS, scope=["read:things"])
    await paced(double, token_client_rate=0.01, token_client_burst=BURST)
    yield double
    await paced(double)


def tried(web: httpx.Client, told: Iterator[dict[str, Any]], most: int) -> list[int]:
    """The statuses of this many guesses."""
    return [web.post("/oauth/token", **next(told)).status_code for _ in range(most)]


def test_guessing_has_a_pace(slowed: Double) -> None:
    """Guesses at one client are limited together, wherever they are; then the right one is refused too."""
    target = slowed.target
    with target.web() as web:
        found = tried(web, guesses(target), BURST + 10)
        assert found == [401] * BURST + [429] * 10
        answer = web.post("/oauth/token", data=target.form("guessed"))
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        for place in ("/oauth/introspect", "/oauth/revoke"):
            form = target.form("guessed", token="x")
            assert web.post(place, data=form).status_code in (200, 403)
        assert web.post("/oauth/token", data=target.form("neighbour")).status_code == 200


def test_each_endpoint_has_its_pace(slowed: Double) -> None:
    """Where else a secret can be tried, it is limited as well."""
    target = slowed.target
    with target.web() as web:
        for place in ("/oauth/introspect", "/oauth/revoke"):
            form = target.form("guessed", token="x", client_secret="wrong")
            found = [web.post(place, data=form).status_code for _ in range(BURST + 5)]
            assert found == [401] * BURST + [429] * 5


def test_headers_buy_no_guesses(slowed: Double) -> None:
    """Addresses that a header claims, other hosts' names and other spellings do not start the count anew."""
    target = slowed.target
    with target.web() as web:
        assert set(tried(web, guesses(target), BURST)) == {401}
        for n in range(10):
            headers = {
                "x-forwarded-for": f"198.51.100.{n}",
                "forwarded": f"for=198.51.100.{n}",
                "x-real-ip": f"{n}",
            }
            more = {"scope": f"x{n}", "x": f"{n}"}
            answer = web.post(
                "/oauth/token", data=target.form("guessed", client_secret="x", **more), headers=headers
            )
            assert answer.status_code == 429


async def test_one_address_has_a_pace(double: Double) -> None:
    """Whoever tries one secret at many clients is limited by its address (password spraying)."""
    await paced(double, token_address_rate=0.01, token_address_burst=BURST)
    try:
        with double.target.web() as web:
            form = double.target.form("machine", client_secret="winter")
            found = [
                web.post("/oauth/token", data={**form, "client_id": f"c{n}"}).status_code
                for n in range(BURST + 5)
            ]
        assert found == [401] * BURST + [429] * 5
    finally:
        await paced(double)
        double.clock.now += 10


def test_assertions_are_guesses_too(slowed: Double) -> None:
    """Forged assertions about a client count like wrong secrets: signatures are not checked for free."""
    client: Signing = signing(slowed.target, clock=slowed.clock)
    forger = Signing(client.client_id, "p256-forger", slowed.clock)
    with slowed.target.web() as web:
        found = [forger.ask(web, forger.assertion()).status_code for _ in range(BURST + 5)]
        assert found == [401] * BURST + [429] * 5


def test_the_limit_is_what_slows(slowed: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the limit guessing goes on for as long as one likes."""

    async def generous(*_: object) -> None:
        """Everybody may ask."""

    monkeypatch.setattr(limit, "client_may_ask", generous)
    with slowed.target.web() as web:
        assert set(tried(web, guesses(slowed.target), 5 * BURST)) == {401}
