"""/api/v2/users and /api/v2/users-by-email."""

import re

import msgspec
import pytest

from sekisho import tokens
from sekisho.model.artifact import Owner, Refresh, Session
from sekisho.model.connection import DATABASE
from sekisho.model.password import Password
from sekisho.model.user import User
from sekisho.people import passwords, users
from sekisho.people.factors import password
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from tests.api.conftest import Desk
from tests.visitor import Browser, person, tokens_of

PASSWORD = "seven grey herons"
OTHER = "nine brown otters"
ANN = {"connection": DATABASE, "email": "Ann@Example.com", "password": PASSWORD}
AYA = "/users/auth0%7Caya"
WINDOW = Window()


def listed(answer: Answer) -> list[dict]:
    """The members of a list."""
    assert isinstance(answer.json, list)
    return answer.json


async def made(desk: Desk, **members: object) -> dict:
    """A new user."""
    return await desk.made("POST /users", {**ANN, **members})


def line(user: dict) -> str:
    """The address of a user, as client libraries write it."""
    return f"/users/{user['user_id'].replace('|', '%7C')}"


async def found(desk: Desk, query: str) -> list[str]:
    """The e-mail addresses of a search."""
    answer = await desk.ask(f"GET /users?{query}")
    assert answer.status == 200, answer.json
    return sorted(user["email"] for user in listed(answer))


async def is_over(desk: Desk, given: dict[str, object]) -> bool:
    """Neither sessions nor refresh tokens are left, and the access token is good for nothing."""
    whose = Owner(tenant=desk.tenant.id, user=person().user_id)
    left = [await desk.tenant.store.find(kind, whose, None, 10) for kind in (Session, Refresh)]
    return not any(left) and await tokens.good(str(given["access_token"]), desk.tenant) is None


async def test_creates_a_user(desk):
    """A user has an id of its connection and the defaults of Auth0; the password is in no answer."""
    answer = await desk.ask("POST /users", ANN)
    assert (answer.status, dict(answer.headers)["etag"]) == (201, '"1"')
    user = answer.json
    assert re.fullmatch(r"auth0\|[0-9a-f]{24}", user["user_id"])
    id = user["user_id"].partition("|")[2]
    assert user["identities"] == [
        {"connection": DATABASE, "user_id": id, "provider": "auth0", "isSocial": False}
    ]
    assert {name: user[name] for name in ("email", "email_verified", "name", "nickname")} == {
        "email": "ann@example.com",
        "email_verified": False,
        "name": "ann@example.com",
        "nickname": "ann",
    }
    assert (await desk.ask(f"GET {line(user)}")).json == user
    assert (await desk.ask(f"GET {line(user)}?fields=email")).json == {"email": "ann@example.com"}
    assert await password.verify(desk.tenant, "ann@example.com", PASSWORD, "192.0.2.1")
    (event,) = await desk.tenant.store.events(desk.tenant.id, {"slug": "user_created"}, WINDOW)
    assert (event.client, event.detail) == ("sekisho-cli", {"user_id": user["user_id"]})


async def test_takes_every_standard_claim(desk):
    """What OpenID Connect knows of a person is said and shown under its names. Core 1.0 section 5.1."""
    claims = {
        "user_id": "aya",
        "email": "aya@example.com",
        "email_verified": True,
        "username": "aya",
        "phone_number": "+81312345678",
        "phone_number_verified": True,
        "name": "山田 彩",
        "nickname": "Aya",
        "given_name": "彩",
        "middle_name": "M",
        "family_name": "山田",
        "preferred_username": "aya.y",
        "profile": "https://people.example/aya",
        "picture": "https://people.example/aya.png",
        "website": "https://aya.example",
        "gender": "female",
        "birthdate": "1990-01-02",
        "zoneinfo": "Asia/Tokyo",
        "locale": "ja",
        "address": {"country": "JP", "locality": "京都"},
        "user_metadata": {"shoe": 23, "likes": {"tea": True}},
        "app_metadata": {"plan": "gold"},
    }
    user = await made(desk, **claims)
    assert user["user_id"] == "auth0|aya"
    assert user["phone_verified"] is True
    assert {name: user[name] for name in claims if name != "user_id"} == {
        name: value for name, value in claims.items() if name != "user_id"
    }


async def test_no_answer_has_a_password(desk):
    """Neither a password nor what is kept of it is ever shown or logged."""
    user = await made(desk)
    await desk.made(f"PATCH {line(user)}", {"password": OTHER})
    record = await users.find(desk.tenant, user["user_id"])
    held = await passwords.of_user(desk.tenant, record)
    assert isinstance(held, Password)
    for each in (
        *("GET /users", f"GET {line(user)}", "GET /users?q=ann", "GET /logs"),
        "GET /users-by-email?email=ann@example.com",
    ):
        text = msgspec.json.encode((await desk.ask(each)).json).decode()
        assert "ann@example.com" in text or "user_created" in text
        assert not any(secret in text for secret in (PASSWORD, OTHER, held.hash, "$argon2"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "a@x.example", "password": PASSWORD}, "invalid_body"),
        ({"connection": "Elsewhere", "email": "a@x.example"}, "invalid_body"),
        ({"connection": DATABASE}, "invalid_body"),
        ({**ANN, "email": "nobody"}, "invalid_body"),
        ({**ANN, "email": "a b@x.example"}, "invalid_body"),
        ({**ANN, "roles": ["rol_1"]}, "invalid_body"),
        ({**ANN, "id": "x"}, "invalid_body"),
        ({**ANN, "logins": ["x"]}, "invalid_body"),
        ({**ANN, "password": "short"}, "invalid_password"),
        ({**ANN, "password": "x" * 257}, "invalid_password"),
        ({**ANN, "password": "password1"}, "password_dictionary_error"),
        ({**ANN, "password": "ann@example.com"}, "password_no_user_info_error"),
        ({**ANN, "verify_email": True}, "operation_not_supported"),
    ],
)
async def test_refuses_what_no_user_can_be(desk, body, code):
    """The schema is closed, a connection is there, a password is sound, and no mail is promised."""
    answer = await desk.ask("POST /users", body)
    assert (answer.status, answer.json["errorCode"]) == (400, code)
    assert "password" not in answer.json["message"] or code != "invalid_body"
    assert await desk.tenant.store.count(User, desk.tenant.id, {}) == 0


async def test_an_address_belongs_to_one_user(desk):
    """Whoever has the address of somebody else, in whatever letters, is a conflict."""
    await made(desk)
    answer = await desk.ask("POST /users", {**ANN, "email": "ANN@EXAMPLE.COM"})
    assert (answer.status, answer.json["message"]) == (409, "The user already exists.")
    bob = await made(desk, email="bob@example.com")
    assert (await desk.ask(f"PATCH {line(bob)}", {"email": "ann@example.com"})).status == 409


async def test_users_are_searched(desk):
    """A whole name finds one, how an address begins finds several, and nothing else is guessed at."""
    ann = await made(desk, username="Ann.B")
    for email in ("anna@example.com", "bob@example.com", "auth0.fan@example.com", "日本@example.com"):
        await made(desk, email=email)
    for query, emails in (
        ("", 5),
        ("q=", 5),
        ('q=email:"ANN@example.com"', ["ann@example.com"]),
        ("q=email:ann@example.com", ["ann@example.com"]),
        ("q=email:ann@example.co", []),
        ("q=ann", ["ann@example.com", "anna@example.com"]),
        ("q=ANN*", ["ann@example.com", "anna@example.com"]),
        ("q=email:ann*", ["ann@example.com", "anna@example.com"]),
        ("q=ann@exam", ["ann@example.com"]),
        ("q=auth0", ["auth0.fan@example.com"]),
        ("q=%E6%97%A5%E6%9C%AC@", ["日本@example.com"]),
        ('q=username:"ann.b"', ["ann@example.com"]),
        ("q=username:ann", []),
        ("q=username:ann@example.com", []),
        (f"q=user_id:%22{ann['user_id'].replace('|', '%7C')}%22", ["ann@example.com"]),
        ("q=user_id:ann@example.com", []),
        ("q=email:ann.b", []),
        ("q=email:%22a b@x%22", []),
        ("q=ann&search_engine=v3", ["ann@example.com", "anna@example.com"]),
        (f"q=ann&connection={DATABASE}", ["ann@example.com", "anna@example.com"]),
        ("connection=Elsewhere", []),
    ):
        seen = await found(desk, query)
        assert seen == emails or len(seen) == emails, query


@pytest.mark.parametrize(
    "query",
    [
        "q=name:jo*",
        "q=an",
        "q=*",
        "q=email:an*",
        "q=username:ann*",
        "q=user_id:auth0*",
        'q=email:"ann"*',
        'q=email:"a" AND username:"b"',
        "q=_exists_:email",
        "q=app_metadata.plan:gold",
        "q=created_at:[2020 TO 2021]",
        "q=ann bob",
        "q=NOT ann",
        "search_engine=v2",
        "sort=created_at:-1",
        "per_page=101",
        "q=" + "x" * 1_001,
    ],
)
async def test_refuses_a_search_that_it_does_not_understand(desk, query):
    """What cannot be looked for is refused rather than ignored."""
    answer = await desk.ask(f"GET /users?{query}")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


async def test_users_come_by_page_and_by_step(desk):
    """Pages and steps cover everybody once; the page after the last is empty."""
    for n in range(5):
        await made(desk, email=f"user{n}@example.com")
    whole = (await desk.ask("GET /users?page=1&per_page=2&include_totals=true")).json
    assert [whole[name] for name in ("start", "limit", "length", "total")] == [2, 2, 2, 5]
    pages = [(await desk.ask(f"GET /users?q=user&page={n}&per_page=2")).json for n in range(4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({user["user_id"] for page in pages for user in page}) == 5
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        step = (await desk.ask(f"GET /users?take=2&from={cursor}")).json
        seen += [user["user_id"] for user in step["users"]]
        cursor = step.get("next")
    assert len(set(seen)) == len(seen) == 5


async def test_finds_a_user_by_the_address(desk):
    """An address is one person's: a list of one, or of nobody; a username is no address."""
    user = await made(desk, username="ann")
    for email in ("ann@example.com", "ANN@example.com"):
        assert (await desk.ask(f"GET /users-by-email?email={email}")).json == [user]
    for email in ("bob@example.com", "ann", "a b@x.example", user["user_id"]):
        assert (await desk.ask(f"GET /users-by-email?email={email}")).json == []
    cut = (await desk.ask("GET /users-by-email?email=ann@example.com&fields=user_id")).json
    assert cut == [{"user_id": user["user_id"]}]
    for query in ("", "?email="):
        answer = await desk.ask(f"GET /users-by-email{query}")
        assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


async def test_a_change_merges_metadata_and_leaves_the_rest(desk):
    """Members merge at the first level, null removes one, {} removes all."""
    user = await made(desk, user_metadata={"a": 1, "b": {"c": 2}}, given_name="Ann")
    changed = await desk.made(f"PATCH {line(user)}", {"user_metadata": {"a": None, "d": 4}, "nickname": "A"})
    assert changed["user_metadata"] == {"b": {"c": 2}, "d": 4}
    assert (changed["given_name"], changed["nickname"]) == ("Ann", "A")
    emptied = await desk.made(f"PATCH {line(user)}", {"user_metadata": {}, "given_name": None})
    assert not {"user_metadata", "given_name"} & emptied.keys()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "b@x.example", "password": OTHER}, "operation_not_supported"),
        ({"username": "b", "phone_number": "+811"}, "operation_not_supported"),
        ({"user_id": "x"}, "invalid_body"),
        ({"connection": "Elsewhere"}, "invalid_body"),
        ({"email": None}, "invalid_body"),
        ({"email": "b|c"}, "invalid_body"),
        ({"username": "b c"}, "invalid_body"),
        ({"password": None}, "invalid_body"),
        ({"password": "short"}, "invalid_password"),
        ({"blocked": "yes"}, "invalid_body"),
        ({"user_metadata": {"a": "x" * 20_000}}, "invalid_body"),
        ({"picture": "javascript:alert(1)"}, "invalid_body"),
    ],
)
async def test_refuses_changes_that_no_user_can_have(desk, body, code):
    """One identity changes at a time, within the rules of creation."""
    user = await made(desk)
    answer = await desk.ask(f"PATCH {line(user)}", body)
    assert (answer.status, answer.json["errorCode"]) == (400, code)
    assert (await desk.ask(f"GET {line(user)}")).json == user


async def test_a_change_is_made_to_a_version(desk):
    """If-Match decides."""
    user = await made(desk)
    assert (await desk.ask(f"PATCH {line(user)}", {"name": "A"}, if_match='"1"')).status == 200
    for method in ("PATCH", "DELETE"):
        assert (await desk.ask(f"{method} {line(user)}", {"name": "B"}, if_match='"1"')).status == 412


async def test_a_scope_for_app_metadata_changes_nothing_else(desk):
    """Who may only write app_metadata writes nothing else."""
    user = await made(desk)
    token = desk.token("update:users_app_metadata")
    answer = await desk.ask(f"PATCH {line(user)}", {"app_metadata": {"plan": "gold"}}, token)
    assert answer.json["app_metadata"] == {"plan": "gold"}
    for body in ({"blocked": True}, {"app_metadata": {}, "password": OTHER}):
        answer = await desk.ask(f"PATCH {line(user)}", body, token)
        assert (answer.status, answer.json["errorCode"]) == (403, "insufficient_scope")


async def test_a_user_is_reached_by_its_id_only(desk):
    """A login name may be somebody else's by now: it is no id, and deletes nobody."""
    user = await made(desk, username="ann")
    guid = (await users.find(desk.tenant, user["user_id"])).id
    assert (await desk.ask(f"GET /users/{guid}")).json == user
    for name in ("ann@example.com", "ann", "auth0%7Cnobody", "x" * 300):
        for method in ("GET", "PATCH"):
            answer = await desk.ask(f"{method} /users/{name}", {})
            assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_user")
            assert answer.json["message"] == "The user does not exist."
        assert (await desk.ask(f"DELETE /users/{name}")).status == 204
    assert (await desk.ask(f"GET {line(user)}")).json == user


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"blocked": True}), ("PATCH", {"password": OTHER}), ("DELETE", None)]
)
async def test_what_takes_an_account_away_ends_everything(home, method, body):
    """A block, another password and deletion end sessions, refresh tokens and access tokens at once."""
    given = await tokens_of(home.tenant)
    assert not await is_over(home, given)
    assert (await home.ask(f"{method} {AYA}", body)).status in (200, 204)
    assert await is_over(home, given)


async def test_a_change_of_a_name_ends_nothing(home):
    """What is no danger to the account leaves everything as it is."""
    given = await tokens_of(home.tenant)
    await home.made(f"PATCH {AYA}", {"nickname": "Aya"})
    assert await tokens.good(str(given["access_token"]), home.tenant)


async def test_a_blocked_user_is_shown_as_such(home):
    """`blocked` is there while it is true; unblocking lets the person in again."""
    assert "blocked" not in (await home.ask(f"GET {AYA}")).json
    assert (await home.made(f"PATCH {AYA}", {"blocked": True}))["blocked"] is True
    assert "blocked" not in await home.made(f"PATCH {AYA}", {"blocked": False})
    home.clock.now += 10
    assert await Browser(home.tenant).code()


async def test_saying_that_nobody_is_blocked_forgets_wrong_passwords(desk):
    """Who guessed too often is let in again by an administrator, and not before."""
    user = await made(desk)
    for _ in range(10):
        with pytest.raises(Refused, match="password_wrong"):
            await password.verify(desk.tenant, "ann@example.com", OTHER, "")
    with pytest.raises(Refused, match="sign_in_locked"):
        await password.verify(desk.tenant, "ann@example.com", PASSWORD, "")
    await desk.made(f"PATCH {line(user)}", {"blocked": False})
    assert await password.verify(desk.tenant, "ann@example.com", PASSWORD, "")


async def test_deletion_leaves_nothing(desk):
    """User and password are gone, the address is free, and deleting again is no error."""
    user = await made(desk)
    record = await users.find(desk.tenant, user["user_id"])
    for _ in range(2):
        assert (await desk.ask(f"DELETE {line(user)}")).status == 204
    assert (await desk.ask(f"GET {line(user)}")).status == 404
    assert await passwords.of_user(desk.tenant, record) is None
    assert (await made(desk))["user_id"] != user["user_id"]


async def test_the_logs_of_a_user(home):
    """What a person did is listed, newest first, and nothing of anybody else."""
    await tokens_of(home.tenant)
    await home.made("POST /users", ANN)
    logs = (await home.ask(f"GET {AYA}/logs")).json
    assert {log["type"] for log in logs} >= {"seacft", "ssa"}
    assert {log["user_id"] for log in logs} == {"auth0|aya"}
    whole = (await home.ask(f"GET {AYA}/logs?per_page=1&include_totals=true")).json
    assert (len(whole["logs"]), whole["total"]) == (1, len(logs))
    assert (await home.ask("GET /users/auth0%7Cnobody/logs")).status == 404
    assert (await home.ask(f"GET {AYA}/logs?q=type:s")).status == 400
