"""How the face words a refusal at its JSON endpoints, and what each of its answers carries."""

import time
import uuid

from sekisho.model.client import Client
from sekisho.oauth.asked import LONGEST_ID
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import wording
from sekisho.spec.entra.place import GUID
from sekisho.spec.entra.wording import Told
from sekisho.spec.http import Answer, Ask, Pairs, every
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import CLIENT_UNKNOWN
from sekisho.spec.refusals.entra import PROOF_UNFIT
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED, CLIENT_AUTH_METHOD
from sekisho.tenant import Tenant

KIND = "application/json; charset=utf-8"
NO_STORE: Pairs = (("cache-control", "no-store, no-cache"), ("pragma", "no-cache"), ("expires", "-1"))
CORRELATION = "client-request-id"
ECHO = "return-client-request-id"
# Of requests that bring none: made of our own name for the request.
_SPACE = uuid.UUID("6f1b8f1e-6d1c-4c0b-9a53-6b6f2f9d0c11")


def says(refused: Refused, ask: Ask) -> Answer:
    """An error's document; its trace is what the log and the audit know the refusal by."""
    told = told_of(refused, ask)
    return Answer(
        status=wording.code(refused).status,
        json=wording.body(refused, told),
        kind=KIND,
        headers=(*NO_STORE, *named(ask, told.trace)),
    )


def told_of(refused: Refused, ask: Ask) -> Told:
    """What a refusal is found by, whether it is said in JSON or in a redirect."""
    refused.trace = refused.trace or str(uuid.uuid4())
    return Told(trace=refused.trace, correlation=correlation_of(ask), at=time.time(), root=ask.root)


def headers(ask: Ask) -> Pairs:
    """Those of an answer that nobody may keep."""
    return (*NO_STORE, *named(ask))


def named(ask: Ask, trace: str = "") -> Pairs:
    """The names of an answer: ours, and the caller's where it wants to hear it again."""
    wishes = (ask.headers.get(ECHO, ""), *every(ask.query, ECHO), *every(ask.form, ECHO))
    own = (("x-ms-request-id", trace or str(uuid.uuid4())),)
    is_wished = any(wish.casefold() == "true" for wish in wishes)
    return (*own, (CORRELATION, correlation_of(ask))) if is_wished else own


def correlation_of(ask: Ask) -> str:
    """The caller's name for the request, from its header, its query or its body; a GUID in any case."""
    sent = (ask.headers.get(CORRELATION, ""), *every(ask.query, CORRELATION), *every(ask.form, CORRELATION))
    found = next((each for each in (*sent, ask.correlation) if GUID.fullmatch(each)), None)
    return found or str(uuid.uuid5(_SPACE, ask.id))


async def apart(refused: Refused, client_id: str | None, tenant: Tenant) -> Refused:
    """The same; but of a client that there is not, or that has no secret, as Entra says it: no wrong secret.

    Nobody learns anything by it: /authorize tells everybody which clients there are, before any secret.
    """
    if client_id is None or refused.reason not in (CLIENT_AUTH_FAILED, CLIENT_AUTH_METHOD):
        return refused
    is_sound = len(client_id) <= LONGEST_ID and "\0" not in client_id
    client = await tenant.known.named(Client, tenant.id, client_id) if is_sound else None
    if client:
        is_unfit = client.is_public and refused.reason is CLIENT_AUTH_METHOD
        return Refused(PROOF_UNFIT, debug=refused.debug) if is_unfit else refused
    seen = contrast("client_id", "the client_id of an application", client_id)
    return Refused(CLIENT_UNKNOWN, debug=refused.debug, words={"client_id": client_id[:64]}, seen=seen)
