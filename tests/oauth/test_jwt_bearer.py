"""The word of a trusted issuer as a grant (RFC 7521, RFC 7523 sections 2.1 and 3)."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.connection import TrustedIssuer
from sekisho.model.step import Erase
from sekisho.oauth.issuers.keys import LONGEST_SET
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED
from sekisho.tenant import Tenant
from tests.exchanges import (
    ISSUER,
    STOCK,
    chain_tenant,
    exchanged,
    issuer,
    orders,
    saved,
    seen,
    stock,
    vouched,
    why,
    word,
)
from tests.oauth.test_client_assertion import jwk, keyed, with_tools
from tests.oauth.test_client_assertion_keys import Page
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, Clock
from tests.visitor import person, person_changed

METADATA = "https://login.partner.example/.well-known/openid-configuration"
KEYS = "https://keys.partner.example/jwks.json"


class Elsewhere:
    """What an issuer publishes: documents by their addresses, and what was asked for."""

    def __init__(self, **changed: Any) -> None:
        self.documents: dict[str, Any] = {
            METADATA: {"issuer": ISSUER, "jwks_uri": KEYS},
            KEYS: {"keys": [jwk("rsa")]},
        }
        self.fresh: dict[str, Any] = changed.pop("fresh", {})
        self.documents |= changed
        self.asked: list[tuple[str, bool]] = []

    async def get(self, url: str, *, limit: int, fresh: bool = False) -> Page:
        """The document at an address."""
        assert limit == LONGEST_SET
        self.asked.append((url, fresh))
        found = self.fresh.get(url, self.documents[url]) if fresh else self.documents[url]
        if isinstance(found, Exception):
            raise found
        return Page(found if isinstance(found, bytes) else json.dumps(found).encode())


async def trusting(
    *, elsewhere: Elsewhere | None = None, clock: Clock | None = None, **fields: Any
) -> Tenant:
    """A tenant that trusts the issuer."""
    tenant = await chain_tenant(clock)
    await saved(tenant, issuer(**fields))
    return with_tools(tenant, fetch=elsewhere) if elsewhere else tenant


async def test_an_issuer_vouches_for_a_person() -> None:
    """The token is about the person, for the API, and lives for an hour at most. RFC 7523 section 2.1."""
    tenant = await trusting()
    body = await vouched(tenant, word())
    assert (body["scope"], body["expires_in"]) == ("read:stock", 3600)
    assert not {"refresh_token", "id_token", "issued_token_type"} & body.keys()
    told = claims_of(body["access_token"])
    assert (told["sub"], told["aud"], told["azp"]) == ("auth0|aya", STOCK, "orders")
    assert "act" not in told
    await saved(tenant, stock(version=1, token_lifetime=60))
    assert (await vouched(tenant, word(jti="2")))["expires_in"] == 60
    # It is a token like any other one: whoever it is for may go on with it.
    await saved(tenant, orders(version=1, resource_server_identifier=STOCK))
    assert (await seen(tenant, body["access_token"]))["active"] is True
    assert (await exchanged(tenant, body["access_token"]))["scope"] == "read:stock"


async def test_the_token_endpoint_is_our_name_too() -> None:
    """`aud` is the issuer or the token endpoint, alone, as a text or a list of one. RFC 7523 section 3."""
    tenant = await trusting()
    for number, name in enumerate((f"{ORIGIN}/", f"{ORIGIN}/oauth/token", [f"{ORIGIN}/"])):
        assert await vouched(tenant, word(aud=name, jti=f"j{number}"))


@pytest.mark.parametrize(
    ("without", "members", "slug"),
    [
        ("iss", {}, "subject_malformed"),
        ("sub", {}, "subject_malformed"),
        ("jti", {}, "subject_malformed"),
        ("aud", {}, "subject_audience"),
        ("exp", {}, "subject_expired"),
        ("iat", {"nbf": NOW + 60}, "subject_expired"),
        ("", {"iat": NOW + 60}, "subject_expired"),
        ("", {"exp": NOW - 10}, "subject_expired"),
        ("", {"exp": NOW + 3611}, "subject_expired"),
        ("", {"aud": "https://other.example/"}, "subject_audience"),
        ("", {"aud": ORIGIN}, "subject_audience"),
        ("", {"aud": [f"{ORIGIN}/", "https://other.example/"]}, "subject_audience"),
        ("", {"iss": "https://stranger.example/"}, "issuer_untrusted"),
        ("", {"iss": ISSUER.removesuffix("/")}, "issuer_untrusted"),
        ("", {"sub": "auth0|nobody"}, "subject_gone"),
        ("", {"sub": "aya@example.com"}, "subject_gone"),
    ],
)
async def test_what_an_assertion_has_to_say(without: str, members: dict[str, Any], slug: str) -> None:
    """Issuer, subject, audience, times and a name of its own. RFC 7523 section 3, items 1 to 7."""
    assert await why(vouched(await trusting(), word(without, **members))) == slug


async def test_what_an_assertion_may_leave_out() -> None:
    """`iat` and `nbf` are optional, and clocks may differ a little. RFC 7523 section 3, items 5 and 6."""
    tenant = await trusting()
    assert await vouched(tenant, word("iat", jti="1", exp=NOW - 9))
    assert await vouched(tenant, word(jti="2", iat=NOW + 10, nbf=NOW + 10, exp=NOW + 3610))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("x", "subject_malformed"),
        ("a.b.c", "subject_malformed"),
        (word(header={"typ": "at+jwt"}), "subject_malformed"),
        (word(header={"typ": "logout+jwt"}), "subject_malformed"),
        (word(header={"typ": "client-authentication+jwt"}), "subject_malformed"),
        (word(header={"jwk": jwk("rsa")}), "subject_malformed"),
        (word(header={"crit": ["x"], "x": 1}), "subject_malformed"),
        (keyed({"alg": "HS256"}, {"iss": ISSUER}, SECRET), "subject_malformed"),
        (word(name="rsa-other"), "subject_untrusted"),
        (word(name="rsa-other", header={"kid": "rsa"}), "subject_untrusted"),
        (word(header={"alg": "PS256", "kid": "p256"}), "subject_untrusted"),
    ],
)
async def test_how_an_assertion_has_to_be_signed(text: str, slug: str) -> None:
    """By a key of the issuer, with a signature, as an assertion. RFC 7523 section 3, item 9; RFC 8725."""
    assert await why(vouched(await trusting(), text)) == slug


async def test_an_assertion_with_a_type_of_its_own() -> None:
    """It may say what it is. RFC 8725 section 3.11."""
    tenant = await trusting()
    assert await vouched(tenant, word(header={"typ": "authorization-grant+jwt"}))


async def test_an_assertion_is_good_once() -> None:
    """A second request with it gets nothing, until the end of its life. RFC 7523 section 3, item 7."""
    clock = Clock()
    tenant = await trusting(clock=clock)
    assert await vouched(tenant, word())
    clock.now += 309
    assert await why(vouched(tenant, word())) == "subject_replayed"
    # What was refused for another reason used nothing up.
    other = word(jti="2", exp=NOW + 900)
    assert await why(vouched(tenant, other, scope="write:stock")) == "not_consented"
    assert await vouched(tenant, other)


@pytest.mark.parametrize("fields", [{"enabled": False}, {"clients": ()}, {"clients": ("web",)}])
async def test_who_is_trusted(fields: dict[str, Any]) -> None:
    """An issuer that is switched off vouches for nobody, nor for a client that is not named."""
    assert await why(vouched(await trusting(**fields), word())) == "issuer_untrusted"


async def test_trust_ends_at_once() -> None:
    """Switched off or deleted, the next assertion is refused (attack class 31)."""
    tenant = await trusting()
    assert await vouched(tenant, word())
    await saved(tenant, issuer(version=1, enabled=False))
    assert await why(vouched(tenant, word(jti="2"))) == "issuer_untrusted"
    await saved(tenant, issuer(version=2))
    assert await vouched(tenant, word(jti="2"))
    assert await tenant.change(Erase(issuer(version=3))) is None
    assert await why(vouched(tenant, word(jti="3"))) == "issuer_untrusted"


@pytest.mark.parametrize(
    ("names", "name", "fields", "is_meant"),
    [
        ("user_id", "auth0|aya", {}, True),
        ("user_id", "aya@example.com", {}, False),
        ("email", "aya@example.com", {}, True),
        ("email", " Aya@EXAMPLE.com", {}, True),
        ("email", "auth0|aya", {}, False),
        ("email", "a@b@c", {}, False),
        ("email", "aya@example.com", {"claims": {"email": "aya@example.com"}}, False),
        ("email", "aya", {"logins": ("aya@example.com", "aya")}, False),
        ("login", "aya", {"logins": ("aya@example.com", "aya")}, True),
        ("login", "aya", {"logins": ("aya",), "claims": {}}, True),
        ("login", "aya@example.com", {}, True),
        ("login", "aya@example.com", {"claims": {"email": "aya@example.com"}}, False),
    ],
)
async def test_whom_an_issuer_names(names: Any, name: str, fields: dict[str, Any], is_meant: bool) -> None:
    """By one kind of name, and an address is only theirs who has verified it (attack class 65)."""
    tenant = await trusting(names=names)
    await person_changed(tenant, **fields)
    if is_meant:
        assert claims_of((await vouched(tenant, word(sub=name)))["access_token"])["sub"] == person().user_id
    else:
        assert await why(vouched(tenant, word(sub=name))) == "subject_gone"


async def test_who_asks_and_for_whom() -> None:
    """A blocked person is not vouched for, nor does a client without credentials show anything."""
    tenant = await trusting()
    await person_changed(tenant, blocked=True)
    assert await why(vouched(tenant, word())) == "grant_blocked"
    await person_changed(tenant, blocked=False)
    assert await why(vouched(tenant, word(), assertion=None)) == "missing_parameter"
    assert await why(vouched(tenant, word(), audience=AUDIENCE + "/x")) == "audience_unknown"
    await saved(tenant, orders(version=1, token_endpoint_auth_method="none", secrets=()))
    assert await why(vouched(tenant, word(), client_secret=None)) == "client_is_public"


async def test_another_use_of_the_grant() -> None:
    """What Entra's clients ask with the same grant is asked for at Entra's addresses, and not here."""
    tenant = await trusting()
    for use in ("on_behalf_of", "impersonate"):
        assert await why(vouched(tenant, word(), requested_token_use=use)) == "token_use_unknown"


async def test_keys_at_an_address() -> None:
    """The keys are those at jwks_uri; a kid that is not remembered makes us look again."""
    elsewhere = Elsewhere()
    tenant = await trusting(elsewhere=elsewhere, jwks=(), jwks_uri=KEYS)
    assert await vouched(tenant, word())
    assert elsewhere.asked == [(KEYS, False)]
    rotated = Elsewhere(fresh={KEYS: {"keys": [jwk("rsa-other")]}})
    tenant = await trusting(elsewhere=rotated, jwks=(), jwks_uri=KEYS)
    assert await vouched(tenant, word(name="rsa-other"))
    assert rotated.asked == [(KEYS, False), (KEYS, True)]


async def test_keys_that_the_metadata_names() -> None:
    """Without either the issuer's own metadata says where they are. RFC 8414 section 3."""
    elsewhere = Elsewhere()
    assert await vouched(await trusting(elsewhere=elsewhere, jwks=()), word())
    assert elsewhere.asked == [(METADATA, False), (KEYS, False)]
    # What would be refused anyway sends nobody out (attack class 42).
    assert await why(vouched(await trusting(elsewhere=elsewhere, jwks=()), word(exp=1))) == "subject_expired"
    assert len(elsewhere.asked) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {METADATA: {"issuer": "https://login.partner.example", "jwks_uri": KEYS}},
        {METADATA: {"issuer": ISSUER}},
        {METADATA: {"issuer": ISSUER, "jwks_uri": 7}},
        *({METADATA: found} for found in (b"", b"[]", b"\xff")),
        {KEYS: {}},
        {KEYS: {"keys": []}},
        {KEYS: Refused(FETCH_FAILED, debug="no")},
    ],
)
async def test_what_an_issuer_publishes_wrongly(changed: dict[str, Any]) -> None:
    """Metadata is of the issuer that it says, and leads to keys. OpenID Connect Discovery 1.0 section 4.3."""
    assert await why(vouched(await trusting(elsewhere=Elsewhere(**changed), jwks=()), word())) == (
        "subject_untrusted"
    )


async def test_that_we_are_busy_is_said() -> None:
    """Too many fetches are no fault of the assertion: it may come again."""
    elsewhere = Elsewhere(**{KEYS: Refused(OVERLOADED)})
    tenant = await trusting(elsewhere=elsewhere, jwks=())
    assert await why(vouched(tenant, word())) == "overloaded"
    elsewhere.documents[KEYS] = {"keys": [jwk("rsa")]}
    assert await vouched(tenant, word())


async def test_an_issuer_of_another_tenant() -> None:
    """Trust is a tenant's own (attack class 33)."""
    tenant = await chain_tenant()
    theirs: TrustedIssuer = replace(issuer(), tenant="22222222-2222-4222-8222-222222222222")
    await saved(tenant, theirs)
    assert await why(vouched(tenant, word())) == "issuer_untrusted"
