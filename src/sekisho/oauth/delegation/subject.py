"""The token that an application was called with, and shows in order to go on in the same person's name."""

from dataclasses import dataclass

from sekisho import tokens
from sekisho.model.api import Api
from sekisho.model.bearer import Bearer, recalled
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.spec import jose
from sekisho.spec.contrast import contrast
from sekisho.spec.entra.scope import spellings
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import GRANT_BLOCKED
from sekisho.spec.refusals.exchange import (
    SUBJECT_APP_ONLY,
    SUBJECT_AUDIENCE,
    SUBJECT_EXPIRED,
    SUBJECT_GONE,
    SUBJECT_ID_TOKEN,
    SUBJECT_MALFORMED,
    SUBJECT_REVOKED,
    SUBJECT_SCOPELESS,
    SUBJECT_UNTRUSTED,
)
from sekisho.spec.refusals.protocol import TOKEN_EXPIRED, TOKEN_INVALID
from sekisho.spec.refusals.registration import TOKEN_CLIENT_GONE
from sekisho.tenant import Tenant
from sekisho.tokens import signed
from sekisho.tokens.entra import names as known_as

DOTS = 2
# Clocks of the servers of a call chain differ: so many seconds, as Entra has it.
SKEW = 300


@dataclass(frozen=True, slots=True)
class Subject:
    """What was shown, and the person it is about."""

    bearer: Bearer
    user: User


async def shown(text: str, client: Client, tenant: Tenant) -> Subject:
    """It is an access token of ours, about a person, for this client, and nothing of it was taken back."""
    compact = _read(text)
    _is_ours(compact, tenant)
    _is_in_time(compact, tenant)
    _is_from_here(compact, tenant)
    _is_no_id_token(compact)
    return await held(_bearer(compact, tenant), client, tenant)


async def held(bearer: Bearer, client: Client, tenant: Tenant) -> Subject:
    """What it says is about a person and for this client, whichever kind of token said it."""
    api = await _is_for(bearer, client, tenant)
    _is_about_a_person(bearer)
    user = await _person(bearer, tenant)
    _was_given_for(api, bearer, user, tenant)
    await _stands(bearer, tenant)
    return Subject(bearer, user)


def _read(text: str) -> Compact:
    """A compact JWS with an algorithm of ours. RFC 7515 section 7.1."""
    if text.count(".") != DOTS or len(text) > tokens.LONGEST_TOKEN or not text.isascii():
        raise Refused(SUBJECT_MALFORMED, debug="this is not the shape of a signed token")
    try:
        return jose.read_compact(text, signed.ALGORITHMS)
    except Refused as refused:
        raise Refused(SUBJECT_MALFORMED, debug=refused.debug) from refused


def _is_ours(compact: Compact, tenant: Tenant) -> None:
    """A key of this tenant's signed it: not another issuer's, nor one of an application's own."""
    if not signed.is_signed(compact, tenant):
        raise Refused(SUBJECT_UNTRUSTED, debug="no key of ours signed this as an access token")


def _is_in_time(compact: Compact, tenant: Tenant) -> None:
    try:
        jose.times_hold(compact.payload, tenant.now(), SKEW)
    except Refused as refused:
        raise Refused(SUBJECT_EXPIRED, debug=refused.debug) from refused


def _is_from_here(compact: Compact, tenant: Tenant) -> None:
    """The issuer is one of this tenant's, at an address where it still answers."""
    issuer = compact.payload.get("iss")
    if not isinstance(issuer, str) or not (tenant.issues(issuer) or tenant.accepts(issuer)):
        raise Refused(SUBJECT_UNTRUSTED, debug="the issuer is not this tenant")


def _is_no_id_token(compact: Compact) -> None:
    """An ID token says who somebody is, and not what may be done in their name."""
    said = recalled(compact.payload)
    is_one = said.kind == "i" if said else "auth_time" in compact.payload and "scope" not in compact.payload
    if is_one:
        raise Refused(SUBJECT_ID_TOKEN)


def _bearer(compact: Compact, tenant: Tenant) -> Bearer:
    try:
        return tokens.bearer(compact.payload, tenant)
    except Refused as refused:
        raise Refused(SUBJECT_UNTRUSTED, debug=refused.debug) from refused


async def _is_for(bearer: Bearer, client: Client, tenant: Tenant) -> str:
    """Its audience is the application that shows it: whoever got somebody else's token refuses it."""
    names = {name for each in bearer.audience for name in spellings(each)}
    if client.client_id in names:
        return client.client_id
    for audience in bearer.audience:
        for name in spellings(audience):
            api = await tenant.known.named(Api, tenant.id, name)
            if api and _is_of(api, client):
                return api.identifier
    seen = contrast("aud", client.client_id, " ".join(bearer.audience))
    raise Refused(SUBJECT_AUDIENCE, seen=seen)


def _was_given_for(api: str, bearer: Bearer, user: User, tenant: Tenant) -> None:
    """The address may be another application's by now: the person has another name there."""
    if bearer.pairwise and bearer.pairwise != known_as.pairwise(tenant, user.id, api):
        seen = contrast("aud", api, " ".join(bearer.audience))
        raise Refused(SUBJECT_AUDIENCE, debug="its audience was another application's then", seen=seen)


def _is_of(api: Api, client: Client) -> bool:
    """It is the application's own API. That it may ask what tokens of any API mean makes it none of them."""
    return api.owner_client == client.client_id or client.resource_server_identifier in api.identifiers


def _is_about_a_person(bearer: Bearer) -> None:
    if bearer.subject.endswith("@clients") or bearer.subject == bearer.client_id:
        raise Refused(SUBJECT_APP_ONLY)
    if not bearer.scopes:
        raise Refused(SUBJECT_SCOPELESS)


async def _person(bearer: Bearer, tenant: Tenant) -> User:
    user = await tenant.store.named(User, tenant.id, bearer.subject)
    if user is None:
        raise Refused(SUBJECT_GONE)
    if user.blocked:
        raise Refused(GRANT_BLOCKED, seen=contrast("blocked", "false", "true"))
    return user


async def _stands(bearer: Bearer, tenant: Tenant) -> None:
    """Neither it nor its client nor its grant ended since."""
    try:
        await tokens.lives(bearer, tenant)
    except Refused as refused:
        if refused.reason not in (TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_CLIENT_GONE):
            raise
        raise Refused(SUBJECT_REVOKED, debug=refused.debug) from refused
