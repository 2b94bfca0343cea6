"""Pages of other origins read what a portal answers only where its site settings name them (Fetch, CORS)."""

import asyncio

import httpx
import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.step import Save
from sekisho.registry.portal import site_settings
from sekisho.spec.portal import cors
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID
from tests.attacks.portal_target import AUTHORIZE, GOOD, KEY, TOKEN, Portal, asks, authorizes, is_told
from tests.tenants import demo_tenant

CHAT, SHOP, EVIL = "https://chat.example", "http://localhost:3000", "https://evil.example"
ALLOW = "Access-Control-Allow-"
USUAL = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "Content-Type, X-Requested-With",
    "access-control-expose-headers": "state, expires_in, X-Responded-JSON",
    "access-control-max-age": "600",
}


def cors_of(answer: httpx.Response) -> dict[str, str]:
    """What an answer says to browsers about other origins, each thing once."""
    pairs = [(name, value) for name, value in answer.headers.multi_items() if name.startswith("access-con")]
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def every_answer(live: Portal, origin: str) -> list[httpx.Response]:
    """Tokens, errors, keys, ways to sign in, and preflights, as a page of this origin gets them."""
    guest, stranger = live.visitor(origin=origin), live.stranger(origin=origin)
    before = {"access-control-request-method": "POST", "access-control-request-headers": "x-requested-with"}
    return [
        *(asks(guest), asks(guest, "GET"), authorizes(guest), asks(guest, client_id="nobody")),
        *(guest.send("GET", KEY), asks(stranger), authorizes(stranger)),
        asks(live.stranger(**{"x-requested-with": "XMLHttpRequest", "origin": origin})),
        *(stranger.send("OPTIONS", path, headers=before) for path in (TOKEN, AUTHORIZE, KEY, TOKEN.upper())),
    ]


def test_nothing_is_said_unless_it_is_set(live: Portal) -> None:
    """Without the setting of origins no header of CORS is there, whatever the other settings say."""
    live.put(f"HTTP/{ALLOW}Credentials", "true")
    live.put(f"HTTP/{ALLOW}Headers", "x-anything")
    for text in (None, "", " ; "):
        if text is not None:
            live.put(f"HTTP/{ALLOW}Origin", text)
        for origin in (CHAT, "null", f"https://{'id.example.com'}", "*"):
            for answer in every_answer(live, origin):
                assert cors_of(answer) == {}


def test_an_origin_that_is_named(live: Portal) -> None:
    """A page of a named origin reads the token and its headers; with cookies only where that is set too."""
    live.put(f"http/{ALLOW}Origin".upper(), f"{CHAT}, {SHOP}")
    for origin in (CHAT, SHOP):
        for answer in every_answer(live, origin):
            assert cors_of(answer) == {"access-control-allow-origin": origin, **USUAL}
            assert answer.headers["vary"] == "origin"
    for text, is_said in (("true", True), (" TRUE ", True), ("false", False), ("", False)):
        live.put(f"HTTP/{ALLOW}Credentials", text)
        told = cors_of(asks(live.visitor(origin=CHAT)))
        assert (told.pop("access-control-allow-credentials", "") == "true") is is_said
        assert told == {"access-control-allow-origin": CHAT, **USUAL}


def test_a_preflight_is_an_answer_without_a_body(live: Portal) -> None:
    """A browser may ask before: 204, for a path in whatever case."""
    live.put(f"HTTP/{ALLOW}Origin", CHAT)
    for path in (TOKEN, "/_services/AUTH/token"):
        answer = live.stranger(origin=CHAT).send("OPTIONS", path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert cors_of(answer)["access-control-allow-methods"] == "GET, POST"


def test_an_origin_that_is_not_named(live: Portal) -> None:
    """A page of any other origin reads nothing, and caches are told that it depends on who asks."""
    live.put(f"HTTP/{ALLOW}Origin", CHAT)
    live.put(f"HTTP/{ALLOW}Credentials", "true")
    lies = (EVIL, "null", "", "https://chat.example.evil.example", "https://evilchat.example", CHAT.upper())
    more = (f"{CHAT}:8443", "http://chat.example", f"{CHAT}/", f"{CHAT} {EVIL}", f"{CHAT},{EVIL}", "*")
    for origin in (*lies, *more, "https://x@chat.example", "https://chat.example." + "x" * 400):
        for answer in every_answer(live, origin):
            assert cors_of(answer) == {}
            assert answer.headers["vary"] == "origin"
    for answer in (asks(live.visitor()), live.stranger().send("GET", KEY)):
        assert cors_of(answer) == {}
        assert answer.headers["vary"] == "origin"


def test_everybody_comes_without_cookies(live: Portal) -> None:
    """With `*` no origin is reflected and cookies never count, even where both settings are there."""
    live.put(f"HTTP/{ALLOW}Origin", "*")
    live.put(f"HTTP/{ALLOW}Credentials", "true")
    for origin in (CHAT, "null"):
        for answer in every_answer(live, origin):
            assert cors_of(answer) == {"access-control-allow-origin": "*", **USUAL}


def test_the_lists_can_be_set(live: Portal) -> None:
    """Methods, headers and time are as they are set."""
    live.put(f"HTTP/{ALLOW}Origin", CHAT)
    live.put(f"HTTP/{ALLOW}Methods", "POST")
    live.put(f"HTTP/{ALLOW}Headers", " x-requested-with , x-chat")
    live.put("HTTP/Access-Control-Expose-Headers", "expires_in")
    live.put("HTTP/Access-Control-Max-Age", "0")
    assert cors_of(live.stranger(origin=CHAT).send("OPTIONS", TOKEN)) == {
        "access-control-allow-origin": CHAT,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "x-requested-with , x-chat",
        "access-control-expose-headers": "expires_in",
        "access-control-max-age": "0",
    }


def test_other_addresses_keep_their_own_rules(live: Portal) -> None:
    """The settings are about tokens of the portal: no other address of ours is opened by them."""
    live.put(f"HTTP/{ALLOW}Origin", CHAT)
    live.put(f"HTTP/{ALLOW}Credentials", "true")
    guest = live.visitor(origin=CHAT)
    for path in ("/SignIn", "/login", "/account", "/userinfo", "/api/v2/clients", "/_services/auth/nothing"):
        assert cors_of(guest.send("GET", path)) == {}, path
    assert cors_of(guest.send("POST", "/oauth/token")) == {}
    is_told(guest.send("GET", "/_services/auth/nothing"), "PortalSTS1000", 404)
    other = live.home.directory.named("acme")
    assert other
    answer = live.stranger(origin=CHAT).send("GET", f"/t/acme{KEY}")
    assert (answer.status_code, cors_of(answer)) == (200, {})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Allow-Origin", ("*", CHAT, f"{CHAT},{SHOP};{EVIL}", f" {CHAT}\n{SHOP} ", "", "http://127.0.0.1:1")),
        ("Allow-Credentials", ("true", "False", "")),
        ("Allow-Methods", ("GET", "GET,POST", "*", "")),
        ("Allow-Headers", ("x-a, x_b", "*", "")),
        ("Expose-Headers", ("state,expires_in", "")),
        ("Max-Age", ("0", "86400", "")),
    ],
)
async def test_what_a_setting_may_say(name: str, values: tuple[str, ...]) -> None:
    """What browsers understand is taken as it is, and an empty text is as good as none."""
    for value in values:
        made = await site_settings.put(await demo_tenant(), f"HTTP/Access-Control-{name}", value, Actor())
        assert made.value == value


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "Allow-Origin",
            (
                *("null", f"*, {CHAT}", f"{CHAT}/", f"{CHAT}:443", "https://CHAT.example", "chat.example"),
                *(
                    "https://*.example",
                    "//chat.example",
                    "javascript:x",
                    f"{CHAT}/a",
                    f"{CHAT}?x",
                    f"{CHAT}#",
                ),
                *("http://chat.example", "https://x@chat.example", "https://", "https://a\u3042.example"),
                *("file://", "chrome-extension://abc", f"{CHAT}|{EVIL}", f"{CHAT} {EVIL}/x"),
            ),
        ),
        ("Allow-Credentials", ("yes", "1", "true,false")),
        ("Allow-Methods", ("GET POST", "GET\r\nx: y", "GET,", ",", "G(T", "x" * 2_001)),
        ("Allow-Headers", ("x: y", "x\ny", "\u3042")),
        ("Expose-Headers", ("a b", 'a"')),
        ("Max-Age", ("-1", "1h", "1.5", "100000", "\uff11")),
    ],
)
async def test_what_a_setting_may_not_say(name: str, values: tuple[str, ...]) -> None:
    """What would be no header, or open the portal to more than is named, is refused when it is written."""
    tenant = await demo_tenant()
    for value in values:
        for written in (f"HTTP/Access-Control-{name}", f"http/access-control-{name}".lower()):
            with pytest.raises(Refused) as refused:
                await site_settings.put(tenant, written, value, Actor())
            assert refused.value.reason is BODY_INVALID, value


def test_what_was_written_past_the_rules(live: Portal) -> None:
    """A text that no rule let in becomes no header: it counts as if it were not there."""
    names = ("Methods", "Headers", "Credentials")
    live.put(f"HTTP/{ALLOW}Origin", CHAT)
    for name in names:
        live.put(f"HTTP/{ALLOW}{name}", "true")

    async def overwritten() -> None:
        tenant = live.home.tenant
        for name in names:
            found = await site_settings.find(tenant, f"HTTP/{ALLOW}{name}")
            await tenant.change(Save(replace(found, value="x\r\nset-cookie: a=b")))
        found = await site_settings.find(tenant, f"HTTP/{ALLOW}Origin")
        await tenant.change(Save(replace(found, value=f"null, *, {CHAT}")))

    asyncio.run(overwritten())
    for answer in every_answer(live, CHAT):
        assert "a=b" not in answer.headers.get("set-cookie", "")
        assert cors_of(answer) == {"access-control-allow-origin": CHAT, **USUAL}
    for origin in ("null", "*"):
        assert cors_of(asks(live.visitor(origin=origin), **GOOD)) == {}
    assert cors.headers({}, CHAT) == ()
