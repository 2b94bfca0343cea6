"""Mail is handed to a real server, over TLS that is verified, or it waits."""

import asyncio
import socket
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from sekisho.cli.dev import authority
from sekisho.cli.folder import AUTHORITY, Folder
from sekisho.fetch.exchange import trust
from sekisho.mail import post as way
from sekisho.mail.message import Mail, composed
from sekisho.mail.post import MOST_KEPT, Laid, Post, Tray
from sekisho.model.delivery import Delivery, Undeliverable, Undelivered
from sekisho.spec.mail.server import MailServer, Security
from tests.mail.relay import Relay, relay
from tests.mails import SENDER
from tests.outside import free_port
from tests.tenants import NOW, TENANT

ONE = Delivery(id="d-1", tenant=TENANT, kind="mail", target="aya@example.com", body=b"", next_at=NOW)
MAIL = Mail(
    to="aya@example.com",
    house="関所 Sekisho",
    subject="新しいパスワード",
    text="こんにちは\n",
    html="<p>こんにちは</p>",
    language="ja",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A certificate for this machine, and the authority that it is of."""
    made = Folder(tmp_path_factory.mktemp("authority"))
    authority.prepare(made)
    return made


@pytest.fixture(scope="module")
def presented(folder: Folder) -> ssl.SSLContext:
    """What the server shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*map(str, authority.prepare(folder)))
    return context


@pytest.fixture(scope="module")
def trusted(folder: Folder) -> ssl.SSLContext:
    """Trust in the authority."""
    return trust(folder.file(AUTHORITY[0]).read_text())


def post(there: Relay, security: Security, tls: ssl.SSLContext | None = None, **login: str) -> Post:
    """The way to that server."""
    return Post(MailServer("127.0.0.1", there.port, security, **login), SENDER, tls)


def read(there: Relay) -> EmailMessage:
    """The one message that the server was handed."""
    (envelope,) = there.envelopes
    assert isinstance(envelope.content, bytes)
    found = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


async def test_a_mail_arrives_as_it_was_meant() -> None:
    """Names and words of every language, as plain text and as HTML, to one address."""
    with relay() as there:
        await post(there, "none").send(MAIL, ONE, NOW)
    assert (there.envelopes[0].mail_from, there.envelopes[0].rcpt_tos) == (SENDER, ["aya@example.com"])
    message = read(there)
    assert message["From"] == f"関所 Sekisho <{SENDER}>"
    assert message["Subject"] == "新しいパスワード"
    assert message["Message-ID"] == "<d-1@id.example.com>"
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "ja")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text
    assert html
    assert text.get_content().splitlines() == ["こんにちは"]
    assert html.get_content().strip() == "<p>こんにちは</p>"


@pytest.mark.parametrize("is_tls", [True, False])
async def test_tls_is_verified(presented: ssl.SSLContext, trusted: ssl.SSLContext, *, is_tls: bool) -> None:
    """From the first byte or by STARTTLS: to a server that proves its name. RFC 8314 section 3, RFC 3207."""
    security: Security = "tls" if is_tls else "starttls"
    with relay(tls=presented, is_tls=is_tls) as there:
        await post(there, security, trusted).send(MAIL, ONE, NOW)
        with pytest.raises(Undelivered):
            await post(there, security, trust("")).send(MAIL, ONE, NOW)
        named = Post(MailServer("127.0.0.2", there.port, security), SENDER, trusted)
        with pytest.raises(Undelivered):
            await named.send(MAIL, ONE, NOW)
    assert len(there.envelopes) == 1


async def test_a_server_without_starttls_is_handed_nothing(trusted: ssl.SSLContext) -> None:
    """Whoever takes STARTTLS out of the greeting gets no mail and no password. RFC 3207 section 6."""
    with relay() as there, pytest.raises(Undelivered):
        await post(there, "starttls", trusted).send(MAIL, ONE, NOW)
    assert there.envelopes == []


async def test_name_and_password(presented: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    """The server that wants them is told them over TLS; what is wrong with them is tried again, unnamed."""
    with relay(tls=presented, login=("sekisho", "s3cret")) as there:
        await post(there, "starttls", trusted, user="sekisho", password="s3cret").send(MAIL, ONE, NOW)
        with pytest.raises(Undelivered) as refused:
            await post(there, "starttls", trusted, user="sekisho", password="wr0ng").send(MAIL, ONE, NOW)
    assert "wr0ng" not in str(refused.value)
    assert "535" in str(refused.value)
    assert not isinstance(refused.value, Undeliverable)
    assert len(there.envelopes) == 1


@pytest.mark.parametrize(
    ("answer", "is_final"), [("550 no such person: a secret", True), ("451 later: a secret", False)]
)
async def test_what_is_refused_for_good_is_not_tried_again(answer: str, *, is_final: bool) -> None:
    """A code of 5xx is final, one of 4xx is not; the server's words go nowhere. RFC 5321 section 4.2.1."""
    with relay(answer=answer) as there, pytest.raises(Undelivered) as refused:
        await post(there, "none").send(MAIL, ONE, NOW)
    assert isinstance(refused.value, Undeliverable) == is_final
    assert str(refused.value) == f"the mail server refused it: {answer[:3]}"


async def test_nobody_at_home() -> None:
    """A server that is not there is asked again."""
    with pytest.raises(Undelivered):
        await Post(MailServer("127.0.0.1", free_port(), "none"), SENDER).send(MAIL, ONE, NOW)


async def test_a_silent_server_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is waited for within a bound."""
    monkeypatch.setattr(way, "PATIENCE", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        async with asyncio.timeout(5):
            with pytest.raises(Undelivered):
                await Post(MailServer("127.0.0.1", silent.getsockname()[1], "none"), SENDER).send(
                    MAIL, ONE, NOW
                )


async def test_without_a_way_nothing_is_sent() -> None:
    """A server that was not told how to send mail offers nothing that needs it."""
    assert not Post().is_open
    with pytest.raises(Undelivered):
        await Post(sender=SENDER).send(MAIL, ONE, NOW)


@pytest.mark.parametrize("to", ["愛@example.jp", "aya@例え.jp"])
async def test_addresses_of_every_language(to: str) -> None:
    """A domain travels in the letters of DNS, a name before it as it is. RFC 6531, RFC 5890."""
    with relay() as there:
        await post(there, "none").send(Mail(**{**_members(), "to": to}), ONE, NOW)
    assert there.envelopes[0].rcpt_tos == [to.replace("例え.jp", "xn--r8jz45g.jp")]


@pytest.mark.parametrize(
    "to",
    [
        "aya@example.com\r\nBcc: eve@evil.example",
        "aya@example.com, eve@evil.example",
        "aya@example.com>\r\nRCPT TO:<eve@evil.example",
        "Aya <aya@example.com>",
    ],
)
async def test_nobody_else_becomes_a_recipient(to: str) -> None:
    """What is not one plain address never reaches a server."""
    with relay() as there, pytest.raises(Undeliverable):
        await post(there, "none").send(Mail(**{**_members(), "to": to}), ONE, NOW)
    assert there.envelopes == []


EVIL = "Hi\r\nBcc: eve@evil.example\r\n\r\n<script>\x00\x85\u2028x"


async def test_no_word_becomes_a_header() -> None:
    """Line breaks in names and subjects are spaces: no header, no recipient and no body comes of them."""
    with relay() as there:
        await post(there, "none").send(Mail(**{**_members(), "house": EVIL, "subject": EVIL}), ONE, NOW)
    message = read(there)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: eve@evil.example <script> x"
    assert [each.addr_spec for each in message["From"].addresses] == [SENDER]
    assert there.envelopes[0].rcpt_tos == ["aya@example.com"]


async def test_a_line_with_a_dot_ends_nothing() -> None:
    """A dot alone in a line is a line. RFC 5321 section 4.5.2."""
    text = "one\n.\nQUIT\nMAIL FROM:<eve@evil.example>\n"
    with relay() as there:
        await post(there, "none").send(Mail(**{**_members(), "text": text}), ONE, NOW)
    body = read(there).get_body(("plain",))
    assert body
    assert body.get_content().splitlines() == text.splitlines()


def test_a_repeat_has_the_same_name() -> None:
    """Who gets a mail twice can tell. RFC 5322 section 3.6.4."""
    first, second = (composed(MAIL, SENDER, "d-1", at)["Message-ID"] for at in (NOW, NOW + 60))
    assert first == second


async def test_the_tray_is_bounded() -> None:
    """The oldest mails make room, a repeat takes the place of the first, and tenants see their own."""
    tray = Tray()
    post = Post(sender=SENDER, tray=tray)
    for number in range(MOST_KEPT + 5):
        one = Delivery(id=f"d-{number}", tenant=TENANT, kind="mail", target="", body=b"", next_at=NOW)
        await post.send(MAIL, one, NOW)
        await post.send(MAIL, one, NOW)
    kept = tray.of_tenant(TENANT)
    assert [each.id for each in kept[:2]] == [f"d-{MOST_KEPT + 4}", f"d-{MOST_KEPT + 3}"]
    assert len(kept) == MOST_KEPT
    assert isinstance(kept[0], Laid)
    assert tray.of_tenant("another") == []


def _members() -> dict[str, str]:
    return {name: getattr(MAIL, name) for name in MAIL.__struct_fields__}
