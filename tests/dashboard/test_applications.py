"""Applications: the list and what is looked for in it, a new one, one that ends; ours is locked."""

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.keys import secret
from sekisho.model.client import DASHBOARD, Client, Registration, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.model.step import Save
from sekisho.pages.dashboard.listing import Stretch
from sekisho.pages.dashboard.rooms.applications import safety
from sekisho.registry import dashboard_client
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABOVE, CLIENT_ABSENT, SYSTEM_CLIENT
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.store import Window
from tests.dashboard.desk import AtDesk, another, at_desk, shown, text_of
from tests.dashboard.forms import form_of
from tests.tenants import NOW, SECRET, TENANT, Clock, client
from tests.visitor import location

LIST, NEW = "/applications", "/applications/new"
HOSTILE = "\"'>&{{7*7}}"


def many(count: int, **fields: object) -> list[Client]:
    """Applications of one kind."""
    return [
        client(
            id=f"77777777-7777-4777-8777-{n:012}", client_id=f"many-{n}", **{"name": f"Many {n}", **fields}
        )
        for n in range(count)
    ]


async def found(desk: AtDesk, query: str = "") -> list[str]:
    """The client ids of a stretch of the list."""
    stretch = shown(await desk.get(f"{LIST}{query}"))["stretch"]
    assert isinstance(stretch, Stretch)
    return [each.client_id for each in stretch.found]


async def stands(desk: AtDesk, client_id: str) -> Client | None:
    """An application as it is kept."""
    return await desk.tenant.store.named(Client, desk.tenant.id, client_id)


async def ours(desk: AtDesk) -> Client:
    """The dashboard's own."""
    return await dashboard_client.wanted(desk.tenant, "https://id.example.com/dashboard/callback", Actor())


async def with_all_rights(desk: AtDesk) -> str:
    """An application that may administer everything."""
    operator = replace(many(1)[0], name="Operator", client_id="operator")
    grant = ClientGrant(tenant=TENANT, id="cgr_9", client_id="operator", audience="urn:sekisho:management")
    scopes = ("read:clients", "update:tenant_settings")
    assert await desk.tenant.change(Save(operator), Save(replace(grant, scopes=scopes))) is None
    return "/applications/operator"


async def test_applications_are_listed_with_what_is_worth_knowing() -> None:
    """Name, client id, type and the way in which each proves itself; installations have their own list."""
    desk = await at_desk()
    installed = Registration(application="app_1", statement="st_1")
    loose = replace(
        many(1)[0], client_id="loose", grant_types=("implicit",), token_endpoint_auth_method="none"
    )
    installation = replace(many(2)[1], registration=installed)
    assert await desk.tenant.change(Save(loose), Save(installation)) is None
    assert sorted(await found(desk)) == ["loose", "web"]
    text = await desk.text(LIST)
    for part in ("Client secret", "Implicit grant", "Web application", 'href="/dashboard/applications/new"'):
        assert part in text
    assert "インプリシットグラント" in await desk.text(LIST, "ja")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=ORDER", ["orders"]),
        ("?q=注文", ["orders"]),
        ("?q=many-1", ["many-1"]),
        ("?q=callback%3Fa%3D1%25", ["orders"]),
        ("?q=%25", ["orders"]),
        ("?type=spa", ["orders"]),
        ("?type=spa&q=many", []),
        ("?q=nothing", []),
        ("?q=" + "x" * 5_000, []),
        ("?type=nothing", []),
        ("?q=%00many-2%00", ["many-2"]),
    ],
)
async def test_applications_are_found(query: str, expected: list[str]) -> None:
    """By a piece of the name, of the client id or of a callback URL, and by type; letters of any size."""
    desk = await at_desk()
    url = ReplyUrl("https://orders.example.com/callback?a=1%25")
    orders = client(client_id="orders", name="Example Orders 注文", app_type="spa", reply_urls=(url,))
    assert await desk.tenant.change(Save(orders), *map(Save, many(3))) is None
    assert await found(desk, query) == expected


async def test_the_list_goes_on_after_a_stretch() -> None:
    """25 at a time, in the order of ids; a search goes along."""
    desk = await at_desk()
    assert await desk.tenant.change(*map(Save, many(30))) is None
    first = shown(await desk.get(f"{LIST}?q=many&type=regular_web"))["stretch"]
    assert isinstance(first, Stretch)
    assert (len(first.found), first.total, first.first) == (25, 30, "")
    assert "q=many" in first.next
    then = shown(await desk.get(f"{LIST}{first.next}"))["stretch"]
    assert isinstance(then, Stretch)
    assert (len(then.found), then.next) == (5, "")


async def test_an_empty_list_says_why() -> None:
    """Nothing yet is something else than nothing that matches; what was typed is escaped."""
    desk = await at_desk()
    text = await desk.text(f"{LIST}?q=%3Cscript%3E%27%22")
    assert "No application matches “&lt;script&gt;" in text
    assert "<script>'" not in text
    assert "No application is of this type" in await desk.text(f"{LIST}?type=native")
    web = await stands(desk, "web")
    assert web is not None
    installed = Registration(application="a", statement="s")
    assert await desk.tenant.change(Save(replace(web, registration=installed))) is None
    assert "No applications yet" in await desk.text(LIST)


async def test_names_of_others_are_escaped() -> None:
    """Whatever an application is called, it is text."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(client(name=HOSTILE, client_id="hostile"))) is None
    for address in (LIST, "/applications/hostile/settings", "/applications/hostile/delete"):
        text = await desk.text(address)
        assert "<bdi>&#34;&#39;&gt;&amp;{{7*7}}</bdi>" in text
        assert HOSTILE not in text


@pytest.mark.parametrize(
    ("fields", "tone", "key"),
    [
        ({}, "ok", "secret"),
        ({"enabled": False, "grant_types": ("implicit",)}, "mut", "off"),
        ({"client_id": DASHBOARD}, "ok", "ours"),
        ({"secrets": ()}, "bad", "expired"),
        ({"secrets": (replace(secret.remember(SECRET, NOW), expires_at=NOW),)}, "bad", "expired"),
        ({"grant_types": ("implicit", "authorization_code")}, "warn", "implicit"),
        ({"requires_pushing": True}, "ok", "pushed"),
        ({"token_endpoint_auth_method": "none"}, "ok", "public"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "ok", "assertion"),
        ({"registration": Registration(application="a", statement="s")}, "ok", "statement"),
    ],
)
def test_what_is_most_worth_knowing_comes_first(fields: dict[str, object], tone: str, key: str) -> None:
    """One word for each application: what is off, ours, over or risky before what is well."""
    assert safety.of(client(**fields), NOW) == safety.Safety(tone, key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("app_type", "grant_types", "has_secret"),
    [
        ("regular_web", ("authorization_code", "refresh_token", "client_credentials"), True),
        ("spa", ("authorization_code", "refresh_token"), False),
        ("native", ("authorization_code", "refresh_token"), False),
        ("non_interactive", ("authorization_code", "refresh_token", "client_credentials"), True),
        ("portal", ("authorization_code", "implicit"), True),
    ],
)
async def test_an_application_is_created(
    app_type: str, grant_types: tuple[str, ...], has_secret: bool
) -> None:
    """Its type decides; where it has a secret, that is on the page that answers, and nowhere else."""
    desk = await at_desk("Editor")
    answer = await desk.fills(NEW, name="Example Orders", app_type=app_type)
    (made,) = await desk.tenant.store.records(Client, TENANT, {"words": "example orders"}, Window())
    assert (made.app_type, made.grant_types, bool(made.secrets)) == (app_type, grant_types, has_secret)
    settings = f"/applications/{made.client_id}/settings"
    if not has_secret:
        assert location(answer).endswith(f"/dashboard{settings}?done=application_created")
        return
    said = str(shown(answer)["secret"])
    secret.prove(said, made, NOW)
    assert said in text_of(answer, desk.tenant)
    assert ("cache-control", "no-store") in answer.headers
    assert said not in await desk.text(settings)
    assert said not in str([event.detail for event in await desk.happened()])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": "", "app_type": "spa"}, "name"),
        ({"name": "<b>", "app_type": "spa"}, "name"),
        ({"name": "x" * 256, "app_type": "spa"}, "name"),
        ({"name": "X", "app_type": "nothing"}, "app_type"),
    ],
)
async def test_what_is_wrong_with_a_new_application_is_told_at_its_field(
    told: dict[str, str], field: str
) -> None:
    """Nothing is made, and what was typed stays."""
    desk = await at_desk()
    answer = await desk.fills(NEW, **told)
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert await desk.tenant.store.count(Client, TENANT, {}) == 1


async def test_an_application_is_deleted_by_whoever_types_its_name() -> None:
    """The page names what ends with it; another name deletes nothing."""
    desk = await at_desk()
    agreed = Consent(tenant=TENANT, id="con_x", user=None, client="web", api=None)
    assert await desk.tenant.change(Save(agreed)) is None
    address = "/applications/web/delete"
    assert "People who agreed to it: 1. APIs that it may call as itself: 0." in await desk.text(address)
    answer = await desk.fills(address, typed="web")
    assert (answer.status, list(form_of(answer).problems)) == (400, ["typed"])
    assert await stands(desk, "web")
    answer = await desk.fills(address, typed=" Web ")
    assert location(answer).endswith("/dashboard/applications?done=application_deleted")
    assert await stands(desk, "web") is None
    (event,) = [each for each in await desk.happened() if each.slug == "client_deleted"]
    assert event.user == desk.user.user_id


@pytest.mark.parametrize("address", [NEW, "/applications/web/delete", "/applications/web/rotate-secret"])
async def test_what_cannot_be_undone_is_done_shortly_after_a_sign_in(address: str) -> None:
    """Later one signs in again, and comes back to the page that asks."""
    clock = Clock()
    desk = await at_desk(clock=clock)
    seen = shown(await desk.get(address))
    clock.now += 601
    for answer in (
        await desk.get(address),
        await desk.post(address, {"csrf": str(seen["csrf"]), "typed": "Web", "name": "X"}),
    ):
        assert answer.status == 303
        assert "/authorize?" in location(answer)
    assert await stands(desk, "web")
    assert await desk.tenant.store.count(Client, TENANT, {"words": "web"}) == 1


@pytest.mark.parametrize("page", ["settings", "credentials", "apis"])
async def test_our_own_application_is_shown_and_locked(page: str) -> None:
    """Everybody who may sees it, and nothing on its pages changes it."""
    desk = await at_desk()
    await ours(desk)
    text = await desk.text(f"/applications/{DASHBOARD}/{page}")
    assert "Sekisho looks after it by itself" in text
    assert 'id="save"' not in text
    assert "rotate-secret" not in text
    assert "/delete" not in text
    assert "/add" not in text


@pytest.mark.parametrize("rest", ["settings", "credentials", "rotate-secret", "delete", "credentials/add"])
async def test_our_own_application_is_not_changed(rest: str) -> None:
    """What is not offered is refused, too."""
    desk = await at_desk()
    before = await ours(desk)
    csrf = str(shown(await desk.get(LIST))["csrf"])
    form = {"csrf": csrf, "typed": before.name, "name": "Mine", "previous_expires_in": "0"}
    with pytest.raises(Refused, match=SYSTEM_CLIENT.slug):
        await desk.post(f"/applications/{DASHBOARD}/{rest}", form)
    assert await stands(desk, DASHBOARD) == before


@pytest.mark.parametrize("rest", ["settings", "credentials", "rotate-secret", "delete", "credentials/add"])
async def test_an_editor_changes_no_application_that_may_do_more(rest: str) -> None:
    """With its secret they would be owners. Reason: client_above."""
    desk = await at_desk("Editor")
    address = await with_all_rights(desk)
    before = await stands(desk, "operator")
    csrf = str(shown(await desk.get(LIST))["csrf"])
    form = {"csrf": csrf, "typed": "Operator", "name": "Mine", "previous_expires_in": "0"}
    with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
        await desk.post(f"{address}/{rest}", form)
    assert await stands(desk, "operator") == before
    text = await desk.text(f"{address}/settings")
    assert "may administer more than you may" in text
    assert 'id="save"' not in text
    owner = await another(desk.tenant, "Owner")
    assert 'id="save"' in await owner.text(f"{address}/settings")


async def test_a_viewer_sees_everything_and_is_offered_nothing() -> None:
    """No button, no form that can be sent, and a refusal for whoever sends one all the same."""
    desk = await at_desk("Viewer")
    for address in (LIST, *(f"/applications/web/{tab}" for tab in ("settings", "credentials", "apis"))):
        text = await desk.text(address)
        assert 'id="save"' not in text
        assert "rotate-secret" not in text
        assert "/delete" not in text
        assert "/new" not in text
        assert "/add" not in text
    csrf = str(shown(await desk.get(LIST))["csrf"])
    for address in (NEW, "/applications/web/settings", "/applications/web/delete"):
        with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
            await desk.post(address, {"csrf": csrf, "name": "X", "typed": "Web"})


@pytest.mark.parametrize("client_id", ["gone", "a b", "x" * 200, "..%2F..", "日本"])
async def test_an_application_that_is_not_there_is_not_found(client_id: str) -> None:
    """Whatever the address says."""
    desk = await at_desk()
    with pytest.raises(Refused, match=CLIENT_ABSENT.slug):
        await desk.get(f"/applications/{client_id}/settings")
