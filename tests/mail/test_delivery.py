"""Letters on their way: promised in a unit, sealed while they wait, printed when they leave."""

import re

import pytest
from msgspec.structs import replace

from sekisho import jobs
from sekisho.house import open_house
from sekisho.keys.delivery import sealed
from sekisho.keys.master import Master
from sekisho.keys.seal import Sealer
from sekisho.mail.letter import Letter
from sekisho.mail.post import Post
from sekisho.model.step import Send
from sekisho.pages.letters import printed
from sekisho.people.letters.sending import promised
from sekisho.settings import Settings
from sekisho.spec.mail.server import MailServer
from sekisho.store import Window
from sekisho.store.sql import migrate
from sekisho.tenant import Tenant
from tests.mail.relay import relay
from tests.mails import SENDER, delivered, with_post
from tests.outside import free_port
from tests.tenants import NOW, ORIGIN, TENANT, Clock, demo_tenant

LINK = f"{ORIGIN}/reset?ticket=s3cret"
RESET = Letter(
    name="reset",
    to="aya@example.com",
    language="en",
    house="Sekisho & Sons",
    expires_at=NOW + 3_600,
    words={"account": "aya@example.com"},
    link=LINK,
)
LETTERS = (
    RESET,
    replace(RESET, name="code", words={"app": "Web <b>"}, code="012345", link=""),
    replace(RESET, name="link", words={"app": "Web <b>", "account": "aya@example.com"}),
)


async def slugs(tenant: Tenant) -> list[str]:
    """What the audit tells, the first thing first."""
    return [event.slug for event in reversed(await tenant.store.events(TENANT, {}, Window()))]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.name)
def test_says_the_same_in_text_and_html(letter: Letter, language: str) -> None:
    """Both have the link or the code, and how long it is good; words are escaped where they have to be."""
    mail = printed(replace(letter, language=language), NOW)
    opens = letter.code or letter.link
    for part in (mail.text, mail.html):
        assert opens in part
        assert "60" in part
        assert "{" not in part.replace("{margin", "")
    assert mail.language == language
    assert f'lang="{language}"' in mail.html
    assert "Sekisho &amp; Sons" in mail.html
    assert "Sekisho & Sons" in mail.text
    assert "<b>" not in mail.html
    assert "\n" not in mail.subject
    assert not re.search(r"<(script|img|link|iframe)\b|src=", mail.html)
    assert bool(re.search("[ぁ-ん]", mail.subject + mail.text)) == (language == "ja")


async def test_a_letter_leaves_once_and_the_audit_tells() -> None:
    """What a unit promised is delivered by the runner; nothing secret is in the store or in the audit."""
    tenant = with_post(await demo_tenant())
    send = promised(tenant, RESET)
    assert await tenant.store.write(send) is None
    waiting = await tenant.store.deliveries(TENANT, None, 10)
    assert b"s3cret" not in waiting[0].body
    (laid,) = await delivered(tenant)
    assert (laid.mail.to, laid.id) == ("aya@example.com", send.delivery.id)
    assert await delivered(tenant) == [laid]
    assert await slugs(tenant) == ["mail_sent"]
    assert "s3cret" not in str(await tenant.store.events(TENANT, {}, Window()))


async def test_a_letter_that_is_too_late_does_not_leave() -> None:
    """A link that opens nothing any more would only mislead: it is given up, in sight of the audit."""
    clock = Clock()
    tenant = with_post(await demo_tenant(clock))
    assert await tenant.store.write(promised(tenant, RESET)) is None
    clock.now += 3_600
    assert await delivered(tenant) == []
    assert await slugs(tenant) == ["delivery_failed"]
    (one,) = await tenant.store.deliveries(TENANT, None, 10)
    assert (one.attempts, one.done_at, one.last_error) == (1, clock.now, "it would come too late")


async def test_a_letter_under_a_lost_key_is_given_up() -> None:
    """What nobody can open is not tried for six hours."""
    tenant = with_post(await demo_tenant())
    send = promised(tenant, RESET)
    lost = sealed(send.delivery, RESET.encoded(), Sealer.of(Master((bytes(32),))))
    assert await tenant.store.write(Send(lost)) is None
    assert await delivered(tenant) == []
    (one,) = await tenant.store.deliveries(TENANT, None, 10)
    assert one.last_error == "its seal cannot be opened"
    assert one.done_at == NOW


async def test_a_letter_waits_for_its_server() -> None:
    """A server that is away is asked again after a pause, and then it arrives."""
    clock, port = Clock(), free_port()
    tenant = with_post(await demo_tenant(clock), Post(MailServer("127.0.0.1", port, "none"), SENDER))
    assert await tenant.store.write(promised(tenant, RESET)) is None
    await delivered(tenant)
    (one,) = await tenant.store.deliveries(TENANT, None, 10)
    assert one.done_at is None
    assert one.next_at > clock.now
    clock.now = one.next_at
    with relay() as there:
        moved = with_post(tenant, Post(MailServer("127.0.0.1", there.port, "none"), SENDER))
        await delivered(moved)
    assert len(there.envelopes) == 1
    assert await slugs(tenant) == ["mail_sent"]


async def test_without_mail_nothing_is_claimed() -> None:
    """A process that cannot send leaves letters to one that can."""
    assert jobs.kinds((await demo_tenant()).tools) == {}


@pytest.mark.parametrize(
    ("more", "is_open"),
    [
        ({}, False),
        ({"smtp_url": "smtp://127.0.0.1:1?starttls=never", "mail_from": SENDER}, True),
        ({"development": True}, True),
    ],
)
async def test_settings_decide_whether_mail_is_sent(tmp_path, more: dict, *, is_open: bool) -> None:
    """A mail server is named, or a development server keeps mail to itself; otherwise none is offered."""
    url, key = f"sqlite:///{tmp_path}/a.db", tmp_path / "master.key"
    Master.create(key)
    migrate(url)
    settings = Settings(database_url=url, master_key_file=str(key), public_url=ORIGIN, **more)
    house = await open_house(settings)
    try:
        assert house.tools.post.is_open == is_open
        assert bool(house.tools.post.tray) == ("development" in more)
    finally:
        await house.close()
