"""POST /o/client/token: an installation gets a token for its credentials."""

import uuid

import msgspec
from msgspec.structs import replace

from sekisho.faces.adobe_pass import hears
from sekisho.faces.adobe_pass.says import KIND
from sekisho.model.api import PROTECTED
from sekisho.oauth import token as core
from sekisho.spec import jose
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, parameters_are_single
from sekisho.spec.software import device
from sekisho.tenant import Tenant

CREDENTIALS = ("client_id", "client_secret")


class _Claims(msgspec.Struct):
    """What is said of a token outside of it."""

    iat: int


_read = msgspec.json.Decoder(_Claims).decode


async def token(ask: Ask, tenant: Tenant) -> Answer:
    """The parameters come in the body or in the query, each of them once altogether."""
    said = (*ask.query, *ask.form)
    parameters_are_single(said)
    asked = replace(ask, id=str(uuid.uuid4()), query=(), form=_form(ask, said))
    device.is_readable(ask.headers.get("x-device-info"), tenant.policy.adobe_pass.reading)
    issued = await core.token(asked, tenant)
    return Answer(status=201, json=_body(asked.id, issued.json), kind=KIND, headers=NO_STORE)


def _form(ask: Ask, said: Pairs) -> Pairs:
    """What the core is asked: for the one API that installations call, and for all that they may do there.

    Nothing is missing where credentials are in the header; those in two places are for the core to refuse.
    """
    has_header = ask.headers.get("authorization", "").lower().startswith("basic ")
    reads = hears.text if has_header else hears.needed
    proof = [(name, value) for name in CREDENTIALS if (value := reads(said, name))]
    return (*proof, ("grant_type", hears.needed(said, "grant_type")), ("audience", PROTECTED))


def _body(id: str, issued: object) -> dict[str, object]:
    found: dict[str, object] = dict(issued) if isinstance(issued, dict) else {}
    text = str(found["access_token"])
    claims = _read(jose.decode(text.split(".")[1].encode()))
    return {
        "id": id,
        "access_token": text,
        # Milliseconds of the token's own second: what is added to them ends when the token does.
        "created_at": claims.iat * 1000,
        "expires_in": found["expires_in"],
        "token_type": "bearer",
    }
