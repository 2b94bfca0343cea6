"""Portal tokens: both endpoints, whole and refused, as pages of a portal ask."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from sekisho.faces.power_pages import visit
from sekisho.model.step import Save
from sekisho.spec.contrast import Contrast
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.portal import (
    CLIENT_MALFORMED,
    CLIENT_MISSING,
    CLIENT_UNREGISTERED,
    NONCE_MALFORMED,
    PARAMETER_REPEATED,
    PORTAL_OFF,
    REDIRECT_MISSING,
    REDIRECT_UNREGISTERED,
    RESPONSE_UNSUPPORTED,
    STATE_MALFORMED,
)
from sekisho.store import Window
from tests.faces.power_pages.conftest import AUTHORIZE, CLIENT, KEY, PAGE, TOKEN, Portal, error_of
from tests.tenants import NOW, ORIGIN
from tests.visitor import person

GOOD = {"client_id": CLIENT, "redirect_uri": PAGE}
HOST = "id.example.com"


async def claims_of(portal: Portal, text: str, audience: str = CLIENT) -> dict[str, Any]:
    """What a validator reads that has nothing but the portal's key."""
    key = (await portal.ask(KEY)).text
    checks: Any = {
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": bool(audience),
    }
    found: dict[str, Any] = jwt.decode(
        text, key, algorithms=["RS256"], audience=audience, issuer=HOST, options=checks
    )
    return found


async def test_a_page_gets_a_token_in_its_address(visited: Portal) -> None:
    """The registered page is sent to with token, lifetime and state in the fragment, in this order."""
    answer = await visited.ask(AUTHORIZE, f"client_id={CLIENT}&redirect_uri={PAGE}&state=my@pp$tate")
    assert answer.status_code == 302
    location = answer.headers["location"]
    assert re.fullmatch(rf"{re.escape(PAGE)}#token=[\w.-]+&expires_in=900&state=my@pp\$tate", location)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    text = location.partition("#token=")[2].partition("&")[0]
    assert (await claims_of(visited, text))["aud"] == CLIENT


@pytest.mark.parametrize("state", ["@$!'()*,;:/?-._~", '%&=#+ <>"', "日本語"])
async def test_a_state_stands_in_the_fragment_as_it_was(visited: Portal, state: str) -> None:
    """What a fragment can hold is literal, the rest is encoded; the vendor's script decodes nothing."""
    answer = await visited.ask(AUTHORIZE, {**GOOD, "state": state})
    told = answer.headers["location"].partition("&state=")[2]
    assert parse_qs(f"state={told}".replace("+", "%2B"))["state"] == [state]
    literal = set("@$!'()*,;:/?-._~") & set(state)
    assert literal <= set(told)
    assert not set('&=#+ <>"') & set(told)


async def test_a_page_gets_a_token_itself(visited: Portal) -> None:
    """The body is the token and nothing else; lifetime and state are headers."""
    told = {**GOOD, "state": "s-1", "nonce": "n-1"}
    for answer in (
        await visited.ask(TOKEN, told, method="POST"),
        await visited.ask(TOKEN, told),
        await visited.ask(TOKEN, form={**told, "__RequestVerificationToken": "x"}),
    ):
        assert answer.status_code == 200, answer.text
        assert (answer.headers["expires_in"], answer.headers["state"]) == ("900", "s-1")
        assert answer.headers["content-type"] == "application/jwt"
        assert answer.headers["cache-control"] == "no-store"
        assert "x-responded-json" not in answer.headers
        assert (await claims_of(visited, answer.text))["nonce"] == "n-1"


async def test_what_a_token_says(visited: Portal) -> None:
    """The claims in the vendor's order, and a header that names no key."""
    text = (await visited.ask(TOKEN, GOOD, method="POST")).text
    assert jwt.get_unverified_header(text) == {"alg": "RS256", "typ": "JWT", "nonce": ""}
    claims = await claims_of(visited, text)
    (engagement,) = claims.pop("lp_sdes")
    scp = claims.pop("scp")
    assert list(claims.items()) == [
        ("sub", person().id),
        ("preferred_username", "aya@example.com"),
        ("phone_number", "+81"),
        ("given_name", ""),
        ("family_name", ""),
        ("email", "aya@example.com"),
        ("aud", CLIENT),
        ("appid", CLIENT),
        ("iat", int(NOW)),
        ("nbf", int(NOW)),
        ("exp", int(NOW) + 900),
        ("iss", HOST),
    ]
    assert re.fullmatch(r"[0-9a-f-]{36}", str(scp))
    assert engagement["type"] == "ctmrinfo"
    assert engagement["info"]["customerId"] == person().id
    assert engagement["info"]["imei"] == "+81"
    await visited.put(f"ImplicitGrantFlow/{CLIENT}/EngagementAttributesAsText", "true")
    text = (await visited.ask(TOKEN, GOOD, method="POST")).text
    assert json.loads(str((await claims_of(visited, text))["lp_sdes"])) == [engagement]


async def test_without_a_client_the_audience_is_empty(visited: Portal) -> None:
    """The token endpoint asks for nothing; a redirect_uri alone means nothing."""
    for query in ({}, {"redirect_uri": "https://elsewhere.example"}):
        answer = await visited.ask(TOKEN, query, method="POST")
        claims = await claims_of(visited, answer.text, audience="")
        assert (claims["aud"], claims["appid"]) == ("", "")


async def test_nobody_is_sent_to_sign_in_and_back(portal: Portal) -> None:
    """Who is not signed in sees the sign-in page first, whatever is wrong with the request."""
    for path in (AUTHORIZE, TOKEN):
        answer = await portal.ask(path, "client_id=nobody&state=a%26b")
        assert answer.status_code == 302
        split = urlsplit(answer.headers["location"])
        assert f"{split.scheme}://{split.netloc}{split.path}" == f"{ORIGIN}/SignIn"
        assert parse_qs(split.query)["ReturnUrl"] == [f"{path}?client_id=nobody&state=a%26b"]
        landed = urlsplit((await portal.ask("/SIGNIN", split.query)).headers["location"])
        assert landed.path == "/login"
        assert parse_qs(landed.query)["return_to"] == [f"{path}?client_id=nobody&state=a%26b"]


async def test_a_script_is_told_to_sign_in(portal: Portal) -> None:
    """A script gets a good status, an empty body and a header that says 401."""
    answer = await portal.ask(TOKEN, GOOD, method="POST", x_requested_with="XMLHttpRequest")
    assert (answer.status_code, answer.content) == (200, b"")
    told = json.loads(answer.headers["x-responded-json"])
    assert told["status"] == 401
    assert told["headers"]["location"].startswith(f"{ORIGIN}/SignIn?ReturnUrl=")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({}, CLIENT_MISSING),
        ({"client_id": "nobody"}, CLIENT_UNREGISTERED),
        ({"client_id": CLIENT.upper()}, CLIENT_UNREGISTERED),
        ({"client_id": "a" * 37}, CLIENT_MALFORMED),
        ({"client_id": "a_b"}, CLIENT_MALFORMED),
        ({"client_id": CLIENT}, REDIRECT_MISSING),
        ({"client_id": "other", "redirect_uri": PAGE}, REDIRECT_UNREGISTERED),
        *(
            ({**GOOD, "redirect_uri": uri}, REDIRECT_UNREGISTERED)
            for uri in (
                f"{PAGE}/",
                PAGE.upper(),
                f"{PAGE}?x=2",
                f"{PAGE}#",
                f" {PAGE}",
                "https://evil.example",
            )
        ),
        *(({**GOOD, "response_type": each}, RESPONSE_UNSUPPORTED) for each in ("code", "code id_token", "T")),
        ({**GOOD, "state": "s" * 21}, STATE_MALFORMED),
        ({**GOOD, "nonce": "n" * 21}, NONCE_MALFORMED),
    ],
)
async def test_an_error_is_a_document(visited: Portal, query: dict[str, str], reason: Reason) -> None:
    """Nothing that is wrong leads anywhere: the first rule that does not hold is told, by its code."""
    error_of(await visited.ask(AUTHORIZE, query), reason.error)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "nonce", "response_type"])
async def test_a_parameter_comes_once(visited: Portal, name: str) -> None:
    """Twice in the query, or in query and body, is once too often."""
    error_of(await visited.ask(AUTHORIZE, f"{name}=x&{name}=x"), PARAMETER_REPEATED.error)
    error_of(await visited.ask(TOKEN, f"{name}=x", form={name: "x"}), PARAMETER_REPEATED.error)


@pytest.mark.parametrize("state", ["a\r\nx: y", "a\nb", "a\x00", "日本語", "\x7f"])
async def test_a_state_is_no_way_into_the_headers(visited: Portal, state: str) -> None:
    """What a header cannot carry is refused where the state comes back in one."""
    answer = await visited.ask(TOKEN, {**GOOD, "state": state}, method="POST")
    assert answer.status_code == 400
    assert "state" not in answer.headers
    assert "x" not in answer.headers


async def test_the_switch_takes_everything_away(visited: Portal) -> None:
    """Switched off, all three addresses give nothing; the setting is read without case."""
    await visited.put("connector/IMPLICITGRANTFLOWENABLED", " False ")
    for path in (AUTHORIZE, TOKEN, KEY):
        error_of(await visited.ask(path, GOOD), PORTAL_OFF.error, 404)
    with pytest.raises(Refused) as refused:
        await visit.is_on(visited.tenant)
    assert refused.value.seen == Contrast(setting.ENABLED, "true", "false")
    await visited.put("Connector/ImplicitGrantFlowEnabled", "yes")
    assert (await visited.ask(TOKEN, GOOD)).status_code == 200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *((text, 900) for text in (None, "", "abc", "15m", "900.5", "900", "１００")),
        *(("1800", 1800), (" 1800 ", 1800), ("3600", 3600), ("3601", 3600), ("60", 60)),
        *((text, 60) for text in ("59", "0", "-5")),
        ("99999999999", 3600),
    ],
)
async def test_how_long_a_token_is_good(visited: Portal, text: str | None, seconds: int) -> None:
    """The setting is kept between a minute and an hour; what is said is what the token says."""
    if text is not None:
        await visited.put("implicitgrantflow/tokenexpirationtime", text)
    answer = await visited.ask(TOKEN, GOOD)
    claims = await claims_of(visited, answer.text)
    assert int(answer.headers["expires_in"]) == claims["exp"] - claims["nbf"] == seconds


async def test_paths_are_read_without_case(visited: Portal) -> None:
    """A client that writes the address in another case is answered the same."""
    assert (await visited.ask("/_services/Auth/Token", GOOD)).status_code == 200
    assert (await visited.ask("/_SERVICES/AUTH/PUBLICKEY")).status_code == 200


async def test_a_client_that_is_taken_off_the_list(visited: Portal) -> None:
    """A setting that changes holds at once."""
    assert (await visited.ask(TOKEN, GOOD)).status_code == 200
    await visited.put("ImplicitGrantFlow/RegisteredClientId", "other")
    error_of(await visited.ask(TOKEN, GOOD), CLIENT_UNREGISTERED.error)


async def test_an_error_speaks_the_language_of_the_visitor(visited: Portal) -> None:
    """The profile decides, then the portal; never the browser."""
    english = error_of(await visited.ask(TOKEN, {"client_id": "x"}, accept_language="ja"), "PortalSTS0001")
    assert english["ErrorMessage"].startswith("The client ID x")
    claims = {**person().claims, "locale": "ja-JP"}
    found = await visited.tenant.store.record(type(person()), visited.tenant.id, person().id)
    assert found
    assert await visited.tenant.change(Save(replace(found, claims=claims))) is None
    japanese = error_of(await visited.ask(TOKEN, {"client_id": "x"}, accept_language="en"), "PortalSTS0001")
    assert "登録されていません" in japanese["ErrorMessage"]


async def test_an_error_is_found_again(visited: Portal) -> None:
    """Each error has a GUID of its own, which the log and the audit know."""
    with capture_logs() as logged:
        bodies = [error_of(await visited.ask(TOKEN, {"client_id": "x"}), "PortalSTS0001") for _ in range(2)]
    traces = [body["CorrelationId"] for body in bodies]
    assert len(set(traces)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", trace) for trace in traces)
    assert re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d (AM|PM)", bodies[0]["Timestamp"])
    assert [line["trace"] for line in logged if line["event"] == "refused"] == traces
    await visited.tenant.audit.flush()
    events = await visited.tenant.store.events(visited.tenant.id, {}, Window(limit=50))
    assert {event.detail.get("trace") for event in events} >= set(traces)


async def test_the_public_key_is_for_everybody(portal: Portal) -> None:
    """Servers fetch it without cookies: a SubjectPublicKeyInfo, the same one each time."""
    answer = await portal.ask(KEY, "kid=1")
    assert answer.status_code == 200
    assert answer.text.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert answer.text.endswith("-----END PUBLIC KEY-----\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await portal.ask(KEY)).text == answer.text


@pytest.mark.parametrize(
    ("wanted", "home"),
    [
        ("/profile?x=1#y", "/profile?x=1#y"),
        (f"{ORIGIN}/profile", "/profile"),
        *((url, "/") for url in ("", "https://evil.example/", "//evil.example", "/\\evil", "javascript:x")),
        *(
            (url, "/")
            for url in (f"{ORIGIN}.evil.example/", "/a\r\nb", "x" * 3_000, f"{ORIGIN}@evil.example/")
        ),
    ],
)
async def test_who_signs_in_comes_back_to_this_portal(portal: Portal, wanted: str, home: str) -> None:
    """A return address of another origin leads to the first page."""
    answer = await portal.ask("/SignIn", {"returnUrl": wanted})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.headers["location"]).query)["return_to"] == [home]


async def test_somebody_who_is_blocked_is_nobody(visited: Portal) -> None:
    """A person who may not sign in any more gets no token from a session that is left."""
    found = await visited.tenant.store.record(type(person()), visited.tenant.id, person().id)
    assert found
    assert await visited.tenant.change(Save(replace(found, blocked=True))) is None
    assert (await visited.ask(TOKEN, GOOD)).status_code == 302
