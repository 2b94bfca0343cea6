"""Certificate assertions at Entra's token endpoint: each row of what its clients really send, and again."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from sekisho.oauth.authenticate import authenticate
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant
from tests.oauth import test_client_assertion_certificate as certificates
from tests.oauth.test_client_assertion import jwk, presented, refused
from tests.oauth.test_client_assertion_certificate import ROWS, app_tenant, msal_claims, pyjwt
from tests.tenants import NOW, ORIGIN, TENANT, Clock

TOKEN = f"/{TENANT}/oauth2/v2.0/token"


@pytest.fixture(autouse=True)
def _aimed_at_entra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows say who they are for."""
    monkeypatch.setattr(certificates, "AUDIENCE", f"{ORIGIN}{TOKEN}")


def here(text: str, path: str = TOKEN) -> Ask:
    """The request at an address of the dialect."""
    return replace(presented(text), path=path)


async def strict(clock: Clock | None = None) -> Tenant:
    """An application that is strict at our own endpoints."""
    return await app_tenant(clock, assertion_audience="issuer")


@pytest.mark.parametrize("row", ROWS)
async def test_each_row_is_taken_and_may_come_again(row: Callable[[], str]) -> None:
    """Without any setting, until it expires; nowhere else. entra 3.2."""
    clock = Clock()
    tenant = await strict(clock)
    for _ in range(4):
        assert await authenticate(here(row()), tenant)
        clock.now += 150
    clock.now += 1_800
    assert (await refused(here(row()), tenant)).reason.slug == "assertion_expired"
    clock.now = NOW
    assert (await refused(presented(row()), tenant)).reason.slug == "assertion_audience"


@pytest.mark.parametrize(
    ("path", "audience"),
    [
        (TOKEN, f"{ORIGIN}{TOKEN}"),
        (TOKEN, f"{ORIGIN}/{TENANT}/v2.0"),
        (TOKEN, f"{ORIGIN}/common/oauth2/v2.0/token"),
        ("/Demo/oauth2/v2.0/token", f"{ORIGIN}/Demo/oauth2/v2.0/token"),
        ("/Demo/oauth2/v2.0/token", f"{ORIGIN}/demo/oauth2/v2.0/token"),
        ("/demo/oauth2/token", f"{ORIGIN}/demo/oauth2/token"),
        ("/demo/oauth2/token", f"{ORIGIN}/{TENANT}/"),
        (TOKEN, f"{ORIGIN}/"),
    ],
)
async def test_who_it_may_be_for(path: str, audience: str) -> None:
    """The token endpoint as it was called, by its GUID or an alias, or an issuer. entra 3.1."""
    header = {"x5t": certificates.right("x5t")}
    assert await authenticate(
        here(pyjwt("RS256", header, msal_claims() | {"aud": audience}), path), await strict()
    )


@pytest.mark.parametrize(
    "audience",
    [
        f"{ORIGIN}/other/oauth2/v2.0/token",
        f"https://other.example.com{TOKEN}",
        f"{ORIGIN}{TOKEN}/",
        f"{ORIGIN}/oauth/token",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    ],
)
async def test_who_it_may_not_be_for(audience: str) -> None:
    """Another tenant's endpoint, another server's, our own native one (attack class 36). entra 3.1."""
    header = {"x5t": certificates.right("x5t")}
    text = pyjwt("RS256", header, msal_claims() | {"aud": audience})
    assert (await refused(here(text), await strict())).reason.slug == "assertion_audience"


async def test_what_names_no_certificate_comes_once() -> None:
    """Under a plain key there is no second use here, either (attack class 37). entra 3.2."""
    tenant = await app_tenant(jwks=(jwk("rsa"),), credentials=())
    text = pyjwt("RS256", {"kid": "rsa"}, msal_claims() | {"exp": NOW + 60})
    assert await authenticate(here(text), tenant)
    assert (await refused(here(text), tenant)).reason.slug == "assertion_replayed"
