"""The consent page in Entra's words: for one application, for one and its API, for everybody."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT, Api, Scope
from sekisho.model.client import Access, Client, Required
from sekisho.pages.render import render
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import ADMIN_NEEDED, NOT_CONSENTED, RESOURCE_ABSENT
from sekisho.store import Window
from tests.agreeing import (
    AUDIT,
    DOCUMENTS,
    FIELD,
    GONE,
    OLD,
    ORDERS,
    READ,
    THEIRS,
    agreements,
    allows,
    asked_about,
    authorizes,
    changed,
    documents,
    field,
    opens,
    orders,
    orders_api,
    page_for,
    pre_authorized,
    ranked,
    to_page,
    told,
)
from tests.pages.visits import Visitor, csrf, shown
from tests.tenants import ORIGIN, TENANT
from tests.visitor import location, person

AYA = person().user_id
FILES = "openid profile api://documents/Files.Read"
BOTH = "openid api://orders/.default"


def text_of(answer: Answer, visitor: Visitor, language: str = "") -> str:
    """The page as a browser gets it."""
    ask = Ask(method="GET", path="/consent", root=ORIGIN, query=(("ui_locales", language),))
    return render(answer, ask, visitor.browser.tenant).body.decode()


async def texts(visitor: Visitor, address: str) -> tuple[str, str]:
    """It in both languages."""
    answer = await visitor.get(address)
    return text_of(answer, visitor, "en"), text_of(answer, visitor, "ja")


async def test_one_application_is_asked_about_in_its_apis_words() -> None:
    """The texts for people, the API's name, and yes is kept for this person. Contract section 8.3."""
    visitor = await asked_about()
    address = await page_for(visitor, FILES)
    english, japanese = await texts(visitor, address)
    for words in (
        "Read your documents",
        "And nobody else’s",
        "At <bdi>Example Documents</bdi>",
        'id="allow"',
    ):
        assert words in english
    assert "対象：<bdi>Example Documents</bdi>" in japanese
    assert 'name="everyone"' not in english
    assert "Read the documents of people" not in english
    answer = await allows(visitor, address)
    assert told(answer)["code"]
    assert await agreements(visitor.browser.tenant) == {
        (FIELD, None, AYA): ("openid", "profile"),
        (FIELD, DOCUMENTS, AYA): ("Files.Read",),
    }
    assert told(await authorizes(visitor, FILES, prompt="none"))["code"]


async def test_texts_fall_back() -> None:
    """Where an API says nothing to people, they read what it says to administrators, or a description."""
    visitor = await asked_about()
    english, _ = await texts(visitor, await page_for(visitor, "openid api://documents/Files.Write"))
    assert "Change the documents of people" in english
    english, _ = await texts(visitor, await page_for(visitor, "openid api://documents/Audit.Read"))
    assert "See who read what" in english
    bare = (Scope(id=READ, value="Files.Read"),)
    await changed(visitor.browser.tenant, Api, documents().id, scopes=bare)
    english, _ = await texts(visitor, await page_for(visitor, FILES))
    assert "<code>Files.Read</code>" in english


async def test_only_what_is_new_is_asked() -> None:
    """More scopes are one more question, about these alone. Contract section 8.3, incremental."""
    visitor = await asked_about()
    await allows(visitor, await page_for(visitor, FILES))
    address = await page_for(visitor, f"{FILES} api://documents/Files.Write")
    english, _ = await texts(visitor, address)
    assert "Change the documents of people" in english
    assert "Read your documents" not in english
    await allows(visitor, address)
    kept = await agreements(visitor.browser.tenant)
    assert kept[FIELD, DOCUMENTS, AYA] == ("Files.Read", "Files.Write")


@pytest.mark.parametrize("spelled", [f"{DOCUMENTS}/Files.Write", "API://Documents/Files.Write"])
async def test_a_resource_by_two_names_is_one_agreement(spelled: str) -> None:
    """Scopes of one API may name it by its identifiers in turn; what is kept is one agreement."""
    visitor = await asked_about()
    answer = await allows(visitor, await page_for(visitor, f"{FILES} {spelled}"))
    assert told(answer)["code"]
    kept = await agreements(visitor.browser.tenant)
    assert kept[FIELD, DOCUMENTS, AYA] == ("Files.Read", "Files.Write")


async def test_one_page_for_an_application_and_the_api_behind_it() -> None:
    """With `.default` of an API that knows it: one answer is kept for both. Contract section 8.3."""
    visitor = await asked_about()
    address = await page_for(visitor, BOTH)
    english, japanese = await texts(visitor, address)
    for words in (
        *("and the API behind it?", "Use Example Orders as you", "Read your documents", "Allow both"),
        *("The app you are opening", "Called by <bdi>Example Field</bdi>", "orders.example.com"),
        f"<code>{DOCUMENTS}/Files.Read</code>",
    ):
        assert words in english
    assert "両方を許可する" in japanese
    # What an application is to have itself is no matter of one person's.
    assert "Read all documents" not in english
    answer = await allows(visitor, address)
    assert told(answer)["code"]
    assert await agreements(visitor.browser.tenant) == {
        (FIELD, None, AYA): ("openid",),
        (FIELD, ORDERS, AYA): ("access_as_user",),
        (ORDERS, DOCUMENTS, AYA): ("Files.Read",),
    }
    tenant = visitor.browser.tenant
    (event,) = await tenant.store.events(TENANT, {"slug": "consent_given"}, Window())
    assert event.detail["clients"] == [FIELD, ORDERS]


@pytest.mark.parametrize(
    "more",
    [
        (orders_api(known_clients=()),),
        (orders_api(owner_client=None, known_clients=(FIELD,)),),
        (orders(required=()),),
    ],
)
async def test_an_api_that_does_not_know_the_application_is_not_asked_about(more: tuple[Any, ...]) -> None:
    """Combined is what the API's own application allows, and only while it is there. Sharp edge 27."""
    visitor = await asked_about(None, None, *more)
    address = await page_for(visitor, BOTH)
    english, _ = await texts(visitor, address)
    assert "Allow both" not in english
    await allows(visitor, address)
    assert {client for client, _, _ in await agreements(visitor.browser.tenant)} == {FIELD}


async def test_an_application_that_knows_itself_is_asked_about_once() -> None:
    """Front end and API may be one registration: that is one agreement for each API. Contract section 8.3."""
    itself = orders_api(known_clients=(ORDERS,))
    more = (itself, orders(required=(*orders().required, *orders().required)))
    visitor = await asked_about(None, None, *more)
    address = await page_for(visitor, BOTH, client_id=ORDERS)
    english, _ = await texts(visitor, address)
    assert english.count("Read your documents") == 1
    await visitor.fills(address, decision="allow")
    kept = await agreements(visitor.browser.tenant)
    assert kept == {(ORDERS, None, AYA): ("openid",), (ORDERS, DOCUMENTS, AYA): ("Files.Read",)}


async def test_whoever_has_no_rank_needs_an_administrator() -> None:
    """The page says so and has no yes; the way back tells the application why. Contract section 8.5."""
    visitor = await asked_about()
    address = await page_for(visitor, f"{FILES} api://documents/Audit.Read")
    english, japanese = await texts(visitor, address)
    for words in ("needs an administrator’s approval", "Needs an administrator", "See who read what"):
        assert words in english
    assert "管理者の承認が必要です" in japanese
    for page in (english, japanese):
        assert 'id="deny"' in page
        assert 'id="allow"' not in page
    answer = await visitor.fills(address, decision="deny")
    assert (told(answer)["error"], told(answer)["state"]) == ("access_denied", "s-1")
    assert told(answer)["error_description"].startswith("AADSTS90094: ")
    assert await agreements(visitor.browser.tenant) == {}
    await visitor.browser.tenant.audit.flush()
    (event,) = await visitor.browser.tenant.store.events(TENANT, {"slug": ADMIN_NEEDED.slug}, Window())
    assert event.client == FIELD


async def test_a_viewer_is_no_administrator_here() -> None:
    """Who sees everything and changes nothing agrees to nothing for anybody else."""
    visitor = await asked_about()
    await ranked(visitor, "Viewer")
    english, _ = await texts(visitor, await page_for(visitor, FILES))
    assert 'name="everyone"' not in english
    english, _ = await texts(visitor, await page_for(visitor, "openid api://documents/Audit.Read"))
    assert 'id="allow"' not in english


async def test_a_tenant_may_leave_it_to_administrators() -> None:
    """Without user_consent_allowed people agree to no API; who they are is still theirs to tell."""
    visitor = await asked_about(Policy(user_consent_allowed=False))
    english, _ = await texts(visitor, await page_for(visitor, FILES))
    assert 'id="allow"' not in english
    english, _ = await texts(visitor, await page_for(visitor, "openid profile"))
    assert 'id="allow"' in english
    await ranked(visitor, "Editor")
    assert told(await allows(visitor, await page_for(visitor, FILES)))["code"]


async def test_an_administrator_agrees_for_themselves() -> None:
    """Also to what only they can agree to; unticked, it is about nobody else."""
    visitor = await asked_about()
    owner = await ranked(visitor)
    address = await page_for(visitor, "openid api://documents/Audit.Read")
    english, japanese = await texts(visitor, address)
    assert "Allow for everyone in <bdi>demo</bdi>" in english
    assert "の全員について許可する" in japanese
    assert "checked" not in english
    assert told(await allows(visitor, address))["code"]
    assert await agreements(visitor.browser.tenant) == {
        (FIELD, None, owner.user_id): ("openid",),
        (FIELD, DOCUMENTS, owner.user_id): ("Audit.Read",),
    }


async def test_an_administrator_agrees_for_everybody() -> None:
    """Ticked, it is kept for all people, and nobody else is asked. Contract section 8.7."""
    visitor = await asked_about()
    await ranked(visitor, "Editor")
    scope = "openid offline_access api://documents/Audit.Read"
    assert told(await allows(visitor, await page_for(visitor, scope), everyone="yes"))["code"]
    tenant = visitor.browser.tenant
    assert await agreements(tenant) == {
        (FIELD, None, None): ("openid", "offline_access"),
        (FIELD, DOCUMENTS, None): ("Audit.Read",),
    }
    (event,) = await tenant.store.events(TENANT, {"slug": "consent_given"}, Window())
    assert event.detail["for"] == "everybody"
    visitor.browser.cookies.clear()
    answer = await visitor.browser.signs_in(await authorizes(visitor, scope))
    assert told(answer)["code"]


async def test_both_for_everybody() -> None:
    """The combined page, ticked, is about both applications for all people."""
    visitor = await asked_about()
    await ranked(visitor)
    assert told(await allows(visitor, await page_for(visitor, BOTH), everyone="yes"))["code"]
    kept = await agreements(visitor.browser.tenant)
    assert set(kept) == {(FIELD, None, None), (FIELD, ORDERS, None), (ORDERS, DOCUMENTS, None)}


async def test_whom_an_api_vouches_for_is_not_asked_about() -> None:
    """Pre-authorized scopes are there without anybody's word, others are not. Contract section 8.3."""
    visitor = await asked_about(None, None, pre_authorized(READ))
    await visitor.signs_in()
    await allows(visitor, await page_for(visitor, "openid"))
    assert told(await authorizes(visitor, "openid api://documents/Files.Read", prompt="none"))["code"]
    answer = await authorizes(visitor, "openid api://documents/Files.Write", prompt="none")
    assert told(answer)["error"] == "consent_required"


async def test_what_was_agreed_to_can_be_asked_again() -> None:
    """With prompt=consent everything is shown, also where nothing is missing. Contract section 8.6."""
    visitor = await asked_about()
    await allows(visitor, await page_for(visitor, BOTH))
    assert told(await authorizes(visitor, BOTH))["code"]
    address = await page_for(visitor, BOTH, prompt="consent")
    english, _ = await texts(visitor, address)
    assert "Allow both" in english
    assert told(await allows(visitor, address))["code"]


async def test_where_nothing_is_needed_there_is_still_a_question() -> None:
    """Asked to ask, the page asks who somebody is: it does not lead round in circles."""
    nothing = field(required=(), is_first_party=True)
    visitor = await asked_about(None, None, nothing, pre_authorized(READ))
    address = await page_for(visitor, "api://documents/.default", prompt="consent")
    english, _ = await texts(visitor, address)
    assert "Recognise you when you come back" in english
    assert told(await allows(visitor, address))["code"]


async def test_where_nothing_could_be_had_there_is_no_question() -> None:
    """An API of which the application needs nothing is not consented to, however it is asked."""
    visitor = await asked_about(None, None, field(required=(), is_first_party=True))
    await visitor.signs_in()
    answer = await authorizes(visitor, "api://documents/.default")
    assert told(answer)["error_description"].startswith("AADSTS65001: ")
    await visitor.browser.tenant.audit.flush()
    slug = {"slug": NOT_CONSENTED.slug}
    assert await visitor.browser.tenant.store.events(TENANT, slug, Window())


async def test_a_yes_that_nobody_may_say() -> None:
    """A form without that button is refused on a page, and the flow stays as it was."""
    visitor = await asked_about()
    address = await page_for(visitor, "openid api://documents/Audit.Read")
    token = csrf(await visitor.get(address))
    with pytest.raises(Refused, match=ADMIN_NEEDED.slug):
        await visitor.post(address, {"decision": "allow", "csrf": token})
    assert shown(await visitor.get(address))["is_beyond_them"]
    assert await agreements(visitor.browser.tenant) == {}


async def test_an_application_that_ends_meanwhile() -> None:
    """Whose API was switched off while the page was open is given nothing, and nobody is given it."""
    visitor = await asked_about()
    address = await page_for(visitor, BOTH)
    token = csrf(await visitor.get(address))
    await changed(visitor.browser.tenant, Client, orders().id, enabled=False)
    with pytest.raises(Refused) as why:
        await visitor.post(address, {"decision": "allow", "csrf": token})
    assert why.value.reason is RESOURCE_ABSENT
    assert await agreements(visitor.browser.tenant) == {}


async def test_what_was_settled_in_another_window_is_not_asked_again() -> None:
    """A yes to more than is left by now is a yes to what is left."""
    visitor = await asked_about()
    wide = await page_for(visitor, f"{FILES} api://documents/Files.Write")
    token = csrf(await visitor.get(wide))
    assert told(await allows(visitor, await page_for(visitor, FILES)))["code"]
    answer = await visitor.browser.resumes(await visitor.post(wide, {"decision": "allow", "csrf": token}))
    assert told(answer)["code"]
    kept = await agreements(visitor.browser.tenant)
    assert kept[FIELD, DOCUMENTS, AYA] == ("Files.Read", "Files.Write")


def test_what_only_administrators_agree_to_is_there() -> None:
    """The scope that these tests rely on is of that kind."""
    assert [each.kind for each in documents().scopes if each.id == AUDIT] == ["Admin"]


async def test_what_there_is_not_is_not_needed() -> None:
    """APIs that are gone, the server's own one, and disabled permissions fall out of the question."""
    gone = (Required(resource="api://gone", access=(Access(READ),)), Required(resource=MANAGEMENT))
    old = Required(resource=DOCUMENTS, access=(Access(OLD), Access(GONE, "Role")))
    visitor = await asked_about(None, None, field(required=(*gone, old, *field().required)))
    await allows(visitor, await page_for(visitor, BOTH))
    kept = await agreements(visitor.browser.tenant)
    assert {api for client, api, _ in kept if client == FIELD} == {None, ORDERS}


async def test_the_tenants_own_applications_do_not_ask_who_somebody_is() -> None:
    """OpenID Connect's words are theirs; what an API gives is agreed to all the same."""
    visitor = await asked_about(None, None, field(is_first_party=True))
    await allows(visitor, await page_for(visitor, FILES))
    assert set(await agreements(visitor.browser.tenant)) == {(FIELD, DOCUMENTS, AYA)}


async def test_what_others_wrote_is_text() -> None:
    """Names and texts of applications, APIs, scopes and roles cannot be markup, nor turn our words around."""
    evil = "<img src=x onerror='alert(1)'>"
    scope = replace(documents().scopes[0], title=evil, description=evil, admin_title=evil)
    role = replace(documents().app_roles[0], name=evil, description=evil)
    visitor = await asked_about(
        *(None, None),
        documents(name=evil, scopes=(scope,), app_roles=(role,)),
        orders(name=evil, homepage_uri="javascript:alert(1)"),
        field(name=evil),
    )
    pages = [await texts(visitor, await page_for(visitor, BOTH))]
    await ranked(visitor)
    pages.append(await texts(visitor, await page_for(visitor, BOTH)))
    query = {"client_id": ORDERS, "redirect_uri": THEIRS}
    pages.append(await texts(visitor, await to_page(visitor, await opens(visitor, "adminconsent", **query))))
    await allows(visitor, await page_for(visitor, BOTH), everyone="yes")
    account = render(
        await visitor.get("/account"), visitor.browser.ask("/account", {}), visitor.browser.tenant
    )
    for page in (*(each for both in pages for each in both), account.body.decode()):
        assert "<img" not in page
        assert "javascript:" not in page
        assert "<bdi>&lt;img" in page


async def test_the_page_leads_back() -> None:
    """It is a page of a flow: the form leads to us, and then to the application's own address."""
    visitor = await asked_about()
    answer = await visitor.fills(await page_for(visitor, FILES), decision="deny")
    assert location(answer).startswith("https://field.example.com/back?")
    assert told(answer)["error"] == "access_denied"
    assert told(answer)["error_subcode"] == "cancel"
