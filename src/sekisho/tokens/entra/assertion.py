"""SAML assertions about a person, in the place of an access token: whom they name, and what they say."""

import secrets
import uuid
from types import ModuleType

from sekisho.model.api import Api, NameIdFormat, Saml, SamlSource
from sekisho.model.granted import Assertion, Granted, SignIn
from sekisho.model.step import Put
from sekisho.model.user import User
from sekisho.saml import sign
from sekisho.saml.sign import Place, Seal
from sekisho.spec import jose
from sekisho.spec.entra import place
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import NAME_MISSING
from sekisho.spec.saml import names, newer, older, said
from sekisho.spec.saml.said import Said
from sekisho.tenant import Tenant
from sekisho.tokens.entra.names import pairwise

RING = "tokens"
USUAL = Saml()
# What is said of a person where nobody mapped anything.
ATTRIBUTES: tuple[tuple[str, SamlSource], ...] = (
    (names.NAME, "upn"),
    (names.GIVEN_NAME, "givenname"),
    (names.SURNAME, "surname"),
    (names.EMAIL, "mail"),
)
MOST_GROUPS = 150
Attributes = tuple[tuple[str, tuple[str, ...]], ...]


def mint_newer(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """SAML 2.0."""
    return _minted(newer, granted, tenant), ()


def mint_older(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """SAML 1.1."""
    return _minted(older, granted, tenant), ()


def _minted(version: ModuleType, granted: Granted, tenant: Tenant) -> str:
    """As OAuth carries it: base64url, which needs no padding (RFC 7522 section 2.1)."""
    user, form, signed = granted.user, granted.assertion, granted.sign_in
    assert user, "an assertion is about somebody"  # noqa: S101
    assert form, "an assertion was granted"  # noqa: S101
    assert signed, "who signed in"  # noqa: S101
    told = _said(granted, user, (form, signed), tenant)
    where = Place(version.SIGNATURE_AT, version.ID)
    text = sign.signed(version.assertion(told), seal(granted.api, tenant), where)
    return jose.encode(text).decode("ascii")


def seal(api: Api | None, tenant: Tenant) -> Seal:
    """The API's own certificate, or the one of the tenant's tokens."""
    ring = ring_of(api, tenant)
    return Seal(tenant.keys.signer(ring, sign.ALG), tenant.keys.certificates(ring, sign.ALG)[0])


def ring_of(api: Api | None, tenant: Tenant) -> str:
    """Whose certificates sign for an API: its own, as long as anything is said of its assertions."""
    own = api.saml_ring if api and api.saml else RING
    return own if tenant.keys.signs(own, sign.ALG) else RING


def _said(granted: Granted, user: User, how: tuple[Assertion, SignIn], tenant: Tenant) -> Said:
    form, signed = how
    saml, issuer = granted.api.saml or USUAL, place.older(granted.issuer, tenant.id)
    return Said(
        id=f"_{uuid.uuid4()}",
        issuer=issuer,
        audience=form.audience,
        recipient=form.recipient,
        name=_name(saml, user, granted.api, tenant),
        format=names.FORMATS[saml.name_id_format],
        at=granted.at,
        ends=int(granted.at) + granted.lifetime,
        signed_in_at=signed.auth_time,
        methods=signed.amr,
        attributes=(
            (names.TENANT, (tenant.id,)),
            (names.OBJECT, (user.id,)),
            (names.DISPLAY_NAME, (str(user.standard["name"]),)),
            (names.PROVIDER, (issuer,)),
            *_several(names.METHODS, said.methods(signed.amr)),
            *_mapped(saml, user, granted.api, tenant),
            *_groups(granted, user),
            *_several(names.ROLES, granted.roles),
        ),
    )


def _name(saml: Saml, user: User, api: Api, tenant: Tenant) -> str:
    """Whom it is about: without what the API knows people by there is no assertion."""
    kind: NameIdFormat = saml.name_id_format
    if kind == "transient":
        return f"_{secrets.token_hex(16)}"
    found = _value(saml.name_id_source, user, api, tenant)
    if not found:
        raise Refused(NAME_MISSING, words={"source": saml.name_id_source})
    return found


def _mapped(saml: Saml, user: User, api: Api, tenant: Tenant) -> Attributes:
    """What the API wants to know of a person, as far as it is known."""
    own = saml.attributes
    wanted = ATTRIBUTES if own is None else tuple((each.name, each.source) for each in own)
    told = ((name, _value(source, user, api, tenant)) for name, source in wanted)
    return tuple((name, (value,)) for name, value in told if value)


def _value(source: SamlSource, user: User, api: Api, tenant: Tenant) -> str:
    """An address counts once it was verified: who reads an assertion takes it for the person."""
    claims = user.standard
    mail = user.email if user.claims.get("email_verified") is True else ""
    if source == "pairwise":
        return pairwise(tenant, user.id, api.identifier)
    told = {
        "objectid": user.id,
        "upn": user.username or mail or user.user_id,
        "mail": mail,
        "displayname": claims["name"],
        "givenname": claims.get("given_name"),
        "surname": claims.get("family_name"),
    }
    return str(told[source] or "")


def _groups(granted: Granted, user: User) -> Attributes:
    """The groups of a person, or where they can be asked for where they are too many."""
    if len(granted.groups) > MOST_GROUPS:
        link = f"{granted.issuer}v1.0/users/{user.id}/getMemberObjects"
        return ((names.GROUPS_LINK, (link,)),)
    return _several(names.GROUPS, granted.groups)


def _several(name: str, values: tuple[str, ...]) -> Attributes:
    return ((name, values),) if values else ()
