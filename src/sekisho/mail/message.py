"""A mail becomes a message (RFC 5322): no word of it can become a header or another recipient."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import msgspec

from sekisho.model.delivery import Undeliverable
from sekisho.spec.mail.line import address_is_plain, host_of, one_line


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in words: plain text and simple HTML say the same. `house` is who writes."""

    to: str
    house: str
    subject: str
    text: str
    html: str
    language: str


def composed(mail: Mail, sender: str, id: str, at: float) -> EmailMessage:
    """The message. Its id stays the same at every attempt, so that repeats are told."""
    message = EmailMessage(policy=SMTP)
    own = _address(sender)
    message["From"] = Address(one_line(mail.house), own.username, own.domain)
    message["To"] = _address(mail.to)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    message["Message-ID"] = f"<{id}@{own.domain}>"
    # No holiday notice answers it (RFC 3834 section 5).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message["Content-Language"] = mail.language
    return message


def _address(text: str) -> Address:
    if not address_is_plain(text):
        raise Undeliverable("the address is none that mail is sent to")
    local, _, domain = text.rpartition("@")
    return Address(username=local, domain=host_of(domain))
