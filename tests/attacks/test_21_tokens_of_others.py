"""Class 21: somebody asks about, or goes on using, a token that is not theirs or that has ended."""

from typing import Any

import httpx
import pytest

from sekisho.api import bearer
from sekisho.model.client import COMMAND_LINE
from tests.attacks.double import Double
from tests.attacks.forgery import forged, is_refused, opened
from tests.attacks.target import MACHINE, MANAGEMENT, METADATA, OTHER_HOST, OTHER_MANAGEMENT, RS, Target
from tests.servers import made

ABSENT = (
    "/oauth/token/introspect", "/oauth/token/revoke", "/introspect",
    "/revoke",
    "/oauth2/introspect", "/oauth2/revoke", "/oauth2/v1/introspect", "/connect/introspect",
    "/oauth/tokeninfo", "/api/v2/tokens", "/api/v2/device-credentials", "/api/v2/keys",
)  # fmt: skip


def test_nobody_is_asked_about_a_token(target: Target) -> None:
    """There is no introspection or revocation endpoint of another name, and none is advertised."""
    token = target.token("machine")
    with target.web() as web:
        for path in ABSENT:
            for answer in (
                web.get(path, params={"token": token}),
                web.post(path, data=target.form("machine", token=token)),
            ):
                assert answer.status_code == 404
                assert token not in answer.text
        for path in METADATA:
            known = web.get(path).json()
            about = {
                name for name in known if name.endswith(("introspection_endpoint", "revocation_endpoint"))
            }
            assert about == {"introspection_endpoint", "revocation_endpoint"}


def test_another_client_learns_and_ends_nothing(target: Target) -> None:
    """A client that a token is not for is told that it is inactive, and cannot revoke it."""
    token = target.token("machine")
    with target.web() as web:
        looked = web.post("/oauth/introspect", data=target.form("reader", token=token))
        assert looked.json() == {"active": False}
        ended = web.post("/oauth/revoke", data=target.form("reader", token=token))
        assert ended.status_code == 400
        assert ended.json()["error"] == "unauthorized_client"
        assert web.post("/oauth/introspect", data={"token": token}).status_code == 401
        # Its own client may end it: so it was alive until now.
        assert web.post("/oauth/revoke", data=target.form("machine", token=token)).status_code == 200


def spoilt(target: Target) -> dict[str, str]:
    """Tokens that are good for nothing, each for another reason."""
    header, claims, tail = opened(target.token("reader", MANAGEMENT))
    with target.manage() as manage:
        ended = {}
        for role, end in (("deleted", "delete"), ("disabled later", "patch")):
            client = made(manage, "clients", name="Passing", **MACHINE)
            id = client["client_id"]
            made(manage, "client-grants", client_id=id, audience=MANAGEMENT, scope=["read:clients"])
            target.clients[role] = client
            ended[role] = target.token(role, MANAGEMENT)
            change: dict[str, Any] = {"json": {"enabled": False}} if end == "patch" else {}
            assert manage.request(end, f"/api/v2/clients/{id}", **change).status_code in (200, 204)
    with target.web(OTHER_HOST) as other:
        form = target.form("other", audience=OTHER_MANAGEMENT)
        foreign = other.post("/oauth/token", data=form).json()["access_token"]
    return ended | {
        "garbage": "garbage",
        "a handle that is none": "A" * 43,
        "three segments of nothing": "a.b.c",
        "forged": forged(header, claims, bytes(len(tail))),
        "forged and expired": forged(header, claims | {"exp": 1}, tail),
        "forged and for another API": forged(header, claims | {"aud": RS}, tail),
        "foreign": foreign,
        "foreign administrator": target.other_admin,
        "too long": "a" * 20_000,
        "a secret": target.clients["machine"]["client_secret"],
    }


def test_a_refusal_says_nothing_about_the_token(target: Target) -> None:
    """Whether a token is forged, foreign or revoked, or its client gone: one refusal, no claim in it."""
    with target.web() as web:
        answers: dict[str, httpx.Response] = {}
        for why, token in spoilt(target).items():
            answers[why] = web.get("/api/v2/clients", headers={"authorization": f"Bearer {token}"})
            is_refused(answers[why])
        assert len({answer.content for answer in answers.values()}) == 1
        assert len({answer.headers["www-authenticate"] for answer in answers.values()}) == 1


def test_an_expired_token_is_told_so_only_if_it_was_ours(double: Double) -> None:
    """`Expired token` is said to the bearer of a token that we signed; of a forged one nothing is said."""
    target, before = double.target, double.clock.now
    token = target.token("reader", MANAGEMENT)
    header, claims, tail = opened(token)
    with target.web() as web:
        double.clock.now += claims["exp"] - claims["iat"] + 60
        try:
            answer = web.get("/api/v2/clients", headers={"authorization": f"Bearer {token}"})
            made_up = forged(header, claims, bytes(len(tail)))
            is_refused(web.get("/api/v2/clients", headers={"authorization": f"Bearer {made_up}"}))
        finally:
            double.clock.now = before
    assert answer.json() == {"statusCode": 401, "error": "Unauthorized", "message": "Expired token"}
    assert not [
        value
        for value in claims.values()
        if isinstance(value, str) and len(value) > 3 and value in answer.text
    ]


@pytest.mark.parametrize("end", ["delete", "disable"])
def test_a_client_that_is_gone_takes_its_tokens_along(target: Target, double: Double, end: str) -> None:
    """From the answer of the change on, a deleted or disabled client's tokens open nothing."""
    for each in (target, double.target):
        with each.manage() as manage:
            client = made(manage, "clients", name="Passing", **MACHINE)
            place = f"/api/v2/clients/{client['client_id']}"
            made(
                manage,
                "client-grants",
                client_id=client["client_id"],
                audience=MANAGEMENT,
                scope=["read:clients"],
            )
            each.clients["passing"] = client
            with each.manage(each.token("passing", MANAGEMENT)) as passing:
                assert passing.get("/api/v2/clients").status_code == 200
                ended = (
                    manage.delete(place) if end == "delete" else manage.patch(place, json={"enabled": False})
                )
                assert ended.status_code in (200, 204)
                is_refused(passing.get("/api/v2/clients"))
            with each.web() as web:
                assert web.post("/oauth/token", data=each.form("passing")).status_code == 401


def test_the_end_of_a_client_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the look at client and tombstones, a deleted client goes on administering."""
    target = double.target
    with target.manage() as manage:
        client = made(manage, "clients", name="Passing", **MACHINE)
        made(
            manage,
            "client-grants",
            client_id=client["client_id"],
            audience=MANAGEMENT,
            scope=["read:clients"],
        )
        target.clients["passing"] = client
        token = target.token("passing", MANAGEMENT)
        assert manage.delete(f"/api/v2/clients/{client['client_id']}").status_code == 204

        with target.manage(token) as passing:
            is_refused(passing.get("/api/v2/clients"))
            monkeypatch.setattr(bearer.tokens, "live", bearer.tokens.read)  # type: ignore[attr-defined]
            assert passing.get("/api/v2/clients").status_code == 200


def test_the_name_of_the_command_line_is_taken(target: Target) -> None:
    """No client can be made that the management API would take for the command line."""
    with target.manage() as manage:
        for body in (
            {"name": COMMAND_LINE, "client_id": COMMAND_LINE},
            {"name": "x", "id": COMMAND_LINE},
        ):
            assert manage.post("/api/v2/clients", json=body).status_code == 400
        assert manage.patch(f"/api/v2/clients/{COMMAND_LINE}", json={"name": "x"}).status_code == 404


def test_opaque_tokens_end_with_their_client(double: Double) -> None:
    """The handle of a deleted client is unknown at once, also to the store."""
    import asyncio

    from sekisho.model.artifact import AccessToken

    target = double.target
    with target.manage() as manage:
        client = made(manage, "clients", name="Passing", **MACHINE)
        id = client["client_id"]
        made(manage, "client-grants", client_id=id, audience="https://opaque.example", scope=["read:things"])
        target.clients["passing"] = client
        token = target.token("passing", "https://opaque.example")
        assert isinstance(asyncio.run(double.tenant.store.get(AccessToken, token)), AccessToken)
        assert manage.delete(f"/api/v2/clients/{id}").status_code == 204
    assert asyncio.run(double.tenant.store.get(AccessToken, token)) is None
