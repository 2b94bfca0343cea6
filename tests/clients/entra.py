"""A call chain in Entra's words: a site, the API that it calls, the APIs behind that, and their keys."""

import datetime as dt
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from tests.clients.person import ADDRESS, Person
from tests.clients.place import CALLBACK, Place, a_key, pem

DAY = dt.timedelta(days=1)
LOCK = "open sesame"
LEDGER = "https://ledger.example.com"
EVERYBODY = "AllPrincipals"
# What a person agrees to at the site, besides the API that it calls.
SELF = ("openid", "profile", "offline_access")
_ID = "aaaaaaaa-0000-4000-8000-{:012}"
ACCESS, READ, WRITE, BOOK = (_ID.format(number) for number in range(1, 5))
SYNC, CLERK = (_ID.format(number) for number in range(11, 13))


@dataclass(frozen=True, slots=True)
class Card:
    """A key and the certificate that it signed itself."""

    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The key alone."""
        return pem(self.key)

    @property
    def public(self) -> str:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def both(self) -> bytes:
        """Both in one text, as tools keep them."""
        return (self.pem + self.public).encode()

    @property
    def pfx(self) -> bytes:
        """Both in one locked file."""
        lock = BestAvailableEncryption(LOCK.encode())
        return pkcs12.serialize_key_and_certificates(b"shop", self.key, self.certificate, None, lock)

    @property
    def thumbprint(self) -> str:
        """What portals show of a certificate."""
        return self.certificate.fingerprint(SHA1()).hex().upper()

    @property
    def thumbprint256(self) -> str:
        """The same by the newer digest."""
        return self.certificate.fingerprint(SHA256()).hex()

    def uploaded(self) -> dict[str, str]:
        """What the application is told of it."""
        der = self.certificate.public_bytes(Encoding.DER)
        return {"type": "AsymmetricX509Cert", "usage": "Verify", "key": b64encode(der).decode()}


@dataclass(frozen=True, slots=True)
class App:
    """An application, and what it proves itself with."""

    id: str
    client_id: str
    secret: str
    uri: str = ""

    def scope(self, value: str) -> str:
        """One of its permissions, as others ask for it."""
        return f"{self.uri}/{value}"

    def told(self) -> dict[str, str]:
        """The same for a script."""
        return {"client_id": self.client_id, "secret": self.secret}


@dataclass(frozen=True)
class Firm:
    """The tenant, and its applications."""

    place: Place
    folder: Path
    tenant: str
    card: Card

    @property
    def authority(self) -> str:
        """What libraries are given."""
        return f"{self.place.url}/{self.tenant}"

    @cached_property
    def orders(self) -> App:
        """An API at the end of the chain, with tokens of the format 2.0."""
        scopes = [_scope(READ, "Orders.Read"), _scope(WRITE, "Orders.Write")]
        roles = [_role(SYNC, "Orders.Sync", "Application"), _role(CLERK, "Orders.Clerk", "User")]
        return self.app("Orders", api=_api(*scopes), appRoles=roles)

    @cached_property
    def ledger(self) -> App:
        """Another one, with tokens of the format 1.0."""
        exposed = {**_api(_scope(BOOK, "Ledger.Read")), "requestedAccessTokenVersion": None}
        return self.app("Ledger", LEDGER, api=exposed)

    @cached_property
    def shop(self) -> App:
        """The API that the site calls, which calls the others: an administrator agreed to that."""
        made = self.middle("Shop")
        self.agree(made, self.orders, "Orders.Read")
        self.agree(made, self.ledger, "Ledger.Read")
        role = {"principalId": made.id, "principalType": "ServicePrincipal", "appRoleId": SYNC}
        self.place.made("appRoleAssignments", **role, resourceId=self.orders.client_id)
        return made

    @cached_property
    def site(self) -> App:
        """What people use."""
        return self.app("Site", web={"redirectUris": [CALLBACK]}, **needs(self.shop, ACCESS))

    @cached_property
    def program(self) -> App:
        """What people have on their own machines."""
        told: dict[str, Any] = {"publicClient": {"redirectUris": ["http://localhost"]}}
        told["isFallbackPublicClient"] = True
        return self.app("Program", **told, **needs(self.shop, ACCESS), has_secret=False)

    def middle(self, name: str, **told: Any) -> App:
        """An API that calls others, when they let it."""
        exposed = {**_api(_scope(ACCESS, "access_as_user")), **told.pop("api", {})}
        return self.app(name, api=exposed, keyCredentials=[self.card.uploaded()], **told)

    def app(self, name: str, uri: str = "", *, has_secret: bool = True, **told: Any) -> App:
        """An application as an administrator registers it."""
        made = self.place.made("applications", displayName=name, **told)
        id, client_id = made["id"], made["appId"]
        address = uri or f"api://{client_id}"
        if "api" in told:
            self.change(id, identifierUris=[address])
        secret = self.secret_of(id) if has_secret else ""
        return App(id, client_id, secret, address if "api" in told else "")

    def change(self, id: str, **told: Any) -> None:
        """The application, after this was said about it."""
        answer = self.place.web.patch(f"/api/v2/applications/{id}", json=told)
        assert answer.status_code == 200, answer.text

    def secret_of(self, id: str) -> str:
        """A new secret; the one time that it is told."""
        answer = self.place.web.post(f"/api/v2/applications/{id}/addPassword", json={})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["secretText"])

    def agree(self, client: App, api: App, scope: str) -> None:
        """An administrator agrees for everybody."""
        told = {"clientId": client.client_id, "resourceId": api.client_id, "consentType": EVERYBODY}
        self.place.made("oauth2PermissionGrants", **told, scope=scope)

    def token(self, person: Person, api: App | None = None) -> str:
        """What the site has when it calls the API: a person signed in, and agreed where that was asked."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.site.client_id,
            "client_secret": self.site.secret,
            "code": self.code(person, (*SELF, (api or self.shop).scope("access_as_user"))),
            "redirect_uri": CALLBACK,
        }
        answer = self.place.web.post(f"{self.authority}/oauth2/v2.0/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def code(self, person: Person, words: Iterable[str]) -> str:
        """What the site is answered when it asks for these scopes, without any library."""
        asked = {
            "client_id": self.site.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": " ".join(words),
        }
        address = httpx.URL(f"{self.authority}/oauth2/v2.0/authorize", params=asked)
        return str(httpx.URL(person.visits(str(address))).params["code"])


def firm_at(place: Place, folder: Path) -> Firm:
    """The default tenant of a server."""
    issuer = place.web.get("/demo/v2.0/.well-known/openid-configuration").json()["issuer"]
    return Firm(place, folder, issuer.removesuffix("/v2.0").rpartition("/")[2], a_card())


def a_card() -> Card:
    """A new key, and a certificate that is good today."""
    key, now = a_key(), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example.com")])
    draft = x509.CertificateBuilder(name, name, key.public_key(), 7, now - DAY, now + 30 * DAY)
    return Card(key, draft.sign(key, SHA256()))


def needs(api: App, id: str) -> dict[str, Any]:
    """What an application says that it cannot do without."""
    access = [{"id": id, "type": "Scope"}]
    return {"requiredResourceAccess": [{"resourceAppId": api.client_id, "resourceAccess": access}]}


def is_of(claims: Mapping[str, Any], firm: Firm) -> None:
    """Who it is about, wherever a token goes: the person of these tests, of this tenant."""
    assert claims["tid"] == firm.tenant
    assert claims["preferred_username" if claims["ver"] == "2.0" else "upn"] == ADDRESS


def _api(*scopes: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": list(scopes)}


def _scope(id: str, value: str) -> dict[str, Any]:
    names = ("adminConsentDisplayName", "userConsentDisplayName")
    return {"id": id, "value": value, "type": "User", "isEnabled": True, **dict.fromkeys(names, value)}


def _role(id: str, value: str, member: str) -> dict[str, Any]:
    return {"id": id, "value": value, "displayName": value, "allowedMemberTypes": [member]}
