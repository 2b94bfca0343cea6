"""A real SMTP server: what it was handed, and what it answers when it is told to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.outside import free_port


@dataclass
class Relay:
    """Envelopes as they came. `answer` refuses, `login` is a name and a password, `tls` offers STARTTLS."""

    answer: str = ""
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    is_tls: bool = False
    envelopes: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the server's word
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient is taken, or not."""
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - the same
        """The mail is taken."""
        self.envelopes.append(envelope)
        return "250 taken"

    def authenticates(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any
    ) -> AuthResult:
        """Name and password are right."""
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == self.login
        return AuthResult(success=right, handled=right)


@contextmanager
def relay(**terms: Any) -> Iterator[Relay]:
    """A server that lives as long as the context."""
    running = Relay(**terms, port=free_port())
    more: dict[str, Any] = {}
    if running.login:
        more = {
            "authenticator": running.authenticates,
            "auth_required": True,
            "auth_require_tls": running.tls is not None,
        }
    if running.is_tls:
        more["ssl_context"] = running.tls
    elif running.tls:
        more |= {"tls_context": running.tls, "require_starttls": True}
    controller = Controller(running, hostname="127.0.0.1", port=running.port, enable_SMTPUTF8=True, **more)
    controller.start()
    try:
        yield running
    finally:
        controller.stop()
