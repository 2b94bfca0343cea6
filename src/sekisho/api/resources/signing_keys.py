"""/api/v2/keys/signing: what a tenant signs its tokens with."""

from collections.abc import Mapping
from hashlib import sha1
from typing import Annotated, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from msgspec import UNSET, Meta, Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.view import Maybe
from sekisho.change import fields
from sekisho.change.fields import Perhaps
from sekisho.keys import certificate
from sekisho.keys.ring import ALGS
from sekisho.model.bearer import Bearer
from sekisho.model.signing_key import SigningKey
from sekisho.registry import keys
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

ORDER = ("current", "next", "retired", "revoked")


class KeySeen(Struct, kw_only=True):
    """A signing key; `previous` was current before and is still recognised."""

    kid: str
    alg: str
    cert: str
    pkcs7: str
    fingerprint: str
    thumbprint: str
    current: bool
    next: bool
    previous: bool
    revoked: bool
    current_since: Maybe[str]
    current_until: Maybe[str]
    revoked_at: Maybe[str]


class Named(Struct):
    """A key by its name, with its certificate."""

    kid: str
    cert: str


class Turned(Struct):
    """The key that signs now; after a turn of all algorithms, that of the first one, and all of them."""

    kid: str
    cert: str
    keys: list[Named]


class TurnFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which keys turn: those of one algorithm, or all. `force` is for a key that leaked."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    alg: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": ALGS})]] = UNSET
    force: Perhaps[bool] = UNSET


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /keys/signing: what signs now comes first."""
    cut = view.cutter(ask)
    found = sorted(await keys.listed(tenant), key=_rank)
    return view.shown([cut(_view(each)) for each in found])


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /keys/signing/{kid}."""
    cut = view.cutter(ask)
    found = await keys.find(tenant, ask.names["kid"])
    return view.shown(cut(_view(found)), version=found.version)


async def rotate(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /keys/signing/rotate: next becomes current, current becomes previous."""
    asked = fields.amendment(document.parse(ask.body or b"{}"), TurnFields)
    algs = (str(asked.alg),) if asked.alg else ()
    signs = await keys.rotate_all(tenant, algs, actor(bearer, ask), forced=asked.force is True)
    named = [_named(each) for each in signs]
    return view.shown(view.members(Turned(named[0].kid, named[0].cert, named)), 201)


async def revoke(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PUT /keys/signing/{kid}/revoke: tokens under this key end at once."""
    revoked = await keys.revoke(tenant, ask.names["kid"], actor(bearer, ask), match.versions(ask))
    return view.shown(view.members(_named(revoked)), version=revoked.version)


def _rank(record: SigningKey) -> tuple[int, int, float]:
    return ORDER.index(record.state), ALGS.index(record.alg), -record.published_at


def _named(record: SigningKey) -> Named:
    return Named(record.id, certificate.pem(record.certificate))


def _view(record: SigningKey) -> view.View:
    worn = x509.load_der_x509_certificate(record.certificate)
    # Programs compare what they know of a certificate with this: it names, and proves nothing.
    digest = sha1(record.certificate, usedforsecurity=False).hexdigest().upper()
    seen = KeySeen(
        kid=record.id,
        alg=record.alg,
        cert=certificate.pem(record.certificate),
        pkcs7=pkcs7.serialize_certificates([worn], Encoding.PEM).decode(),
        fingerprint=":".join(digest[n : n + 2] for n in range(0, len(digest), 2)),
        thumbprint=digest,
        current=record.state == "current",
        next=record.state == "next",
        previous=record.state == "retired",
        revoked=record.state == "revoked",
        current_since=_moment(record.current_since),
        current_until=_moment(record.current_until),
        revoked_at=_moment(record.revoked_at),
    )
    return view.members(seen)


def _moment(at: float | None) -> Maybe[str]:
    return UNSET if at is None else view.moment(at)
