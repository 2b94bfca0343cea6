"""What is issued and recognised: one file per kind of token, one table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sekisho.model.artifact import Owner
from sekisho.model.bearer import Bearer, recalled
from sekisho.model.client import COMMAND_LINE, Client
from sekisho.model.granted import Beside, Granted
from sekisho.model.step import Put
from sekisho.spec import scope
from sekisho.spec.authorization import WireDialect
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_INVALID
from sekisho.spec.refusals.registration import (
    TOKEN_CLIENT_GONE,
    TOKEN_SECRET_REPLACED,
    TOKEN_STATEMENT_ENDED,
)
from sekisho.tenant import Tenant
from sekisho.tokens import (
    access_token,
    adobe_pass,
    id_token,
    nested,
    opaque,
    refresh_token,
    signed,
    standing,
)
from sekisho.tokens.entra import access as entra_access
from sekisho.tokens.entra import assertion
from sekisho.tokens.entra import id_token as entra_id_token

Mint = Callable[[Granted, Tenant], tuple[str, tuple[Put, ...]]]

MINTS: Mapping[tuple[str, str], Mint] = {
    ("access_token", "access_token"): access_token.mint,
    ("access_token", "rfc9068_profile"): access_token.mint_rfc9068,
    ("access_token", "opaque"): opaque.mint,
    ("access_token", "adobe_pass"): adobe_pass.mint,
    ("access_token", "entra_v1"): entra_access.mint_older,
    ("access_token", "entra_v2"): entra_access.mint_newer,
    ("saml2", "entra_v1"): assertion.mint_newer,
    ("saml2", "entra_v2"): assertion.mint_newer,
    ("saml1", "entra_v1"): assertion.mint_older,
    ("saml1", "entra_v2"): assertion.mint_older,
}
# An ID token is in the words of the request.
ID_TOKENS: Mapping[WireDialect, Callable[[Granted, Beside, Tenant], str]] = {
    "": id_token.mint,
    "entra_v1": entra_id_token.mint_older,
    "entra_v2": entra_id_token.mint_newer,
}
LONGEST_TOKEN = 16 * 1024


@dataclass(frozen=True, slots=True)
class Issued:
    """The answer's body, and what has to be on disk before it is sent."""

    body: dict[str, object]
    puts: tuple[Put, ...]


def issue(granted: Granted, tenant: Tenant) -> Issued:
    """Mint what was granted; nothing is written here."""
    text, puts = access(granted, tenant)
    body: dict[str, object] = {
        "access_token": text,
        "token_type": "Bearer",
        "expires_in": granted.lifetime,
        # Always: where it is left out, a client believes that it got all it asked for (RFC 6749 section 5.1).
        "scope": scope.text(granted.scopes),
    }
    if granted.user and granted.sign_in and "openid" in granted.scopes:
        beside = Beside() if granted.dialect else Beside(access_token=text)
        body["id_token"] = ID_TOKENS[granted.dialect](granted, beside, tenant)
    if granted.issued_type:
        body["issued_token_type"] = granted.issued_type
    if granted.refresh:
        body["refresh_token"] = refresh_token.mint(granted.refresh, tenant)
    return Issued({**body, **granted.told}, puts)


def access(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """The access token, in the words of its API, to which it is encrypted where the API wants that."""
    text, puts = MINTS[granted.kind, granted.api.dialect](granted, tenant)
    encryption = None if granted.assertion else granted.api.encryption
    return (nested.encrypted(text, encryption), puts) if encryption else (text, puts)


async def _signed(text: str, tenant: Tenant) -> Bearer:
    """What a signed one says, if it is in time."""
    return bearer(signed.verified(text, tenant), tenant)


def bearer(claims: Mapping[str, object], tenant: Tenant) -> Bearer:
    """What the claims of a token say that we signed, in whichever words."""
    said = recalled(claims)
    if said is None:
        return signed.bearer(claims, tenant)
    return entra_access.bearer(claims, said, tenant)


# A compact JWS has two dots, a handle of ours none (RFC 7515 section 7.1).
READS: Mapping[int, Callable[[str, Tenant], Awaitable[Bearer]]] = {0: opaque.read, 2: _signed}


async def read(text: str, tenant: Tenant) -> Bearer:
    """What a token of this tenant says. It may have been revoked: whoever asks looks that up."""
    reader = READS.get(text.count("."))
    if reader is None or len(text) > LONGEST_TOKEN or not text.isascii():
        raise Refused(TOKEN_INVALID, debug="this is not the shape of a token")
    return await reader(text, tenant)


async def live(text: str, tenant: Tenant) -> Bearer:
    """What a token says, if neither it nor its client ended since: one read more for a signed one."""
    bearer = await read(text, tenant)
    await lives(bearer, tenant)
    return bearer


async def lives(bearer: Bearer, tenant: Tenant) -> None:
    """What was read has not ended since: its client is there, and nobody revoked it."""
    if bearer.client_id != COMMAND_LINE:
        client = await tenant.known.named(Client, tenant.id, bearer.client_id)
        await _holds(client, bearer, tenant)
    if bearer.stands:
        return
    owner = Owner(tenant=tenant.id, grant=bearer.grant, client=bearer.client_id, user=_person(bearer))
    if await tenant.store.revoked(owner, bearer.issued_at):
        raise Refused(TOKEN_INVALID, debug="the token was revoked")


def _person(bearer: Bearer) -> str | None:
    """The user in whose name it was given."""
    return None if is_clients(bearer) else bearer.subject


def is_clients(bearer: Bearer) -> bool:
    """It was given in a client's own name: it is about nobody."""
    return bearer.subject == bearer.client_id or bearer.subject.endswith("@clients")


async def _holds(client: Client | None, bearer: Bearer, tenant: Tenant) -> None:
    if client is None or not client.enabled:
        raise Refused(TOKEN_CLIENT_GONE, debug="the client was deleted or disabled")
    if client.registration is None:
        return
    if client.registration.generation != bearer.generation:
        raise Refused(TOKEN_SECRET_REPLACED, debug="the secret that it was asked for with was replaced")
    if await standing.application_of(client.registration, tenant) is None:
        raise Refused(TOKEN_STATEMENT_ENDED, debug="the software statement or its application was revoked")


async def good(text: str, tenant: Tenant) -> Bearer | None:
    """What a live token says, or None: for those who may not learn why a token is no good."""
    try:
        return await live(text, tenant)
    except Refused as refused:
        if refused.reason.error != TOKEN_INVALID.error:
            raise
        return None
