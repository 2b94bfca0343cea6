"""Site settings: what is known in one form, clients with their pages, certificates, and any other name."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sekisho.keys import certificate
from sekisho.model.signing_key import SigningKey
from sekisho.model.tenant import SiteSetting
from sekisho.pages.dashboard.deciding import DECIDES, EXACTLY
from sekisho.pages.dashboard.fields import Form
from sekisho.registry.portal import certificates, clients, signing, site_settings
from sekisho.registry.portal.clients import PortalClient
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy, Site
from sekisho.spec.portal import cors, setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.spec.refusals.portal import CERTIFICATE_UNKNOWN, SETTING_ABSENT
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.pfx import PASSWORD, packed
from tests.tenants import ORIGIN

PATH = "/site-settings"
REDIRECTS = setting.redirects_of("chat")
UNCHANGED = {setting.ENABLED: "on", setting.AUTHORIZE: "on", setting.TOKEN_BY_GET: "on"}
BIG = rsa.generate_private_key(65_537, 2_048)
RAW = packed(BIG)
HOSTILE = "<script>alert(1)</script>"


async def values(desk: AtDesk) -> dict[str, str]:
    """All settings, by name."""
    names = (*setting_names(), REDIRECTS, setting.engagement_of("chat"))
    return {name: each.value for name, each in (await site_settings.standing(desk.tenant, names)).items()}


def setting_names() -> tuple[str, ...]:
    """Those that the form is about, and the list of clients."""
    ways = (setting.ENABLED, setting.AUTHORIZE, setting.TOKEN_BY_GET, setting.CLIENT_REQUIRED)
    return (*ways, setting.LIFETIME, setting.CERTIFICATE, setting.CLIENTS, *cors.NAMES)


async def put(desk: AtDesk, name: str, value: str) -> SiteSetting:
    """A setting, as somebody else sets it."""
    return await site_settings.put(desk.tenant, name, value, desk.actor_of(desk.user))


async def uploaded(desk: AtDesk) -> tuple[SigningKey, str]:
    """A certificate of the portal, and its thumbprint."""
    made = await certificates.upload(desk.tenant, RAW, PASSWORD, desk.actor_of(desk.user))
    return made, certificate.thumbprint(made.certificate)


def form_of(answer: Answer) -> Form:
    """The form of a page."""
    found = shown(answer)["form"]
    assert isinstance(found, Form)
    return found


async def test_what_is_saved_unchanged_changes_nothing() -> None:
    """A form that is sent as it came sets nothing: what is not set has its default."""
    desk = await at_desk()
    assert (await desk.fills(PATH, **UNCHANGED)).status == 303
    assert await values(desk) == {}


async def test_only_what_is_not_the_default_is_set() -> None:
    """Switches that are moved are set; moved back, they are not there any more."""
    desk = await at_desk()
    told = {setting.ENABLED: "on", setting.CLIENT_REQUIRED: "on", setting.LIFETIME: "60"}
    origins = {cors.ORIGINS: "https://a.example\nhttps://b.example", cors.CREDENTIALS: "on"}
    assert (await desk.fills(PATH, **told, **origins)).status == 303
    assert await values(desk) == {
        setting.AUTHORIZE: "false",
        setting.TOKEN_BY_GET: "false",
        setting.CLIENT_REQUIRED: "true",
        setting.LIFETIME: "60",
        cors.ORIGINS: "https://a.example, https://b.example",
        cors.CREDENTIALS: "true",
    }
    slugs = [event.slug for event in await desk.happened()]
    assert slugs.count("site_setting_put") == 6
    assert (await desk.fills(PATH, **UNCHANGED)).status == 303
    assert await values(desk) == {}


@pytest.mark.parametrize(("text", "now"), [("99999", 3_600), ("5", 60), ("15m", 900), ("", 900)])
async def test_a_lifetime_is_shown_as_it_holds(text: str, now: int) -> None:
    """What was typed stays, and the page says what it comes to."""
    desk = await at_desk()
    await put(desk, setting.LIFETIME, text)
    answer = await desk.get(PATH)
    assert (shown(answer)["lifetime"], form_of(answer).text(setting.LIFETIME)) == (now, text)
    assert f"It holds now: {now:,} seconds." in await desk.text(PATH)


async def test_a_value_that_is_wrong_is_told_at_its_field_and_nothing_is_saved() -> None:
    """All settings of the form, or none."""
    desk = await at_desk()
    answer = await desk.fills(PATH, **{**UNCHANGED, setting.LIFETIME: "60", cors.ORIGINS: "a.example"})
    form = form_of(answer)
    assert (answer.status, list(form.problems)) == (400, [cors.ORIGINS])
    assert (form.text(setting.LIFETIME), await values(desk)) == ("60", {})


async def test_a_form_that_is_old_says_what_stands_there_now() -> None:
    """Somebody else changed one of the settings: both values are shown, the second try is for these."""
    desk = await at_desk()
    seen = shown(await desk.get(PATH))
    form = {"csrf": str(seen["csrf"]), "version": str(seen["form"].version)}  # type: ignore[attr-defined]
    await put(desk, setting.LIFETIME, "120")
    answer = await desk.post(PATH, {**form, **UNCHANGED, setting.LIFETIME: "60"})
    told = form_of(answer)
    assert (answer.status, told.now) == (412, {setting.LIFETIME: "120"})
    again = {**form, "version": str(told.version), **UNCHANGED, setting.LIFETIME: "60"}
    assert (await desk.post(PATH, again)).status == 303
    assert await values(desk) == {setting.LIFETIME: "60"}


async def test_clients_are_shown_with_their_pages() -> None:
    """Each with where its answers go, and the ids of its settings to be led to; hostile names are text."""
    desk = await at_desk()
    actor = desk.actor_of(desk.user)
    await clients.put(desk.tenant, PortalClient(client_id="chat", redirect_uris=(f"{ORIGIN}/a",)), actor)
    await put(desk, setting.CLIENTS, f"chat;{HOSTILE}")
    text = await desk.text(PATH)
    assert f'id="{REDIRECTS}"' in text
    assert f'id="{setting.CLIENTS}"' in text
    assert f"{ORIGIN}/a" in text
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


async def test_every_setting_that_decides_a_refusal_is_on_the_page() -> None:
    """Whoever comes from a refused request lands at the setting that decided."""
    desk = await at_desk()
    await clients.put(desk.tenant, PortalClient(client_id="chat"), desk.actor_of(desk.user))
    text = await desk.text(PATH)
    for each in (*DECIDES.values(), *EXACTLY.values()):
        if each.room == "site-settings":
            assert f'id="{each.field.replace("{client_id}", "chat")}"' in text, each


async def test_a_client_is_registered_changed_and_removed() -> None:
    """It comes with its pages, and goes with all that is said of it."""
    desk = await at_desk()
    pages = f"{ORIGIN}/a\n{ORIGIN}/b"
    assert (await desk.fills(f"{PATH}/new-client", client_id="chat", RedirectUri=pages)).status == 303
    assert await values(desk) == {setting.CLIENTS: "chat", REDIRECTS: f"{ORIGIN}/a;{ORIGIN}/b"}
    one = f"{PATH}/clients/chat"
    told = {"RedirectUri": f"{ORIGIN}/b", "EngagementAttributesAsText": "on"}
    assert (await desk.fills(one, **told)).status == 303
    assert await clients.find(desk.tenant, "chat") == PortalClient(
        client_id="chat", redirect_uris=(f"{ORIGIN}/b",), engagement_as_text=True
    )
    assert "Remove the client" in await desk.text(f"{one}/remove")
    assert (await desk.fills(f"{one}/remove")).status == 303
    assert await values(desk) == {}
    with pytest.raises(Refused) as refused:
        await desk.get(one)
    assert refused.value.reason is SETTING_ABSENT


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"client_id": "a b", "RedirectUri": ""}, "client_id"),
        ({"client_id": "chat", "RedirectUri": "https://evil.example/"}, "RedirectUri"),
        ({"client_id": "taken", "RedirectUri": ""}, "client_id"),
    ],
)
async def test_a_client_that_cannot_be_registered(told: dict[str, str], field: str) -> None:
    """What is wrong is told at its field; what another client has been given is not overwritten."""
    desk = await at_desk()
    await put(desk, setting.redirects_of("taken"), f"{ORIGIN}/a")
    answer = await desk.fills(f"{PATH}/new-client", **told)
    assert answer.status in (400, 412)
    assert list(form_of(answer).problems) == [field]
    assert setting.CLIENTS not in await values(desk)


async def test_a_page_of_a_client_that_is_wrong_or_old() -> None:
    """The list of another site is refused at its field; a form that somebody else was faster than, too."""
    desk = await at_desk()
    await put(desk, REDIRECTS, f"{ORIGIN}/a")
    one = f"{PATH}/clients/chat"
    assert "is not registered" in await desk.text(one)
    answer = await desk.fills(one, RedirectUri="https://evil.example/")
    assert (answer.status, list(form_of(answer).problems)) == (400, ["RedirectUri"])
    seen = shown(await desk.get(one))
    await put(desk, REDIRECTS, f"{ORIGIN}/b")
    form = {"csrf": str(seen["csrf"]), "version": str(seen["form"].version)}  # type: ignore[attr-defined]
    answer = await desk.post(one, {**form, "RedirectUri": f"{ORIGIN}/c"})
    assert (answer.status, form_of(answer).now) == (412, {"RedirectUri": [f"{ORIGIN}/b"]})
    assert await values(desk) == {REDIRECTS: f"{ORIGIN}/b"}


async def test_any_name_is_set_changed_and_deleted() -> None:
    """Names that nothing here knows are kept, too; one that is there is not overwritten by a new one."""
    desk = await at_desk()
    names = f"{PATH}/names"
    assert "Nothing is set yet" in await desk.text(names)
    assert (await desk.fills(f"{PATH}/new-name", name="My/Thing", value=HOSTILE)).status == 303
    answer = await desk.fills(f"{PATH}/new-name", name="MY/thing", value="2")
    assert (answer.status, list(form_of(answer).problems)) == (412, ["name"])
    answer = await desk.fills(f"{PATH}/new-name", name="", value="2")
    assert (answer.status, list(form_of(answer).problems)) == (400, ["name"])
    text = await desk.text(names)
    assert "My/Thing" in text
    assert HOSTILE not in text
    one = f"{names}/{(await site_settings.find(desk.tenant, 'my/thing')).id}"
    assert HOSTILE not in await desk.text(one)
    assert (await desk.fills(one, value="3")).status == 303
    assert (await site_settings.find(desk.tenant, "my/thing")).value == "3"
    answer = await desk.fills(one, value="4" * 20_001)
    assert (answer.status, list(form_of(answer).problems)) == (400, ["value"])
    assert "Delete" in await desk.text(f"{one}/delete")
    assert (await desk.fills(f"{one}/delete")).status == 303
    with pytest.raises(Refused) as refused:
        await desk.get(one)
    assert refused.value.reason is SETTING_ABSENT


async def test_a_certificate_is_uploaded_chosen_and_deleted() -> None:
    """As Base64 with line breaks; the one that the setting names stays, and no page shows what was sent."""
    desk = await at_desk()
    address = f"{PATH}/certificates"
    assert "No certificates yet" in await desk.text(address)
    told = {"pfx": "\r\n".join([b64encode(RAW).decode()[:76], b64encode(RAW).decode()[76:]])}
    answer = await desk.fills(f"{address}/upload", **told, password="wrong")
    assert (answer.status, list(form_of(answer).problems)) == (400, [""])
    assert form_of(answer).values == {}
    answer = await desk.fills(f"{address}/upload", pfx="no!", password="")
    assert list(form_of(answer).problems) == ["pfx"]
    assert (await desk.fills(f"{address}/upload", **told, password=PASSWORD)).status == 303
    (made,) = await certificates.every(desk.tenant)
    thumbprint = certificate.thumbprint(made.certificate)
    assert f'<option value="{thumbprint}">' in await desk.text(PATH)
    assert (await desk.fills(PATH, **UNCHANGED, **{setting.CERTIFICATE: thumbprint})).status == 303
    text = await desk.text(address)
    assert "BEGIN PUBLIC KEY" in text
    assert f"{thumbprint}/delete" not in text
    answer = await desk.fills(f"{address}/{thumbprint}/delete")
    assert (answer.status, list(form_of(answer).problems)) == (400, [""])
    assert (await desk.fills(PATH, **UNCHANGED)).status == 303
    assert (await desk.fills(f"{address}/{thumbprint}/delete")).status == 303
    assert await certificates.every(desk.tenant) == []
    for method in (desk.get, desk.fills):
        with pytest.raises(Refused) as refused:
            await method(f"{address}/{thumbprint}/delete")
        assert refused.value.reason is CERTIFICATE_UNKNOWN


async def test_a_certificate_that_is_not_there_is_told() -> None:
    """A setting that names what is missing means that nothing signs; it can still be chosen away."""
    desk = await at_desk()
    await put(desk, setting.CERTIFICATE, "0" * 40)
    assert "missing or expired" in await desk.text(f"{PATH}/certificates")
    assert f'<option value="{"0" * 40}" selected>' in await desk.text(PATH)


async def test_whoever_looks_makes_no_key() -> None:
    """A page changes nothing: before the first token there is no key, and the page says so."""
    desk = await at_desk()
    assert "The key is made when" in await desk.text(f"{PATH}/certificates")
    assert await signing.standing(desk.tenant) is None


async def test_where_the_pages_of_the_portal_come_from() -> None:
    """Their folder is shown with the way to where it is changed."""
    desk = await at_desk(policy=Policy(site=Site(folder="shop")))
    text = await desk.text(PATH)
    assert "<code>shop</code>" in text
    assert "/settings/advanced#site.folder" in text


async def test_a_portal_that_is_off_says_so() -> None:
    """Who looks why nothing works finds it at the top of the page."""
    desk = await at_desk()
    await put(desk, setting.ENABLED, "FALSE")
    assert "switched off" in await desk.text(PATH)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_a_viewer_sees_everything_locked(language: str) -> None:
    """Who may only look finds no button, and is refused without one."""
    desk = await at_desk("Viewer")
    _, thumbprint = await uploaded(desk)
    await clients.put(desk.tenant, PortalClient(client_id="chat"), desk.actor_of(desk.user))
    one = await put(desk, "Some", "thing")
    for address in (PATH, f"{PATH}/clients/chat", f"{PATH}/names", f"{PATH}/names/{one.id}"):
        text = await desk.text(address, language)
        assert 'id="save"' not in text
        assert "/new-" not in text
        assert "/delete" not in text
        assert "/remove" not in text
    text = await desk.text(f"{PATH}/certificates", language)
    assert "/upload" not in text
    assert "/delete" not in text
    csrf = {"csrf": str(shown(await desk.get(PATH))["csrf"]), "version": "0"}
    for address in (
        *(PATH, f"{PATH}/new-client", f"{PATH}/clients/chat", f"{PATH}/clients/chat/remove"),
        *(f"{PATH}/new-name", f"{PATH}/names/{one.id}", f"{PATH}/names/{one.id}/delete"),
        *(f"{PATH}/certificates/upload", f"{PATH}/certificates/{thumbprint}/delete"),
    ):
        with pytest.raises(Refused) as refused:
            await desk.post(address, csrf)
        assert refused.value.reason is ADMINISTRATION_DENIED


async def test_an_editor_brings_no_certificates() -> None:
    """What the portal signs with is the owners' business; how it behaves is an editor's, too."""
    desk = await at_desk("Editor")
    assert (await desk.fills(PATH, **UNCHANGED, **{setting.LIFETIME: "60"})).status == 303
    csrf = {"csrf": str(shown(await desk.get(PATH))["csrf"])}
    with pytest.raises(Refused) as refused:
        await desk.post(f"{PATH}/certificates/upload", csrf)
    assert refused.value.reason is ADMINISTRATION_DENIED
