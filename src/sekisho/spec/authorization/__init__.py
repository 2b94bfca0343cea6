"""The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1)."""

from typing import Any, Literal

import msgspec

from sekisho.spec import pkce, scope
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.entra import challenge
from sekisho.spec.entra.challenge import Challenge
from sekisho.spec.http import Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import (
    CHALLENGE_MISSING,
    NUMBER_MALFORMED,
    PARAMETER_LONG,
)

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
