"""The demo application and the API that it calls: made once, and told when the server moves."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sekisho.change.unit import whole
from sekisho.cli.folder import Card, WebApplication
from sekisho.cli.work import OPERATOR
from sekisho.model.client import Client
from sekisho.pages.demo.app import MARK, PATH, SCOPE, WEB
from sekisho.pages.demo.journeys import AUDIENCE, READ, WRITE
from sekisho.registry import apis, clients
from sekisho.registry.apis import ApiFields, ScopeFields
from sekisho.registry.client_fields import ClientFields
from sekisho.tenant import Tenant

NAME = "Demo application"
USUAL: Mapping[str, int] = {"http": 80, "https": 443}
# An API says what its scopes mean in words of its own, so these are for readers of both languages.
SCOPES: Mapping[str, str] = {
    READ: "See your journeys (旅程の閲覧)",
    WRITE: "Plan journeys (旅程の作成)",
}


async def prepare(tenant: Tenant, card: Card) -> WebApplication:
    """The API and its client, whose addresses are those of this start."""
    await _api(tenant)
    asked = _fields(card.base_url, tenant.record.slug)
    there = await _standing(tenant)
    if there is None:
        there = (await clients.create(tenant, asked, OPERATOR)).client
    elif asked.web_origins != there.web_origins:
        there = (await clients.change(tenant, there.client_id, asked, OPERATOR)).client
    return WebApplication(
        name=there.name,
        url=card.base_url + PATH,
        client_id=there.client_id,
        audience=AUDIENCE,
        scope=SCOPE,
    )


def origins(origin: str) -> tuple[str, ...]:
    """As browsers write them: without the usual port."""
    split = urlsplit(origin)
    port = f":{split.port}" if split.port not in (None, USUAL[split.scheme]) else ""
    return tuple(f"{split.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1"))


async def _standing(tenant: Tenant) -> Client | None:
    found = await whole(tenant, Client, {"application": ""})
    return next((each for each in found if each.client_metadata.get(MARK) == WEB), None)


async def _api(tenant: Tenant) -> None:
    if await apis.of_audience(tenant, AUDIENCE):
        return
    asked = ApiFields(
        identifier=AUDIENCE,
        name="Demo journeys",
        scopes=tuple(ScopeFields(value=value, description=text) for value, text in SCOPES.items()),
        allow_offline_access=True,
        # So that people see the question of consent, wherever the application is served.
        skip_consent=False,
    )
    await apis.create(tenant, asked, OPERATOR)


def _fields(origin: str, slug: str) -> ClientFields:
    """Public, and at home at every address of the tenant."""
    near = origins(origin)
    pages = tuple(each + prefix + PATH for each in near for prefix in ("", f"/t/{slug}"))
    return ClientFields(
        name=NAME,
        app_type="spa",
        grant_types=("authorization_code", "refresh_token"),
        token_endpoint_auth_method="none",
        callbacks=pages,
        allowed_logout_urls=pages,
        web_origins=near,
        client_metadata={MARK: WEB},
    )
