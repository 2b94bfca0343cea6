"""The authorization request: what is read, and the rules it has to pass."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec import authorization
from sekisho.spec.authorization import RESPONSE_TYPES, AuthorizationRequest, rules
from sekisho.spec.authorization.rules import Permission
from sekisho.spec.contrast import WITHHELD, Contrast
from sekisho.spec.http import Pairs
from sekisho.spec.refusal import Refused

CALLBACK = "https://app.example.com/cb"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
WEB = Permission(grant_types=("authorization_code",), is_public=False)
SPA = Permission(grant_types=("authorization_code",), is_public=True)
STRICT = Permission(grant_types=("authorization_code",), is_public=False, needs_challenge=True)
FRONT = Permission(grant_types=("authorization_code", "implicit"), is_public=False)
PORTAL = Permission(
    grant_types=("authorization_code", "implicit"),
    is_public=False,
    response_types=("id_token", "id_token token", "code id_token"),
)
MACHINE = Permission(grant_types=("client_credentials",), is_public=False)
GOOD = {"client_id": "web", "response_type": "code"}


def pairs(**more: str | None) -> Pairs:
    return tuple((name, value) for name, value in {**GOOD, **more}.items() if value is not None)


def held(sent: Pairs, may: Permission = WEB) -> AuthorizationRequest:
    request = authorization.read(sent, CALLBACK, redirect_sent=True)
    rules.hold(request, sent, may)
    return request


def test_reads_all_of_it() -> None:
    """Every parameter becomes a value. RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1."""
    sent = pairs(
        response_mode="fragment",
        scope="openid email openid",
        audience="https://api.example.com",
        state="s",
        nonce="n",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        prompt="login consent login",
        max_age="0060",
        login_hint="aya",
        id_token_hint="a.b.c",
        connection="db",
        screen_hint="signup",
        acr_values="1 2",
        ui_locales="ja en",
        display="page",
        unknown="x",
    )
    assert held(sent) == AuthorizationRequest(
        client_id="web",
        redirect_uri=CALLBACK,
        response_mode="fragment",
        scopes=("openid", "email"),
        audience="https://api.example.com",
        state="s",
        nonce="n",
        code_challenge=CHALLENGE,
        prompt=("login", "consent"),
        max_age=60,
        login_hint="aya",
        id_token_hint="a.b.c",
        connection="db",
        screen_hint="signup",
        acr_values=("1", "2"),
        ui_locales=("ja", "en"),
    )


def test_a_parameter_without_a_value_was_not_sent() -> None:
    """Empty is absent. RFC 6749 section 3.1."""
    empty = dict.fromkeys(("state", "nonce", "scope", "prompt", "max_age", "code_challenge"), "")
    assert held(pairs(**empty)) == held(pairs())
    assert held(pairs()).state is None


def test_says_what_it_is() -> None:
    """Silent without pages, and about a person where `openid` is asked for."""
    request = held(pairs(prompt="none", scope="openid"))
    assert request.is_silent
    assert request.is_openid
    assert not held(pairs()).is_silent
    assert not held(pairs(scope="profile")).is_openid
    assert held(pairs(resource="https://api.example.com")).audience == "https://api.example.com"


@pytest.mark.parametrize(
    ("sent", "may", "slug"),
    [
        (pairs(), WEB, None),
        (pairs(code_challenge=CHALLENGE, code_challenge_method="S256"), SPA, None),
        (pairs(code_challenge=CHALLENGE, code_challenge_method="S256"), STRICT, None),
        (pairs(prompt="login consent select_account"), WEB, None),
        (pairs(max_age="0"), WEB, None),
        (pairs(state="x" * 2048), WEB, None),
        (pairs(id_token_hint="x" * 8192), WEB, None),
        (pairs(response_type=None), WEB, "missing_parameter"),
        (pairs(response_type="none"), WEB, "response_type_unknown"),
        (pairs(response_type="code none"), WEB, "response_type_unknown"),
        (pairs(response_type="token"), WEB, "response_type_not_allowed"),
        (pairs(response_type="code token"), WEB, "response_type_not_allowed"),
        (pairs(response_type="id_token", scope="openid", nonce="n"), FRONT, None),
        (pairs(response_type="token id_token code", scope="openid", nonce="n"), FRONT, None),
        (pairs(response_type="id_token", scope="openid"), FRONT, "missing_parameter"),
        (pairs(response_type="code id_token", nonce="n"), FRONT, "openid_missing"),
        (pairs(response_type="token"), FRONT, None),
        (pairs(response_type="token", response_mode="form_post"), FRONT, None),
        (pairs(response_type="token", response_mode="query"), FRONT, "response_mode_unfit"),
        (pairs(response_type="code token"), PORTAL, "response_type_unknown"),
        (pairs(), PORTAL, "response_type_unknown"),
        (pairs(response_type="code id_token", scope="openid", nonce="n"), PORTAL, None),
        (pairs(response_type="CODE"), WEB, "response_type_unknown"),
        (pairs(response_mode="post"), WEB, "response_mode_unknown"),
        (pairs(), MACHINE, "response_type_not_allowed"),
        (pairs(prompt="none login"), WEB, "prompt_incoherent"),
        (pairs(prompt="create"), WEB, "prompt_incoherent"),
        (pairs(max_age="-1"), WEB, "number_malformed"),
        (pairs(max_age="1.5"), WEB, "number_malformed"),
        (pairs(max_age="٣"), WEB, "number_malformed"),
        (pairs(max_age="1" * 11), WEB, "number_malformed"),
        (pairs(state="x" * 2049), WEB, "parameter_long"),
        (pairs(nonce="x" * 2049), WEB, "parameter_long"),
        (pairs(id_token_hint="x" * 8193), WEB, "parameter_long"),
        (pairs(), SPA, "challenge_missing"),
        (pairs(), STRICT, "challenge_missing"),
        (pairs(code_challenge_method="S256"), WEB, "challenge_missing"),
        (pairs(code_challenge=CHALLENGE), WEB, "challenge_malformed"),
        (pairs(code_challenge=CHALLENGE, code_challenge_method="plain"), WEB, "challenge_malformed"),
        (pairs(code_challenge="x", code_challenge_method="S256"), WEB, "challenge_malformed"),
        (pairs(request="a.b.c"), WEB, "request_object"),
        (pairs(request_uri="https://app.example.com/r"), WEB, "request_by_reference"),
        (pairs(scope='a"b'), WEB, "scope_malformed"),
        ((*pairs(), ("prompt", "none"), ("prompt", "login")), WEB, "repeated_parameter"),
    ],
)
def test_rules(sent: Pairs, may: Permission, slug: str | None) -> None:
    """Each rule passes or says what is wrong. RFC 6749 section 4.1.2.1."""
    if slug is None:
        assert held(sent, may)
        return
    with pytest.raises(Refused, match=slug):
        held(sent, may)


EVERY_TYPE = ", ".join(RESPONSE_TYPES)
PORTALS_TYPES = "id_token, id_token token, code id_token"
LONE_METHOD = ("code_challenge", "one with code_challenge_method", "")
NO_CHALLENGE = ("code_challenge", "one with code_challenge_method=S256", "")
PROMPTS = "none, or any of login consent select_account"


@pytest.mark.parametrize(
    ("sent", "may", "seen"),
    [
        (pairs(response_type=None), WEB, ("response_type", EVERY_TYPE, "")),
        (pairs(response_type="code none"), WEB, ("response_type", EVERY_TYPE, "code none")),
        (pairs(response_type="code token"), PORTAL, ("response_type", PORTALS_TYPES, "code token")),
        (pairs(), MACHINE, ("grant_type", "client_credentials", "authorization_code")),
        (pairs(response_type="token"), WEB, ("grant_type", "authorization_code", "implicit")),
        (pairs(response_mode="post"), WEB, ("response_mode", "query fragment form_post web_message", "post")),
        (
            pairs(response_type="token", response_mode="query"),
            FRONT,
            ("response_mode", "fragment form_post", "query"),
        ),
        (pairs(response_type="id_token", scope="email x"), FRONT, ("scope", "openid", "email x")),
        (pairs(response_type="id_token", scope="openid"), FRONT, ("nonce", "a value", "")),
        (pairs(), SPA, NO_CHALLENGE),
        (pairs(code_challenge_method="S256"), WEB, LONE_METHOD),
        (pairs(code_challenge=CHALLENGE), WEB, ("code_challenge_method", "S256", "plain")),
        (
            pairs(code_challenge="my own verifier", code_challenge_method="S256"),
            WEB,
            ("code_challenge", "43 characters of base64url", "15 characters"),
        ),
        (pairs(prompt="none login"), WEB, ("prompt", PROMPTS, "none login")),
        (pairs(max_age="1.5"), WEB, ("max_age", "a whole number of seconds", "1.5")),
        (pairs(nonce="x" * 2049), WEB, ("nonce", "at most 2048 characters", "2049 characters")),
        (pairs(state="x" * 2049), WEB, ("state", "at most 2048 characters", WITHHELD)),
        (pairs(id_token_hint="x" * 8193), WEB, ("id_token_hint", "at most 8192 characters", WITHHELD)),
        (pairs(request="a.b.c"), WEB, ("request", "", WITHHELD)),
        (pairs(request_uri="urn:x"), WEB, ("request_uri", "one that /oauth/par answered", WITHHELD)),
        (pairs(scope='a"b'), WEB, ("scope", "words of ASCII without quotes", 'a"b')),
        ((*pairs(), ("prompt", "a"), ("prompt", "b")), WEB, ("prompt", "once", "more than once")),
    ],
)
def test_rules_tell_what_they_expected(sent: Pairs, may: Permission, seen: tuple[str, str, str]) -> None:
    """Each rule tells what it expected and what came, without what may be a secret."""
    with pytest.raises(Refused) as refused:
        held(sent, may)
    assert refused.value.seen == Contrast(*seen)


def test_the_order_of_rules_is_fixed() -> None:
    """Of several faults the one of the first rule is told."""
    faults = pairs(request="x", response_type="x", response_mode="x", prompt="x")
    slugs = []
    for name, repaired in (("request", None), ("response_type", "code"), ("response_mode", None)):
        with pytest.raises(Refused) as refused:
            held(faults, SPA)
        slugs.append(refused.value.reason.slug)
        faults = tuple((key, value) for key, value in faults if key != name)
        faults += ((name, repaired),) if repaired else ()
    assert slugs == ["request_object", "response_type_unknown", "response_mode_unknown"]


NAMES = ("response_type", "scope", "prompt", "max_age", "state", "code_challenge", "ui_locales", "request")


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text()), max_size=8))
def test_any_request_passes_or_is_refused(sent: list[tuple[str, str]]) -> None:
    """Whatever is sent, the answer is a request or a refusal: nothing breaks."""
    with contextlib.suppress(Refused):
        assert held(tuple(sent)).response_type == "code"
