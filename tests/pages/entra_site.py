"""What a site has in Entra's words: two applications that expose something, and what is granted of it."""

import time
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from sekisho.keys import certificate, secret
from sekisho.model.api import Api, AppRole, PreAuthorized, Saml, SamlAttribute, Scope
from sekisho.model.client import (
    Access,
    Client,
    Credential,
    Federated,
    OptionalClaim,
    ReplyUrl,
    Required,
)
from sekisho.model.consent import Consent
from sekisho.model.record import Record
from sekisho.model.role import RoleAssignment
from sekisho.registry.applications.keys import ENCRYPTS
from tests.tenants import TENANT

BASKET, STOCK = (f"{n * 8}-0000-4000-8000-{n * 12}" for n in "ab")
READ, WRITE, OLD, ALL, CHECK = (f"cccccccc-0000-4000-8000-00000000000{n}" for n in "12345")
SECRET = f"dddddddd-0000-4000-8000-{'d' * 12}"
FEDERATED = f"eeeeeeee-0000-4000-8000-{'e' * 12}"
NEVER = "A name of a permission that somebody who has much to say about it thought of, and did not stop"
_RSA = rsa.generate_private_key(65_537, 2_048)


def records() -> Iterator[Record]:
    """A basket that calls a stock; an administrator agreed to a part of it, and one person to another."""
    now = time.time()
    yield _basket(now)
    stock = Client(
        tenant=TENANT, id=f"77777777-{STOCK[9:]}", client_id=STOCK, name="Example Stock", is_first_party=False
    )
    yield stock
    yield _api("c", BASKET, "Example Basket", pre_authorized=(PreAuthorized(client=STOCK, scopes=(READ,)),))
    yield _api("d", STOCK, "Example Stock")
    read = "Stock.Read"
    for n, user, api, scopes in (
        ("1", None, STOCK, (read,)),
        ("2", "auth0|1", STOCK, (read, "Stock.Write")),
        ("3", "auth0|4", None, ("openid", "profile")),
    ):
        id = f"ffffffff-0000-4000-8000-00000000000{n}"
        yield Consent(tenant=TENANT, id=id, user=user, client=BASKET, api=api, scopes=scopes, created_at=now)
    yield RoleAssignment(
        tenant=TENANT,
        id=f"ffffffff-0000-4000-8000-{'f' * 12}",
        principal=f"66666666-{BASKET[9:]}",
        kind="ServicePrincipal",
        api=STOCK,
        role=CHECK,
    )


def _basket(now: float) -> Client:
    der, other = (certificate.issue(_RSA, name, now) for name in ("basket", "encryption"))
    certified = Credential(
        id=f"cccccccc-0000-4000-8000-{'c' * 12}",
        kind="x509_cert",
        der=der,
        algs=("RS256", "PS256"),
        name="Signing, Tokyo",
        created_at=now,
        starts_at=now,
        expires_at=certificate.ends(der),
    )
    encrypts = Credential(
        id="cccccccc-0000-4000-8000-ccccccccccc0",
        kind="x509_cert",
        der=other,
        algs=ENCRYPTS,
        created_at=now,
        expires_at=certificate.ends(other),
    )
    kept = secret.remember("basket-" * 8, now)
    return Client(
        tenant=TENANT,
        id=f"66666666-{BASKET[9:]}",
        client_id=BASKET,
        name="Example Basket",
        is_first_party=False,
        grant_types=("authorization_code", "refresh_token", "client_credentials"),
        reply_urls=(
            ReplyUrl("https://basket.example.com/signed-in"),
            ReplyUrl("https://basket.example.com/app", "spa"),
            ReplyUrl("com.example.basket:/done", "public"),
        ),
        secrets=(replace(kept, id=SECRET, name="Shop in Osaka", expires_at=now + 90 * 86_400),),
        credentials=(certified, encrypts),
        client_authentication_methods={"private_key_jwt": (certified.id,)},
        federated=(
            Federated(
                id=FEDERATED,
                name="build-server",
                issuer="https://tokens.build.example.com/with/a/path/that/goes/on",
                subject="repo:example/basket:environment:production",
                audiences=("api://AzureADTokenExchange",),
                description=NEVER,
            ),
        ),
        required=(
            Required(
                resource=STOCK,
                access=(Access(READ), Access(WRITE), Access(ALL), Access(CHECK, "Role")),
            ),
            Required(resource="00000003-0000-0000-c000-00000000ffff", access=(Access(OLD),)),
        ),
        id_token_claims=(OptionalClaim(name="email"), OptionalClaim(name="something_else")),
    )


def _api(letter: str, owner: str, name: str, pre_authorized: tuple[PreAuthorized, ...] = ()) -> Api:
    what = name.rpartition(" ")[2]
    return Api(
        tenant=TENANT,
        id=letter * 24,
        name=name,
        identifiers=(owner, f"api://{what.lower()}.example.com/{owner}"),
        owner_client=owner,
        dialect="entra_v2",
        saml=Saml(attributes=(SamlAttribute(name="urn:oid:2.5.4.42", source="givenname"),)),
        pre_authorized=pre_authorized,
        scopes=(
            Scope(
                id=READ,
                value=f"{what}.Read",
                title=f"Read your {what.lower()}",
                admin_title=f"Read every {what.lower()}",
                description="Sees what is in it.",
            ),
            Scope(id=WRITE, value=f"{what}.Write", admin_title=NEVER),
            Scope(id=OLD, value=f"{what}.Older", enabled=False),
            Scope(id=ALL, value=f"{what}.{'All' * 30}", kind="Admin", admin_title="Do everything"),
        ),
        app_roles=(
            AppRole(
                id=CHECK,
                value=f"{what}.Check",
                name="Checks what is there",
                description=NEVER,
                members=("User", "Application"),
            ),
        ),
    )
