"""The tray of a development server: what it would have sent, for who sits at the machine alone."""

import pytest
from msgspec.structs import replace

from sekisho.app import urls
from sekisho.pages.demo import mail
from sekisho.pages.render import render
from sekisho.people.letters.sending import promised
from sekisho.spec.http import Answer
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.tenant import Tenant
from tests.mail.test_delivery import LETTERS, LINK
from tests.mails import delivered, with_post
from tests.tenants import ask, demo_tenant

HERE = ask(method="GET", path=mail.PATH, address="127.0.0.1")


async def tray() -> Tenant:
    """A tenant that was to send one of each letter."""
    tenant = with_post(await demo_tenant())
    assert await tenant.store.write(*(promised(tenant, letter) for letter in LETTERS)) is None
    await delivered(tenant)
    return tenant


def page(answer: Answer, tenant: Tenant, language: str = "en") -> str:
    """What a person sees."""
    return render(answer, replace(HERE, headers={"accept-language": language}), tenant).body.decode()


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_shows_every_mail_and_one(language: str) -> None:
    """The list names them all; one has its words, its link and its source."""
    tenant = await tray()
    text = page(await mail.every(HERE, tenant), tenant, language)
    laid = tenant.tools.post.tray.of_tenant(tenant.id)  # type: ignore[union-attr]
    assert all(f"/dev/mail/{each.id}" in text for each in laid)
    linked = next(each for each in laid if LINK in each.mail.html)
    there = replace(HERE, names={"id": linked.id})
    text = page(await mail.one(there, tenant), tenant, language)
    assert f'id="open" href="{LINK}"' in text
    assert "Message-ID" in text


async def test_an_empty_tray_says_what_to_do() -> None:
    """Nothing was sent yet."""
    tenant = with_post(await demo_tenant())
    assert "/login" in page(await mail.every(HERE, tenant), tenant)


async def test_shows_a_mail_as_mail_programs_do() -> None:
    """Its HTML with its own style, where nothing runs, loads or is sent."""
    tenant = await tray()
    (laid, *_) = tenant.tools.post.tray.of_tenant(tenant.id)  # type: ignore[union-attr]
    answer = await mail.html(replace(HERE, names={"id": laid.id}), tenant)
    assert answer.body.decode() == laid.mail.html
    policy = dict(answer.headers)["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; form-action 'none'")
    assert "script-src" not in policy


@pytest.mark.parametrize("address", ["192.0.2.1", "", "::ffff:192.0.2.1", "2001:db8::1"])
async def test_nobody_else_sees_it(address: str) -> None:
    """The links of these mails open accounts: from another machine there is nothing at this address."""
    tenant = await tray()
    for page in (mail.every, mail.one, mail.html):
        with pytest.raises(Refused) as refused:
            await page(replace(HERE, address=address, names={"id": "x"}), tenant)
        assert refused.value.reason is NOT_FOUND


async def test_an_unknown_mail_is_not_there() -> None:
    """Nor one of another tenant."""
    tenant = await tray()
    with pytest.raises(Refused):
        await mail.one(replace(HERE, names={"id": "x"}), tenant)


async def test_it_is_there_in_development_only() -> None:
    """A server in production has no such address, and no tray."""
    with pytest.raises(Refused):
        await mail.every(HERE, await demo_tenant())
    assert urls(development=True).find("GET", mail.PATH).route.path == mail.PATH
    assert urls().find("GET", mail.PATH).route.path == "/*"
