"""The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1)."""

from collections.abc import Callable, Collection
from typing import Any, Literal

import msgspec

from sekisho.spec import pkce, scope
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.entra import challenge
from sekisho.spec.entra.challenge import Challenge
from sekisho.spec.http import Pairs, one
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.authorization import (
    CHALLENGE_MISSING,
    NUMBER_MALFORMED,
    OPENID_MISSING,
    PARAMETER_LONG,
    PROMPT_INCOHERENT,
    REQUEST_BY_REFERENCE,
    REQUEST_OBJECT,
    RESPONSE_MODE_UNFIT,
    RESPONSE_MODE_UNKNOWN,
    RESPONSE_TYPE_NOT_ALLOWED,
    RESPONSE_TYPE_UNKNOWN,
)
from sekisho.spec.refusals.entra import TYPE_GATED

# In whose words a request is made and answered: the server's own, or Entra's (its older endpoint's: v1).
WireDialect = Literal["", "entra_v1", "entra_v2"]
LONGEST_TEXT = 2_048
LONGEST_SECONDS = 10
PROMPTS = frozenset(("none", "login", "consent", "select_account"))
# Their words in the order of the alphabet: a client may send them in any.
RESPONSE_TYPES = (
    *("code", "id_token", "token", "id_token token"),
    *("code id_token", "code token", "code id_token token"),
)
# What an administrator's consent is answered with: it is asked for at an address of its own, and never here.
ADMIN_CONSENT = "admin_consent"
RESPONSE_MODES = ("query", "fragment", "form_post", "web_message")
# What travels with a request unread, and what it may be at most.
_TEXTS = ("state", "nonce", "login_hint", "id_token_hint", "connection", "device")


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for, checked: it goes into the flow, and what matters of it into the code."""

    client_id: str
    redirect_uri: str
    redirect_sent: bool = True
    response_type: str = "code"
    response_mode: str = "query"
    scopes: tuple[str, ...] = ()
    audience: str = ""
    state: str | None = None
    nonce: str | None = None
    code_challenge: str = ""
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str = ""
    id_token_hint: str = ""
    connection: str = ""
    # The older pipeline's: what a refresh token in the answer itself is for.
    device: str = ""
    screen_hint: str = ""
    acr_values: tuple[str, ...] = ()
    ui_locales: tuple[str, ...] = ()
    # In Entra's words each scope names its resource: spec/entra/scope.py.
    dialect: WireDialect = ""
    names_user: bool = False
    # What a challenge told the client to ask for (`claims`): spec/entra/challenge.py.
    challenge: Challenge = challenge.NONE

    @property
    def is_silent(self) -> bool:
        """No page may be shown. OpenID Connect Core 1.0 section 3.1.2.1."""
        return "none" in self.prompt

    @property
    def words(self) -> frozenset[str]:
        """What the answer carries."""
        return frozenset(self.response_type.split())

    @property
    def shows_tokens(self) -> bool:
        """The answer has a token in it. OAuth 2.0 Multiple Response Types section 5."""
        return not self.words.isdisjoint(("token", "id_token"))

    @property
    def is_for_everybody(self) -> bool:
        """An administrator is asked, in the name of all people of the tenant."""
        return self.response_type == ADMIN_CONSENT

    @property
    def is_openid(self) -> bool:
        """It asks who the person is."""
        return "openid" in self.scopes


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may ask for, as far as these rules care."""

    grant_types: Collection[str]
    is_public: bool
    needs_challenge: bool = False
    # The older pipeline of Auth0: spec/pipeline.py.
    is_legacy: bool = False
    # Those that a kind of client is limited to; empty for no such limit.
    response_types: Collection[str] = ()
    response_modes: Collection[str] = RESPONSE_MODES
    # What of it may be in the front channel, where a client says that apart from its grant types.
    front_channel: Collection[str] | None = None


def read(pairs: Pairs, redirect_uri: str, *, redirect_sent: bool) -> AuthorizationRequest:
    """The request as values; what cannot be read is refused."""
    response_type = " ".join(sorted(_words(pairs, "response_type")))
    return AuthorizationRequest(
        client_id=one(pairs, "client_id") or "",
        redirect_uri=redirect_uri,
        redirect_sent=redirect_sent,
        response_type=response_type,
        response_mode=one(pairs, "response_mode") or usual_mode(response_type),
        scopes=scope.parse(one(pairs, "scope")) or (),
        audience=one(pairs, "audience") or one(pairs, "resource") or "",
        code_challenge=_challenge(pairs),
        prompt=_words(pairs, "prompt"),
        max_age=_seconds(pairs, "max_age"),
        acr_values=_words(pairs, "acr_values"),
        ui_locales=_words(pairs, "ui_locales"),
        screen_hint=one(pairs, "screen_hint") or "",
        names_user=one(pairs, "client_info") == "1",
        **_texts(pairs),
    )


def usual_mode(response_type: str) -> str:
    """Tokens stay out of the logs of servers. OAuth 2.0 Multiple Response Types sections 2.1 and 5."""
    return "query" if {"token", "id_token"}.isdisjoint(response_type.split()) else "fragment"


def _words(pairs: Pairs, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((one(pairs, name) or "").split()))


def _texts(pairs: Pairs) -> dict[str, Any]:
    found = {name: value for name in _TEXTS if (value := one(pairs, name)) is not None}
    for name, value in found.items():
        longest = LONGEST_TEXT * (4 if name == "id_token_hint" else 1)
        if len(value) > longest:
            seen = contrast(name, f"at most {longest} characters", f"{len(value)} characters")
            raise Refused(PARAMETER_LONG, words={"name": name}, seen=seen)
    return found


def _seconds(pairs: Pairs, name: str) -> int | None:
    text = one(pairs, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_SECONDS:
        seen = contrast(name, "a whole number of seconds", text)
        raise Refused(NUMBER_MALFORMED, words={"name": name}, seen=seen)
    return int(text)


def _challenge(pairs: Pairs) -> str:
    challenge, method = one(pairs, "code_challenge"), one(pairs, "code_challenge_method")
    if challenge is None:
        if method is not None:
            seen = absent("code_challenge", "one with code_challenge_method")
            raise Refused(CHALLENGE_MISSING, debug="code_challenge_method without code_challenge", seen=seen)
        return ""
    pkce.challenge_is_sound(challenge, method or "plain")
    return challenge


Rule = Callable[[AuthorizationRequest, Pairs, Permission], None]


def nothing_is_by_reference(_: AuthorizationRequest, pairs: Pairs, __: Permission) -> None:
    """Whoever relies on a request object must not be half understood. OpenID Connect Core 1.0 section 6."""
    if one(pairs, "request") is not None:
        raise Refused(REQUEST_OBJECT, seen=contrast("request", "", one(pairs, "request") or ""))
    if one(pairs, "request_uri") is not None:
        seen = contrast("request_uri", "one that /oauth/par answered", one(pairs, "request_uri") or "")
        raise Refused(REQUEST_BY_REFERENCE, seen=seen)


def response_type_is_known(request: AuthorizationRequest, _: Pairs, __: Permission) -> None:
    """It is one that this server has. RFC 6749 section 3.1.1."""
    if not request.response_type:
        seen = absent("response_type", ", ".join(RESPONSE_TYPES))
        raise Refused(MISSING_PARAMETER, words={"name": "response_type"}, seen=seen)
    if request.response_type not in RESPONSE_TYPES:
        raise _type_unknown(request, RESPONSE_TYPES)


def response_type_is_allowed(request: AuthorizationRequest, _: Pairs, may: Permission) -> None:
    """The client is registered for what the answer carries. RFC 6749 section 4.1.2.1."""
    if may.response_types and request.response_type not in may.response_types:
        raise _type_unknown(request, may.response_types)
    if may.front_channel is not None and request.shows_tokens:
        _is_let_through(request, may, may.front_channel)
        return
    wanted = (("authorization_code", "code" in request.words), ("implicit", request.shows_tokens))
    for grant_type, is_wanted in wanted:
        if is_wanted and grant_type not in may.grant_types:
            seen = contrast("grant_type", " ".join(may.grant_types), grant_type)
            raise Refused(RESPONSE_TYPE_NOT_ALLOWED, words={"grant_type": grant_type}, seen=seen)


def _is_let_through(request: AuthorizationRequest, may: Permission, let: Collection[str]) -> None:
    """Each kind of token in the front channel is switched on by itself."""
    for word in sorted(request.words.intersection(("id_token", "token"))):
        if word not in let or "implicit" not in may.grant_types:
            seen = contrast("response_type", " ".join(let) or "code", word)
            raise Refused(TYPE_GATED, words={"word": word}, seen=seen)


def _type_unknown(request: AuthorizationRequest, known: Collection[str]) -> Refused:
    seen = contrast("response_type", ", ".join(known), request.response_type)
    return Refused(RESPONSE_TYPE_UNKNOWN, words={"response_type": request.response_type[:64]}, seen=seen)


def response_mode_is_known(request: AuthorizationRequest, _: Pairs, may: Permission) -> None:
    """It is one that this server has. OAuth 2.0 Multiple Response Types section 2.1."""
    if request.response_mode not in may.response_modes:
        seen = contrast("response_mode", " ".join(may.response_modes), request.response_mode)
        raise Refused(RESPONSE_MODE_UNKNOWN, words={"response_mode": request.response_mode[:64]}, seen=seen)
    if request.response_mode == "query" and request.shows_tokens:
        raise Refused(RESPONSE_MODE_UNFIT, seen=contrast("response_mode", "fragment form_post", "query"))


def identity_is_asked_for(request: AuthorizationRequest, _: Pairs, may: Permission) -> None:
    """An ID token is bound to its request by a nonce. OpenID Connect Core 1.0 sections 3.2.2.1, 3.3.2.11.

    Auth0's older pipeline, which a tenant chooses for a client, does not insist on one.
    """
    if "id_token" not in request.words:
        return
    if not request.is_openid:
        raise Refused(OPENID_MISSING, seen=contrast("scope", "openid", scope.text(request.scopes)))
    if not request.nonce and not may.is_legacy:
        raise Refused(MISSING_PARAMETER, words={"name": "nonce"}, seen=absent("nonce"))


def challenge_is_there_when_needed(request: AuthorizationRequest, _: Pairs, may: Permission) -> None:
    """A client without credentials proves by PKCE that the code is its own. RFC 9700 section 2.1.1."""
    needs = "code" in request.words and (may.is_public or may.needs_challenge)
    if needs and not request.code_challenge:
        seen = absent("code_challenge", "one with code_challenge_method=S256")
        raise Refused(CHALLENGE_MISSING, seen=seen)


def prompt_is_coherent(request: AuthorizationRequest, _: Pairs, __: Permission) -> None:
    """Known words; `none` stands alone. OpenID Connect Core 1.0 section 3.1.2.1."""
    if not PROMPTS.issuperset(request.prompt) or (request.is_silent and len(request.prompt) > 1):
        seen = contrast("prompt", "none, or any of login consent select_account", " ".join(request.prompt))
        raise Refused(PROMPT_INCOHERENT, seen=seen)


# The order is observable where two things are wrong, so it is fixed here.
RULES: tuple[Rule, ...] = (
    nothing_is_by_reference,
    response_type_is_known,
    response_mode_is_known,
    response_type_is_allowed,
    identity_is_asked_for,
    challenge_is_there_when_needed,
    prompt_is_coherent,
)


def hold(request: AuthorizationRequest, pairs: Pairs, may: Permission) -> None:
    """All rules, in their order."""
    for rule in RULES:
        rule(request, pairs, may)
