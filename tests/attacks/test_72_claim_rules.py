"""Class 72: whoever may write claim rules wants the server's time, its files, or another's name in tokens."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from sekisho.model.granted import Granted
from sekisho.model.step import Erase, Save
from sekisho.model.tenant import ClaimRule
from sekisho.spec.claim_rule import cost, expression, names
from sekisho.spec.claim_rule.expression import Language, Unresolved
from sekisho.spec.pipeline import RESTRICTED
from sekisho.tokens import access_token
from tests.attacks.double import Double
from tests.attacks.target import RS, Target

MINE = "https://rules.example/x"
DOUBLED = "['aaaaaaaaaaaaaaaaaaaa']" + ".map(a, a + a)" * 22 + "[0].size()"
WIDE = "[" + ", ".join(["1"] * 90) + "]"
NESTED = f"{WIDE}.all(a, {WIDE}.all(b, {WIDE}.all(c, a + b + c > 0)))"
SLOW = (
    *(DOUBLED, NESTED, "user.roles.map(a, user.roles.map(b, user.roles.map(c, a + b + c)))"),
    *("[client].map(a, [a, a, a, a])" + ".map(a, [a, a, a, a, a, a, a, a])" * 12, "(" * 900 + ")" * 99),
    *(
        "client.name.replace('', client.name).replace('', client.name).replace('', client.name)",
        "-" * 999 + "1",
    ),
    *("client.name.matches('(a|a)*$')", "client.name.split('').map(a, client.name.split('').map(b, a + b))"),
    *("'%1000000000s'.format(['a'])", "!" * 999 + "true", "1" + " + 1" * 249, "[" * 500 + "]" * 500),
)
OUTSIDE = (
    *(
        "open('/etc/passwd')",
        "client.__class__.__mro__",
        "''.__class__",
        "import os",
        "__import__('os').environ",
    ),
    *(
        "env['PATH']",
        "os.environ",
        "http.get('http://127.0.0.1/')",
        "request.headers",
        "request.client_secret",
    ),
    *(
        "client.secrets",
        "client.client_secret",
        "user.password",
        "tenant.record",
        "self",
        "google.protobuf.Any{}",
    ),
    *("google.protobuf.Struct{fields: {}}", "cel.bind(x, 1, x)", "now()", "{{7919*7907}}", "${7919*7907}"),
    *("client.name.format", "type(client)", "timestamp('2026-01-01T00:00:00Z')", "base64.encode(b'x')"),
)
NEAR = (
    f"({WIDE} + {WIDE}).map(x, x).size()",
    f"{WIDE}.filter(a, a != 0).map(a, a + 1).exists(a, a == 7)",
    "client.name.contains(client.client_id)",
    "client == client && client != request",
)
GRACE = 5.0


def said(text: str) -> dict[str, Any]:
    """What a token says, whether or not somebody signed it."""
    part = text.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def asked(manage: httpx.Client, claim: str, text: str) -> httpx.Response:
    """Somebody wants a rule."""
    body = {"name": "x", "claim": claim, "expression": text, "tokens": ["access_token"]}
    return manage.post("/api/v2/claim-rules", json=body)


@contextmanager
def tidied(manage: httpx.Client) -> Iterator[None]:
    """Whatever rules there were afterwards, there are none."""
    try:
        yield
    finally:
        for each in manage.get("/api/v2/claim-rules").json():
            assert manage.delete(f"/api/v2/claim-rules/{each['id']}").status_code == 204


@pytest.mark.parametrize("text", [*SLOW, *OUTSIDE])
def test_no_expression_gets_far(target: Target, text: str) -> None:
    """It is refused, or it says nothing; tokens come as fast as ever, and nobody else waits."""
    with target.manage() as manage, target.web() as web, tidied(manage):
        began = time.monotonic()
        answer = asked(manage, MINE, text)
        assert answer.status_code in (201, 400), answer.text
        token = target.token("machine")
        assert web.get("/healthz").status_code == 200
        assert time.monotonic() - began < GRACE
        told = said(token).get(MINE)
        assert told is None or (answer.status_code == 201 and told in (True, False, 1, -1, 250))
        if answer.status_code == 400:
            assert answer.json()["errorCode"] == "invalid_body"
            assert "Traceback" not in answer.text


def test_many_costly_rules_hold_nobody_up(target: Target) -> None:
    """Fifty of the costliest that are taken: each token still comes in time."""
    with target.manage() as manage, tidied(manage):
        for number in range(50):
            made = asked(manage, f"{MINE}/{number}", NEAR[number % len(NEAR)])
            assert made.status_code == 201, made.text
        assert asked(manage, MINE, "1").status_code == 400
        for _ in range(5):
            began = time.monotonic()
            told = said(target.token("machine"))
            assert time.monotonic() - began < GRACE
            assert [name for name in told if name.startswith(MINE)]


def test_without_the_reckoning_an_expression_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text, unmeasured, takes a hundred times as long as all of it may; measured, it is none."""
    honest = Language().told(None, {"name": "x"}, {})
    monkeypatch.setattr(cost, "steps", lambda tree: 0)
    language = Language()
    bomb = language.compiled(DOUBLED)
    began = time.thread_time()
    with suppress(Unresolved):
        assert expression.value(bomb, honest) == 20 * 2**22
    assert time.thread_time() - began > 0.03


@pytest.mark.parametrize("claim", sorted(RESTRICTED | {"scope", "generation"}))
def test_no_rule_has_a_name_of_ours(target: Target, claim: str) -> None:
    """However it is spelt: by case, with a space, a letter that looks alike, or an escape."""
    with target.manage() as manage, tidied(manage):
        for spelt in (
            *(
                claim,
                claim.upper(),
                claim.capitalize(),
                f" {claim}",
                f"{claim} ",
                f"{claim}\n",
                f"\ufeff{claim}",
            ),
            *(
                claim.replace("s", "\u017f"),
                claim.replace("i", "\u0131"),
                claim + "\u200d",
                "\uff53" + claim[1:],
            ),
            *(claim + "\0", f"./{claim}", f"urn:auth0:{claim}", f"https://auth0.com/{claim}"),
        ):
            assert asked(manage, spelt, "'evil'").status_code == 400, spelt
        assert manage.get("/api/v2/claim-rules").json() == []
        assert said(target.token("machine")).get(claim) != "evil"


def test_a_token_is_no_larger_than_a_header(target: Target) -> None:
    """What rules say together is bounded: the token can be shown."""
    text = "'" + "a" * 900 + "'"
    with target.manage() as manage, target.web() as web, tidied(manage):
        for number in range(50):
            assert asked(manage, f"{MINE}/{number}", f"{text} + {text[:40]}'").status_code == 201
        token = target.token("machine")
        assert 8_000 < len(token) < 14_000
        answer = web.post(
            "/oauth/introspect", data=target.form("machine", grant_type=None, audience=None, token=token)
        )
        assert answer.status_code < 500


async def test_a_rule_behind_our_back_says_nothing_of_ours(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one that got into the database; without both guards it would be somebody else's token."""
    tenant = double.tenant
    rules = [
        ClaimRule(
            tenant=tenant.id,
            id=f"clr_{name}",
            name="x",
            claim=name,
            expression="'evil'",
            tokens=("access_token",),
        )
        for name in ("sub", "aud", "iss", "scope", "azp", "plan")
    ]
    assert await tenant.change(*map(Save, rules)) is None

    def told() -> dict[str, Any]:
        found = said(double.target.token("machine"))
        return {name: found.get(name) for name in ("sub", "aud", "scope", "plan")}

    own = {
        "sub": f"{double.target.clients['machine']['client_id']}@clients",
        "aud": RS,
        "scope": "read:things",
        "plan": "evil",
    }
    try:
        assert told() == own
        with monkeypatch.context() as mutant:
            mutant.setattr(names, "is_reserved", lambda claim: False)
            assert told() == own
            honest = access_token._claims

            def overlaid(granted: Granted) -> dict[str, object]:
                return {**honest(granted), **granted.custom["access_token"]}

            mutant.setattr(access_token, "_claims", overlaid)
            assert told() == dict.fromkeys(own, "evil")
    finally:
        for rule in rules:
            kept = await tenant.store.record(ClaimRule, tenant.id, rule.id)
            assert kept
            assert await tenant.change(Erase(kept)) is None
