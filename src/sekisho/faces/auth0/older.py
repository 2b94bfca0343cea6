"""POST /oauth/ro and /tokeninfo: what clients of the older pipeline call, while the tenant lets them."""

from datetime import UTC, datetime

from msgspec.structs import replace

from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.oauth import token
from sekisho.oauth.authenticate import authenticate
from sekisho.oauth.grants import GRANTS
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, one, parameters_are_single
from sekisho.spec.policy import PASSWORD_GRANTS, PASSWORD_REALM
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import (
    GRANT_TYPE_NOT_ALLOWED,
    LEGACY_CONFORMANT,
    LEGACY_OFF,
    TOKEN_INVALID,
)
from sekisho.tenant import Tenant
from sekisho.tokens import id_token

# Which of their members the answers have.
GIVEN = ("id_token", "access_token", "token_type", "refresh_token")
PROFILE = ("email", "email_verified", "name", "nickname", "given_name", "family_name", "picture")
OFFLINE = "offline_access"


async def resource_owner(ask: Ask, tenant: Tenant) -> Answer:
    """POST /oauth/ro: the password grant as it was before there were APIs."""
    _is_on("allow_legacy_ro_grant_types", on=tenant.policy.legacy_ro)
    parameters_are_single(ask.form)
    client = await authenticate(ask, tenant)
    _is_older(client)
    if not set(PASSWORD_GRANTS).intersection(client.grant_types):
        seen = contrast("grant_type", " ".join(client.grant_types), "password")
        raise Refused(GRANT_TYPE_NOT_ALLOWED, words={"grant_type": "password"}, seen=seen)
    answer = await token.given(GRANTS[PASSWORD_REALM], client, replace(ask, form=_asked(ask)), tenant)
    body = answer.json
    assert isinstance(body, dict)  # noqa: S101 - for the types: tokens come in an object
    return replace(answer, json={name: body[name] for name in GIVEN if name in body})


def _asked(ask: Ask) -> Pairs:
    """The same in the words of today; a refresh token is for a device that is named."""
    scopes = (one(ask.form, "scope") or "").split()
    if one(ask.form, "device") is None:
        scopes = [each for each in scopes if each != OFFLINE]
    return (
        ("username", ask.need("username")),
        ("password", ask.need("password")),
        ("realm", ask.need("connection")),
        ("scope", " ".join(scopes)),
    )


async def tokeninfo(ask: Ask, tenant: Tenant) -> Answer:
    """POST /tokeninfo: the profile of whom an ID token is about, while it is good."""
    _is_on("allow_legacy_tokeninfo_endpoint", on=tenant.policy.legacy_tokeninfo)
    said = await _live(ask.need("id_token"), tenant)
    client = await tenant.known.named(Client, tenant.id, said.client)
    user = await tenant.store.named(User, tenant.id, said.subject)
    if client is None or not client.enabled or user is None or user.blocked:
        raise Refused(TOKEN_INVALID, debug="the client or the user is gone, disabled or blocked")
    _is_older(client)
    return Answer(json={**_profile(user), "clientID": client.client_id}, headers=NO_STORE)


async def _live(text: str, tenant: Tenant) -> id_token.Said:
    """What an ID token says that has not expired, and whose person's things were not ended since."""
    try:
        said = id_token.ours(text, tenant)
    except Refused as refused:
        raise Refused(TOKEN_INVALID, debug=refused.debug) from refused
    whose = Owner(tenant=tenant.id, user=said.subject, client=said.client)
    if said.expires_at <= tenant.now() or await tenant.store.revoked(whose, said.issued_at):
        raise Refused(TOKEN_INVALID, debug="it has expired, or was ended")
    return said


def _profile(user: User) -> dict[str, object]:
    whole = user.whole
    times = {"created_at": _iso(user.created_at), "updated_at": _iso(user.updated_at)}
    told = {name: whole[name] for name in PROFILE if whole.get(name) not in (None, "")}
    return {**told, "user_id": user.user_id, "identities": whole["identities"], **times}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_on(flag: str, *, on: bool) -> None:
    if not on:
        raise Refused(LEGACY_OFF, words={"flag": flag}, seen=contrast(flag, "true", "false"))


def _is_older(client: Client) -> None:
    """The client stayed with the older pipeline."""
    if client.oidc_conformant:
        raise Refused(LEGACY_CONFORMANT, seen=contrast("oidc_conformant", "false", "true"))
