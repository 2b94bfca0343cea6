"""Class 30, in Entra's words: an application gets what neither a person nor an administrator agreed to."""

import asyncio
from urllib.parse import urlencode

import httpx
import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.consent import Consent
from sekisho.model.password import Password
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.people import administrators, powers
from sekisho.spec.browser import csrf
from sekisho.store import Window
from tests.agreeing import (
    DOCUMENTS,
    FIELD,
    OLD,
    ORDERS,
    READ,
    THEIRS,
    documents,
    field,
    orders,
    orders_api,
    pre_authorized,
)
from tests.attacks.guest import CHALLENGE, Guest, address_of, token_of, told
from tests.attacks.household import AYA, PASSWORD, Household
from tests.tenants import TENANT

FILES = "openid api://documents/Files.Read"
ADMINS = "openid api://documents/Audit.Read"
BOTH = "openid api://orders/.default"
EVERYONE = {"decision": "allow", "everyone": "yes"}


@pytest.fixture
def office(home: Household) -> Household:
    """The house, with an application, the API that it works through, and what is behind that."""
    home.change(field(), orders(), orders_api(), documents())
    return home


def owner_of(home: Household, rank: str = "Owner") -> User:
    """An owner, or somebody of another rank, with a password."""

    async def appointed() -> User:
        user = await administrators.appoint(home.tenant, "owner@example.com", Actor(), rank)
        mine = await home.tenant.store.record(User, TENANT, "44444444-4444-4444-8444-444444444440")
        assert mine
        known = await home.tenant.store.record(Password, TENANT, mine.id)
        assert known
        kept = Password(tenant=TENANT, id=user.id, hash=known.hash, changed_at=0)
        assert await home.tenant.change(Save(kept)) is None
        return user

    return asyncio.run(appointed())


def guest_of(home: Household, name: str = "aya@example.com") -> Guest:
    """Somebody who is signed in."""
    guest = Guest(home)
    guest.signs_in(name=name, text=PASSWORD)
    return guest


def asks(guest: Guest, scope: str, client: str = FIELD, **more: str) -> httpx.Response:
    """An application sends whoever is here; the page that they come to, or the answer."""
    query = {
        "client_id": client,
        "response_type": "code",
        "redirect_uri": THEIRS,
        "scope": scope,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return guest.opens(f"/demo/oauth2/v2.0/authorize?{urlencode(query)}")


def asks_administrators(guest: Guest, **more: str) -> httpx.Response:
    """The same, of administrators."""
    query = {"client_id": ORDERS, "redirect_uri": THEIRS, "scope": "api://documents/.default", **more}
    return guest.opens(f"/demo/v2.0/adminconsent?{urlencode(query)}")


def kept(home: Household) -> dict[tuple[str, str | None, str | None], tuple[str, ...]]:
    """All that was agreed to, of these applications."""
    found = asyncio.run(home.tenant.store.records(Consent, TENANT, {}, Window()))
    return {(each.client, each.api, each.user): each.scopes for each in found}


def given(home: Household) -> list[RoleAssignment]:
    """The roles that applications have."""
    return asyncio.run(home.tenant.store.records(RoleAssignment, TENANT, {}, Window()))


def is_asked(answer: httpx.Response) -> None:
    """The person is asked, and nothing was given."""
    assert (answer.status_code, answer.request.url.path) == (200, "/consent")


def is_beyond(answer: httpx.Response) -> None:
    """They are told that somebody else has to agree."""
    is_asked(answer)
    assert 'id="allow"' not in answer.text


def test_nobody_speaks_for_everybody_unasked(office: Household) -> None:
    """A tick that no page offered is refused, and nothing of that answer is kept."""
    guest = guest_of(office)
    for scope in (FILES, BOTH, "openid"):
        page = asks(guest, scope)
        assert "everyone" not in page.text
        answer = guest.posts(page, **EVERYONE)
        assert (answer.status_code, "code" in answer.text) == (400, False)
    assert kept(office) == {}
    # Any other word is no tick: it is their own answer then.
    assert "code" in told(guest.posts(asks(guest, FILES), decision="allow", everyone="true"))
    assert {user for _, _, user in kept(office)} == {AYA}


def test_what_is_for_administrators_is_not_for_people(office: Household) -> None:
    """A yes that the page did not offer is refused: by a scope, by the tenant's policy, by admin consent."""
    guest = guest_of(office)
    office.decide(user_consent_allowed=False)
    pages = [asks(guest, ADMINS), asks(guest, f"{FILES} api://documents/Audit.Read"), asks(guest, FILES)]
    pages += [asks(guest, BOTH), asks_administrators(guest), asks_administrators(guest, scope=FILES)]
    for page in pages:
        is_beyond(page)
        for form in ({"decision": "allow"}, EVERYONE):
            assert guest.posts(page, **form).status_code == 400
    assert kept(office) == {}
    assert given(office) == []
    assert told(asks(guest, ADMINS, prompt="none"))["error"] == "consent_required"


def test_a_rank_that_ends_while_the_page_is_open(office: Household) -> None:
    """Who was an administrator when the page was shown is asked again as what they are now."""
    owner = owner_of(office)
    guest = guest_of(office, "owner@example.com")
    pages = [asks(guest, FILES), asks(guest, ADMINS), asks_administrators(guest)]
    found = asyncio.run(office.tenant.store.record(User, TENANT, owner.id))
    assert found
    office.change(replace(found, roles=()))
    for page in pages:
        assert guest.posts(page, **EVERYONE).status_code == 400
        assert guest.posts(page, decision="allow").status_code == 400
    is_beyond(guest.opens(address_of(pages[1])))
    is_beyond(guest.opens(address_of(pages[2])))
    assert kept(office) == {}


def test_an_answer_is_about_one_question(office: Household) -> None:
    """The token of one page says yes to no other: not to another need, client, person or flow."""
    owner_of(office)
    guest, chief = guest_of(office), guest_of(office, "owner@example.com")
    honest = asks(guest, FILES)
    for other in (
        asks(guest, f"{FILES} api://documents/Files.Write"),
        asks(guest, FILES, client=ORDERS),
        asks(guest, BOTH),
        asks(guest, FILES),
    ):
        answer = guest.posts(other, decision="allow", csrf=token_of(honest))
        assert answer.status_code == 400
    # What an administrator ticked here is no administrator's word elsewhere.
    named, everything = asks_administrators(chief, scope="profile"), asks_administrators(chief)
    assert chief.posts(everything, decision="allow", csrf=token_of(named)).status_code == 400
    assert guest.posts(asks(guest, FILES), csrf=token_of(asks(chief, FILES)), **EVERYONE).status_code == 400
    assert kept(office) == {}


def test_nothing_is_added_behind_an_open_page(office: Household) -> None:
    """What an application, its API or the tenant changed since is asked anew: clients and roles too."""
    owner_of(office)
    guest, chief = guest_of(office), guest_of(office, "owner@example.com")
    office.change(orders_api(known_clients=(), version=1))
    alone, all_of_it = (
        asks(guest, BOTH),
        asks_administrators(chief, client_id=FIELD, scope="api://orders/.default"),
    )
    assert "Allow both" not in alone.text
    office.change(orders_api(version=2))
    assert guest.posts(alone, decision="allow").status_code == 400
    assert chief.posts(all_of_it, decision="allow").status_code == 400
    office.change(orders(required=orders().required[:0], version=1))
    without_roles = asks_administrators(chief)
    office.change(orders(version=2))
    assert chief.posts(without_roles, decision="allow").status_code == 400
    assert kept(office) == {}
    assert given(office) == []


def test_an_api_is_combined_with_those_that_it_knows(office: Household) -> None:
    """An application that its API does not know gets nothing for that API's application."""
    stranger = field(id="c0" * 4 + "-0000-4000-8000-" + "c0" * 6, client_id="stranger", name="Stranger")
    office.change(stranger)
    guest = guest_of(office)
    assert "code" in told(guest.posts(asks(guest, BOTH, client="stranger"), decision="allow"))
    assert set(kept(office)) == {("stranger", None, AYA), ("stranger", ORDERS, AYA)}
    # Nor does one that the API knows, where it does not ask for everything of it.
    assert "code" in told(guest.posts(asks(guest, "openid api://orders/access_as_user"), decision="allow"))
    assert not [each for each in kept(office) if each[0] == ORDERS]


def test_a_disabled_scope_is_nobodys_to_give(office: Household) -> None:
    """Neither an API's own word for an application gives it, nor an agreement from before."""
    office.change(replace(pre_authorized(OLD, READ), version=1))
    guest = guest_of(office)
    assert told(asks(guest, "openid api://documents/Files.Old"))["error"] == "invalid_scope"
    answer = told(guest.posts(asks(guest, "openid"), decision="allow"))
    assert "code" in answer
    silent = {"prompt": "none", "response_type": "token", "response_mode": "fragment"}
    said = told(asks(guest, "api://documents/.default", **silent))
    assert "Files.Read" in said["scope"]
    assert "Files.Old" not in said["scope"]
    office.change(replace(pre_authorized(OLD), version=2))
    assert "access_token" not in told(asks(guest, "api://documents/.default", **silent))


def test_only_the_page_says_yes_for_everybody(office: Household) -> None:
    """No other site answers for an administrator, who may be signed in anywhere."""
    owner_of(office)
    chief = guest_of(office, "owner@example.com")
    page = asks_administrators(chief)
    honest = {"decision": "allow", "csrf": token_of(page)}
    for form, headers in (
        ({"decision": "allow"}, {"origin": chief.origin}),
        (honest, {"origin": "https://field.example.com"}),
        (honest, {"sec-fetch-site": "cross-site"}),
    ):
        answer = chief.send("POST", address_of(page), data=form, headers=headers)
        assert answer.status_code == 400
    assert kept(office) == {}
    # A visit alone changes nothing, whatever its address says.
    is_asked(chief.opens(f"{address_of(page)}&decision=allow&everyone=yes"))
    assert kept(office) == {}


def test_the_guards_are_what_holds(office: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    guest = guest_of(office)
    pages = asks(guest, FILES), asks_administrators(guest)

    async def anybody(*_: object) -> bool:
        return True

    with monkeypatch.context() as mutant:
        mutant.setattr(powers, "agrees_for_everybody", anybody)
        mutant.setattr(csrf, "form_is_of_this_page", lambda *_: None)
        for page in pages:
            guest.posts(page, **EVERYONE)
    assert {user for _, _, user in kept(office)} == {None}
    assert given(office)
    assert (ORDERS, DOCUMENTS, None) in kept(office)
