"""The keys of somebody else: at an address, or where the metadata of an issuer says (RFC 8414 section 3)."""

from typing import Protocol

from sekisho.keys import client_key
from sekisho.keys.foreign import ForeignKey, KeyUnusable
from sekisho.spec.assertion import Terms
from sekisho.spec.exchange import published
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import OVERLOADED, Reason, Refused
from sekisho.tenant import Tenant

LONGEST_SET = 64 * 1024
Keys = tuple[ForeignKey, ...]


class Look(Protocol):
    """A place where keys are: as they are remembered there, or asked for again."""

    async def __call__(self, *, fresh: bool) -> Keys: ...


async def meant(look: Look, compact: Compact, held_to: Terms) -> Keys:
    """Those that are remembered; asked for again where none is the one that is meant (rotation)."""
    young = await look(fresh=False)
    if client_key.named(young, compact, held_to):
        return young
    return await look(fresh=True)


def at(address: str, reason: Reason, tenant: Tenant) -> Look:
    """Those of the JWK Set at an address; where there is none, the reason is the caller's."""

    async def look(*, fresh: bool) -> Keys:
        return client_key.published(await _document(address, tenant, fresh=fresh))

    return _or(reason, look)


def of_issuer(issuer: str, reason: Reason, tenant: Tenant) -> Look:
    """Those that an issuer publishes, found by its metadata."""

    async def look(*, fresh: bool) -> Keys:
        told = await _document(published.address(issuer), tenant, fresh=fresh)
        return client_key.published(await _document(published.jwks_uri(told, issuer), tenant, fresh=fresh))

    return _or(reason, look)


def _or(reason: Reason, look: Look) -> Look:
    async def looked(*, fresh: bool) -> Keys:
        try:
            return await look(fresh=fresh)
        except (KeyUnusable, ValueError) as wrong:
            raise Refused(reason, debug=f"its keys: {wrong}") from wrong
        except Refused as refused:
            # That we are busy is no fault of the client's: it may come again with the same keys.
            if refused.reason.status == OVERLOADED.status:
                raise
            raise Refused(reason, debug=f"its keys: {refused.debug}") from refused

    return looked


async def _document(address: str, tenant: Tenant, *, fresh: bool) -> bytes:
    return (await tenant.tools.fetch.get(address, limit=LONGEST_SET, fresh=fresh)).body
