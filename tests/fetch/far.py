"""A server far away, real sockets and real TLS on loopback, and a fetcher that is told where names lead."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sekisho.fetch.fetcher import Fetcher
from sekisho.fetch.order import Caps
from sekisho.fetch.outside import Outside, dial
from tests.tenants import Clock

HOST = "partner.example"
URL = f"https://{HOST}/jwks"
PUBLIC = "93.184.215.14"
ELSEWHERE = "93.184.215.15"
CAPS = Caps(seconds=5.0, lookup_seconds=1.0, connect_seconds=2.0)

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Authority:
    """A certificate authority that lives as long as the tests."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """What whoever trusts it is given."""
        return self.certificate.public_bytes(Encoding.PEM)

    def serves(self, *names: str) -> ssl.SSLContext:
        """TLS of a server with these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = _certificate(key, names[0], self.certificate.subject).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        pem = signed.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(pem + private)
            file.flush()
            context.load_cert_chain(file.name)
        return context


def _certificate(
    key: ec.EllipticCurvePrivateKey, name: str, issuer: x509.Name | None
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )


@cache
def authority() -> Authority:
    """The one authority of the tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, "An authority of the tests", None).sign(key, hashes.SHA256())
    return Authority(key, certificate)


def response(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    """A response; `max_age="5"` would be the header `max-age`."""
    lines = {"content-type": "application/json", "content-length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def says(*responses: bytes) -> Answer:
    """One response after the other, the last one for ever."""
    left = list(responses)

    async def answer(_head: str, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return answer


@dataclass
class Far:
    """A server that answers as it is told and remembers what it was asked."""

    answer: Answer
    heads: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    connections: int = 0
    at_work: int = 0
    most_at_work: int = 0
    port: int = 0
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        self.connections += 1
        self.at_work += 1
        self.busy.set()
        self.idle.clear()
        self.most_at_work = max(self.most_at_work, self.at_work)
        with suppress(OSError):
            head = (await reader.read(65_536)).decode("latin-1")
            if head:
                self.heads.append(head)
                await self.answer(head, writer)
        self.at_work -= 1
        if not self.at_work:
            self.idle.set()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def hear_name(self, _socket: object, name: str | None, _context: object) -> None:
        """The name that a client says in its first TLS message."""
        self.names.append(name)


@asynccontextmanager
async def far(answer: Answer, *names: str, tls: bool = True) -> AsyncIterator[Far]:
    """A server with a certificate of these names, HOST where none is given."""
    there = Far(answer)
    context = authority().serves(*(names or (HOST,))) if tls else None
    if context:
        context.sni_callback = there.hear_name
    server = await asyncio.start_server(there.meet, "127.0.0.1", 0, ssl=context)
    there.port = server.sockets[0].getsockname()[1]
    try:
        yield there
    finally:
        server.close()
        await server.wait_closed()
        if there.at_work:  # a connection that was cut off takes a moment to notice
            await there.idle.wait()


@dataclass
class World:
    """Where names lead, one answer after the other, the last one for ever; what was dialled."""

    server: Far | None = None
    answers: list[Sequence[str]] = field(default_factory=lambda: [(PUBLIC,)])
    clock: Clock = field(default_factory=Clock)
    asked: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    dead: frozenset[str] = frozenset()

    async def resolve(self, name: str) -> Sequence[str]:
        """What the name stands for just now."""
        self.asked.append(name)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def dial(self, address: str, port: int, seconds: float) -> object:
        """Every address that the fetcher dials leads to the server of the test, unless it is dead."""
        self.dialled.append((address, port))
        if address in self.dead or self.server is None:
            raise ConnectionRefusedError(address)
        return await dial("127.0.0.1", self.server.port, seconds)

    def outside(self) -> Outside:
        """This world, for a fetcher."""
        return Outside(self.resolve, self.dial, self.clock)


@asynccontextmanager
async def fetching(world: World, caps: Caps = CAPS, *, allow_private: bool = False) -> AsyncIterator[Fetcher]:
    """A fetcher in this world that trusts the authority of the tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ca.pem"
        file.write_bytes(authority().pem)
        fetcher = Fetcher(
            allow_private=allow_private,
            ca_file=str(file),
            caps=caps,
            outside=world.outside(),
        )
    try:
        yield fetcher
    finally:
        await fetcher.close()
