"""How mail leaves: handed to a server (RFC 5321), laid into a tray in development, or not at all."""

import ssl
from collections import deque
from email.message import EmailMessage

import msgspec

from sekisho.mail.message import Mail, composed
from sekisho.model.delivery import Delivery, Undeliverable, Undelivered
from sekisho.spec.mail.server import MailServer

PATIENCE = 10.0  # seconds for each answer of the server; the whole attempt is bounded by whoever makes it
MOST_KEPT = 100
PERMANENT = range(500, 600)


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of a development server, which nobody was sent."""

    id: str
    tenant: str
    at: float
    sender: str
    mail: Mail
    source: bytes


class Tray:
    """The last mails of this process, the oldest of which make room."""

    def __init__(self) -> None:
        self._laid: deque[Laid] = deque(maxlen=MOST_KEPT)

    def lay(self, one: Laid) -> None:
        """A repeat takes the place of the first."""
        for before in [each for each in self._laid if each.id == one.id]:
            self._laid.remove(before)
        self._laid.append(one)

    def of_tenant(self, tenant: str) -> list[Laid]:
        """A tenant's, the newest first."""
        return [each for each in reversed(self._laid) if each.tenant == tenant]


class Post:
    """One for a process; `sender` is whom mails are from."""

    def __init__(
        self,
        server: MailServer | None = None,
        sender: str = "",
        tls: ssl.SSLContext | None = None,
        tray: Tray | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._tls = tls
        self.tray = tray

    @property
    def is_open(self) -> bool:
        """Mail can be sent: what needs it is offered."""
        return self._server is not None or self.tray is not None

    async def send(self, mail: Mail, one: Delivery, at: float) -> None:
        """It was taken by the server when this returns; otherwise Undelivered."""
        message = composed(mail, self._sender, one.id, at)
        if self._server:
            await self._hand_over(message, self._server)
        elif self.tray:
            source = message.as_bytes()
            laid = Laid(id=one.id, tenant=one.tenant, at=at, sender=self._sender, mail=mail, source=source)
            self.tray.lay(laid)
        else:
            raise Undelivered("this server sends no mail")

    async def _hand_over(self, message: EmailMessage, server: MailServer) -> None:
        """What the server says stays between us: its text may repeat anything."""
        # Only a server that sends mail loads it.
        import aiosmtplib  # noqa: PLC0415

        line = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._tls,
            timeout=PATIENCE,
        )
        try:
            async with line:
                sender, to = (message[name].addresses[0].addr_spec for name in ("From", "To"))
                await line.send_message(message, sender=sender, recipients=[to])
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refused([each.code for each in refused.recipients]) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _refused([refused.code]) from None
        except aiosmtplib.SMTPNotSupported:
            raise Undeliverable("the mail server does not know addresses with such letters") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as wrong:
            code = f" {wrong.code}" if isinstance(wrong, aiosmtplib.SMTPResponseException) else ""
            raise Undelivered(f"the mail server did not take it: {type(wrong).__name__}{code}") from None


def _refused(codes: list[int]) -> Undelivered:
    """What a server refuses for good is not tried again (RFC 5321 section 4.2.1)."""
    text = f"the mail server refused it: {' '.join(map(str, codes))}"
    return Undeliverable(text) if all(code in PERMANENT for code in codes) else Undelivered(text)
