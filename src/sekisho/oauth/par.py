"""Pushed authorization requests (RFC 9126)."""

import secrets
import uuid

from sekisho.model.artifact import Owner, PushedRequest
from sekisho.model.client import Client
from sekisho.model.step import Note, Put
from sekisho.oauth.asked import URN, of_pairs
from sekisho.oauth.authenticate import authenticate
from sekisho.spec import redirect_uri
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs
from sekisho.spec.refusal import REQUEST_TOO_LARGE, Refused
from sekisho.spec.refusals.authorization import PUSHED_NESTED, PUSHING_OFF
from sekisho.tenant import Tenant

LONGEST = 10 * 1024
# What proves the client is not part of its request.
PROOF = frozenset(("client_secret", "client_assertion", "client_assertion_type"))


async def push(ask: Ask, tenant: Tenant) -> Answer:
    """The client proves itself, the request is checked as `/authorize` would, and kept for a moment."""
    if len(ask.body) > LONGEST:
        seen = contrast("body", f"at most {LONGEST} bytes", f"{len(ask.body)} bytes")
        raise Refused(REQUEST_TOO_LARGE, seen=seen)
    client = await authenticate(ask, tenant)
    if not tenant.policy.pushing_allowed:
        seen = contrast("pushed_authorization_requests_supported", "true", "false")
        raise Refused(PUSHING_OFF, seen=seen)
    pairs = _checked(ask, client)
    handle = secrets.token_urlsafe(32)
    lifetime = client.pushed_lifetime or tenant.policy.pushed_lifetime
    pushed = _kept(pairs, client, tenant.now(), lifetime)
    event = tenant.audit.event(
        *(tenant.id, "request_pushed"),
        client=client.client_id,
        address=ask.address,
        correlation=ask.correlation,
    )
    await tenant.store.write(Put(pushed, handle), Note(event))
    body = {"request_uri": f"{URN}{handle}", "expires_in": lifetime}
    return Answer(status=201, json=body, headers=NO_STORE)


def _checked(ask: Ask, client: Client) -> Pairs:
    """The request without the proof, which `/authorize` would take. RFC 9126 section 2.1."""
    nested = ask.get("request_uri")
    if nested is not None:
        raise Refused(PUSHED_NESTED, seen=contrast("request_uri", "", nested))
    pairs = tuple((name, value) for name, value in ask.form if name not in PROOF)
    sent = ask.need("redirect_uri")
    registered = [(reply.url, reply.kind) for reply in client.reply_urls]
    of_pairs(pairs, client, redirect_uri.chosen(sent, registered, openid=True), sent=True)
    return pairs


def _kept(pairs: Pairs, client: Client, now: float, lifetime: int) -> PushedRequest:
    return PushedRequest(
        id=str(uuid.uuid4()),
        owner=Owner(tenant=client.tenant, client=client.client_id),
        born=now,
        expires_at=now + lifetime,
        client_id=client.client_id,
        pairs=(*(pair for pair in pairs if pair[0] != "client_id"), ("client_id", client.client_id)),
    )
