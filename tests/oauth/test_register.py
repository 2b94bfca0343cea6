"""Registration with a software statement: what a device gets, what is remembered, and who gets nothing."""

import asyncio
import uuid

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.step import Erase
from sekisho.registry import clients, registered_applications
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import RATE_LIMITED, Reason, Refused
from sekisho.spec.refusals.registration import REDIRECT_UNCOVERED, STATEMENT_INVALID, STATEMENT_UNAPPROVED
from sekisho.store import Window
from sekisho.tokens import software_statement
from tests.registered import ACTOR, drafted
from tests.software import HERE, SCOPE, Software, issuer_of, software, software_in
from tests.tenants import NOW


@pytest.fixture
async def tv() -> Software:
    return await software()


async def refusal(tv: Software, text: str = "", **device: object) -> Reason:
    """Why an installation is turned away; nothing is remembered of it."""
    before = await installations(tv)
    with pytest.raises(Refused) as refused:
        await tv.install(text, **device)
    assert await installations(tv) == before
    return refused.value.reason


async def installations(tv: Software) -> list[str]:
    """The clients of the application."""
    tags = {"application": tv.application.id}
    found = await tv.tenant.store.records(Client, tv.tenant.id, tags, Window(limit=100))
    return [each.client_id for each in found]


async def test_an_installation_gets_credentials_of_its_own(tv: Software) -> None:
    """A statement makes a client with id and secret, and what it may ask for. RFC 7591 section 3.2.1."""
    one, other = await tv.install(), await tv.install()
    assert str(uuid.UUID(one.made.client.client_id, version=4)) == one.made.client.client_id
    assert one.made.client.client_id != other.made.client.client_id
    assert one.made.secret != other.made.secret
    assert len(str(one.made.secret)) >= 43
    assert one.scopes == (SCOPE,)
    assert await tv.known(one) == one.made.client


async def test_what_is_remembered_of_an_installation(tv: Software) -> None:
    """A client is a third party's, has one grant, and knows its application, statement and device."""
    told = {"model": "TV", "osName": "tvOS"}
    made = (await tv.install(redirect_uri="https://www.example.com/cb", described=told)).made
    client = made.client
    assert client.registration == Registration(
        application=tv.application.id, statement=tv.statement.id, device=told
    )
    assert (client.name, client.created_at) == (tv.application.name, NOW)
    assert client.reply_urls == (ReplyUrl("https://www.example.com/cb", "public"),)
    assert client.grant_types == ("client_credentials",)
    assert not client.is_first_party
    assert [each.expires_at for each in client.secrets] == [None]
    assert str(made.secret).encode() not in repr(client).encode()


async def test_a_registration_is_audited_in_its_unit(tv: Software) -> None:
    """Who registered from where is in the audit once there is a client, without its secret."""
    made = (await tv.install()).made
    found = await tv.tenant.store.events(tv.tenant.id, {}, Window(limit=100))
    (event,) = [each for each in found if each.slug == "client_registered"]
    assert (event.client, event.address, event.correlation) == (made.client.client_id, HERE, "c-1")
    assert event.detail["application"] == tv.application.id
    assert str(made.secret) not in repr(found)


async def test_without_a_redirect_there_is_none(tv: Software) -> None:
    """The address to return to may be left out."""
    assert (await tv.install()).made.client.reply_urls == ()


@pytest.mark.parametrize(
    "redirect_uri", ["https://evil-example.com", "https://example.com/#x", "http://", "app://x", "x"]
)
async def test_a_redirect_belongs_to_the_application(tv: Software, redirect_uri: str) -> None:
    """What none of its domains and schemes covers makes no client. RFC 7591 section 5."""
    assert await refusal(tv, redirect_uri=redirect_uri) is REDIRECT_UNCOVERED


async def test_a_copied_statement_is_good(tv: Software) -> None:
    """Line ends and blanks, which files and samples have, are no part of a statement."""
    middle = len(tv.text) // 2
    await tv.install(f" {tv.text[:middle]}\r\n  {tv.text[middle:]}\n")


async def test_every_statement_of_an_application_is_good(tv: Software) -> None:
    """A new statement ends none that were given out before."""
    statement, text = await tv.give()
    assert text != tv.text
    for each, id in ((tv.text, tv.statement.id), (text, statement.id)):
        registration = (await tv.install(each)).made.client.registration
        assert registration
        assert registration.statement == id


async def test_a_statement_has_no_end_of_its_own(tv: Software) -> None:
    """Years later it is as good as on its first day."""
    tv.clock.now += 20 * 365 * 86_400
    await tv.install()


async def test_a_statement_that_was_revoked(tv: Software) -> None:
    """One statement ends alone, at once."""
    _, text = await tv.give()
    await registered_applications.revoke_statement(tv.tenant, tv.application.id, tv.statement.id, ACTOR)
    assert await refusal(tv) is STATEMENT_UNAPPROVED
    await tv.install(text)


async def test_an_application_that_was_revoked(tv: Software) -> None:
    """With the application end all its statements, at once."""
    _, text = await tv.give()
    await registered_applications.revoke(tv.tenant, tv.application.id, ACTOR)
    assert await refusal(tv) is STATEMENT_UNAPPROVED
    assert await refusal(tv, text) is STATEMENT_UNAPPROVED


async def test_an_application_that_is_gone_looks_like_a_revoked_one(tv: Software) -> None:
    """Who has a statement learns neither whether there was an application nor what became of it."""
    found = await registered_applications.find(tv.tenant, tv.application.id)
    assert await tv.tenant.change(Erase(found)) is None
    assert await refusal(tv) is STATEMENT_UNAPPROVED


async def test_a_statement_of_one_application_with_the_id_of_another(tv: Software) -> None:
    """A jti that was given to another application approves nothing, even if we signed it ourselves."""
    other = await software_in(tv.directory, tv.clock)
    assert other.application.id != tv.application.id
    crossed = replace(tv.statement, application=other.application.id)
    text = software_statement.mint(crossed, issuer_of("demo"), tv.tenant)
    assert await refusal(tv, text) is STATEMENT_UNAPPROVED


async def test_a_draft_approves_nothing(tv: Software) -> None:
    """Before it is published an application has no installations, even with a signed statement."""
    draft = await drafted(tv.tenant)
    told = replace(tv.statement, application=draft.id)
    text = software_statement.mint(told, issuer_of("demo"), tv.tenant)
    assert await refusal(tv, text) is STATEMENT_UNAPPROVED


async def test_what_was_revoked_is_told(tv: Software) -> None:
    """The audit has which statement it was, or which application; the statement itself it has not."""
    await registered_applications.revoke_statement(tv.tenant, tv.application.id, tv.statement.id, ACTOR)
    with pytest.raises(Refused) as statement:
        await tv.install()
    await registered_applications.revoke(tv.tenant, tv.application.id, ACTOR)
    with pytest.raises(Refused) as application:
        await tv.install()
    assert [statement.value.seen, application.value.seen] == [
        Contrast("jti", "a statement that was not revoked", tv.statement.id),
        Contrast("sub", "a published application", tv.application.id),
    ]


async def test_an_application_has_a_pace(tv: Software) -> None:
    """A statement is in everybody's hands, so its holders make so many clients at a time and no more."""
    await tv.decide(registration_rate=0.5, registration_burst=3)
    made = await asyncio.gather(*(tv.install() for _ in range(3)))
    assert len({each.made.client.client_id for each in made}) == 3
    with pytest.raises(Refused) as refused:
        await tv.install()
    assert refused.value.reason is RATE_LIMITED
    assert refused.value.headers == {"retry-after": "2"}
    pace = "3 at once, then 0.5 a second"
    assert refused.value.seen == Contrast("adobe_pass.registration_rate", pace, "more")
    tv.clock.now += 2
    await tv.install()
    assert await refusal(tv) is RATE_LIMITED
    assert await refusal(tv, "x") is STATEMENT_INVALID


async def test_applications_have_paces_of_their_own(tv: Software) -> None:
    """A flood of one application's statement turns away nobody else's installations."""
    other = await software_in(tv.directory, tv.clock)
    await tv.decide(registration_rate=1, registration_burst=1)
    await tv.install()
    assert await refusal(tv) is RATE_LIMITED
    await other.install()


@pytest.mark.parametrize("off", ["registration_rate", "registration_burst"])
async def test_zero_switches_the_pace_off(tv: Software, off: str) -> None:
    """A rate or a burst of 0 means no limit."""
    await tv.decide(**{"registration_rate": 1, "registration_burst": 1, off: 0})
    for _ in range(3):
        await tv.install()


async def test_a_client_that_is_deleted_comes_back_as_another(tv: Software) -> None:
    """Who registers again is somebody new."""
    first = await tv.install()
    await clients.delete(tv.tenant, first.made.client.client_id, ACTOR)
    assert await tv.known(first) is None
    assert (await tv.install()).made.client.client_id != first.made.client.client_id
