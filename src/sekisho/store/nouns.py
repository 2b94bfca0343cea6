"""How each noun is found: its table, its unique names, its look-up columns and tags."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.connection import Connection, TrustedIssuer
from sekisho.model.consent import Consent
from sekisho.model.password import Factor, Password
from sekisho.model.record import Record
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.role import Role, RoleAssignment
from sekisho.model.signing_key import SigningKey
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.tenant import AccessPolicy, ClaimRule, SiteSetting, TenantRecord
from sekisho.model.user import User
from sekisho.spec.entra import reply
from sekisho.spec.entra.scope import folded

Text = str | None
# The name that only one tenant may have; no slug and no host looks like it.
DEFAULT = "*"
# The tag of what is agreed to at the server itself; no API has a name like this.
OWN = "*"
# The tag of what an administrator agreed to for everybody.
EVERYBODY = "* *"
MOST_BROUGHT = 4
# So many addresses that begin like something are looked at, where only the first ones are wanted.
FIRST_ADDRESSES = 100
# The column that is searched.
WORDS = "words"


def _pages(client: Client) -> tuple[str, ...]:
    """The origins that may call us for it: of pages in Entra's words with any port of localhost, too."""
    local = (reply.shared_origin(each.url) for each in client.reply_urls if each.kind == "spa")
    return (*client.origins, *dict.fromkeys(each for each in local if each.endswith(":*")))


def _called(api: Api) -> tuple[str, ...]:
    """That of an Entra application is found without regard to case, and as what SAML knows it by."""
    if not api.owner_client:
        return api.identifiers
    entity = (api.saml.entity_id,) if api.saml and api.saml.entity_id else ()
    return folded((*api.identifiers, *entity))


@dataclass(frozen=True, slots=True)
class Noun:
    """`names` are unique in tenant and kind; lists are filtered by `columns` (one value) and `tags` (many).

    `words`: what it is searched by, where a piece of one is enough; in Noun.kept beside the columns.
    `config`: its changes move the configuration version.
    `brings`: of which kind records are asked for next, and which of its columns has this record's name.
    `everywhere`: kept, named and listed under EVERYWHERE, as its names are unique in the whole installation.
    """

    table: str
    names: Callable[[Any], tuple[str, ...]] = lambda _: ()
    columns: Mapping[str, Callable[[Any], Text]] = field(default_factory=dict)
    tags: Callable[[Any], tuple[str, ...]] = lambda _: ()
    words: Callable[[Any], tuple[str, ...]] | None = None
    config: bool = True
    brings: tuple[type[Record], str] | None = None
    everywhere: bool = False

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns that its table has for finding it."""
        return (*self.columns, WORDS) if self.words else tuple(self.columns)


NOUNS: Mapping[type[Record], Noun] = {
    TenantRecord: Noun(
        "tenant",
        names=lambda t: (t.slug, *t.domains, *((DEFAULT,) if t.default else ())),
        everywhere=True,
    ),
    SiteSetting: Noun("site_setting", names=lambda s: (s.name.casefold(),)),
    # One claim is said by one rule.
    ClaimRule: Noun("claim_rule", names=lambda r: (r.claim,)),
    Client: Noun(
        "client",
        names=lambda c: (c.client_id,),
        columns={
            "app_type": lambda c: c.app_type,
            "is_first_party": lambda c: str(c.is_first_party).lower(),
            # Empty for those that an administrator made.
            "application": lambda c: c.registration.application if c.registration else "",
        },
        tags=_pages,
        # Installations are without number, and nobody looks for one of them by its name.
        words=lambda c: () if c.registration else (c.name, c.client_id, *(each.url for each in c.reply_urls)),
        brings=(ClientGrant, "client_id"),
    ),
    Api: Noun("api", names=_called),
    ClientGrant: Noun(
        "client_grant",
        names=lambda g: (f"{g.client_id} {g.audience}",),
        columns={"client_id": lambda g: g.client_id, "audience": lambda g: g.audience},
    ),
    RegisteredApplication: Noun("registered_application", names=lambda a: (a.id,)),
    SoftwareStatement: Noun(
        "software_statement",
        names=lambda s: (s.id,),
        columns={"application": lambda s: s.application},
    ),
    RoleAssignment: Noun(
        "role_assignment",
        names=lambda a: (f"{a.principal} {a.api} {a.role}",),
        columns={"principal": lambda a: a.principal, "api": lambda a: a.api},
        # The API, of groups: few have a role of one API, however many groups a person is in.
        tags=lambda a: (a.api,) if a.kind == "Group" else (),
        config=False,
    ),
    AccessPolicy: Noun("access_policy"),
    Factor: Noun("factor", columns={"user_guid": lambda f: f.user}, config=False),
    TrustedIssuer: Noun("trusted_issuer", names=lambda i: (i.issuer,)),
    SigningKey: Noun("signing_key", columns={"ring": lambda k: k.ring}),
    Connection: Noun("connection", names=lambda c: (c.name,)),
    User: Noun(
        "account",
        names=lambda u: (u.user_id, *u.logins),
        columns={"connection": lambda u: u.connection},
        tags=lambda u: u.roles,
        config=False,
    ),
    Password: Noun("password", config=False),
    Role: Noun("role", names=lambda r: (r.id, r.name)),
    Consent: Noun(
        "consent",
        names=lambda c: (f"{c.user or '*'} {c.client} {c.api or '*'}",),
        columns={"user_id": lambda c: c.user, "client_id": lambda c: c.client},
        # The API, or the server itself.
        tags=lambda c: (c.api or OWN, *(() if c.user else (EVERYBODY,))),
        config=False,
    ),
}
