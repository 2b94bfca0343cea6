"""What an authorization request has to be (RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 3.1.2.2)."""

from collections.abc import Callable, Collection

import msgspec

from sekisho.spec import scope
from sekisho.spec.authorization import (
    PROMPTS,
    RESPONSE_MODES,
    RESPONSE_TYPES,
    AuthorizationRequest,
)
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.http import Pairs, one
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.authorization import (
    CHALLENGE_MISSING,
    OPENID_MISSING,
    PROMPT_INCOHERENT,
    REQUEST_BY_REFERENCE,
    REQUEST_OBJECT,
    RESPONSE_MODE_UNFIT,
    RESPONSE_MODE_UNKNOWN,
    RESPONSE_TYPE_NOT_ALLOWED,
    RESPONSE_TYPE_UNKNOWN,
)
from sekisho.spec.refusals.entra import TYPE_GATED


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
