"""Opaque access tokens: a random handle, everything else stays here."""

import secrets

from sekisho.model.artifact import AccessToken, Owner
from sekisho.model.bearer import Bearer, memory, remembered
from sekisho.model.granted import Granted
from sekisho.model.step import Put
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_INVALID
from sekisho.tenant import Tenant


def mint(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """A token of 256 random bits, and the step that keeps what it means."""
    text = secrets.token_urlsafe(32)
    client_id = granted.client.client_id
    thing = AccessToken(
        id=f"{granted.id}.{granted.part}",
        owner=Owner(
            tenant=tenant.id,
            grant=granted.id,
            client=client_id,
            user=granted.user.user_id if granted.user else None,
        ),
        born=granted.at,
        expires_at=granted.at + granted.lifetime,
        audience=(granted.audience,),
        issuer=granted.issuer,
        subject=granted.subject,
        client_id=client_id,
        scopes=granted.scopes,
        issued_at=granted.at,
        is_legacy=granted.is_legacy,
        actors=granted.actors,
        memory=remembered(granted, "a") if granted.user and granted.sign_in else "",
    )
    return text, (Put(thing, text),)


async def read(text: str, tenant: Tenant) -> Bearer:
    """What the token means, if it is one of ours that lives."""
    thing = await tenant.store.get(AccessToken, text)
    if not isinstance(thing, AccessToken) or thing.owner.tenant != tenant.id:
        raise Refused(TOKEN_INVALID, debug="there is no such token, or it has expired or was revoked")
    told = memory(thing.memory)
    return Bearer(
        subject=thing.subject,
        client_id=thing.client_id,
        audience=thing.audience,
        scopes=thing.scopes,
        issuer=thing.issuer,
        grant=thing.owner.grant or "",
        jti=thing.id,
        issued_at=thing.issued_at,
        expires_at=thing.expires_at,
        stands=True,
        is_legacy=thing.is_legacy,
        actors=thing.actors,
        sign_in=told.sign_in if told else None,
    )
