"""The files of the pages, served from memory; an address that names its content never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.tenant import Tenant

_FOLDER = Path(__file__).with_name("static")
_KINDS: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
ASK_AGAIN = "no-cache"
ROBOTS = b"User-agent: *\nDisallow: /\n"


@dataclass(frozen=True, slots=True)
class File:
    """A file with what identifies its content."""

    body: bytes
    kind: str
    hash: str


def _read(path: Path) -> File:
    body = path.read_bytes()
    return File(body, _KINDS[path.suffix], sha256(body).hexdigest()[:20])


FILES: Mapping[str, File] = {path.name: _read(path) for path in sorted(_FOLDER.iterdir())}


def address(name: str) -> str:
    """Where a file is, below the base: the address changes with the content."""
    return f"/static/{name}?v={FILES[name].hash}"


async def static(ask: Ask, tenant: Tenant) -> Answer:
    """A file by its name; for ever only at the address that names this very content."""
    file = FILES.get(ask.names["name"])
    if file is None:
        raise Refused(NOT_FOUND)
    asked = next((value for name, value in ask.query if name == "v"), "")
    return _sent(file, ask, FOREVER if asked == file.hash else ASK_AGAIN)


async def favicon(ask: Ask, tenant: Tenant) -> Answer:
    """Browsers look here where no page told them about the mark."""
    return _sent(FILES["mark.svg"], ask, A_DAY)


async def robots(ask: Ask, tenant: Tenant) -> Answer:
    """Nothing here is for a search engine."""
    return Answer(body=ROBOTS, kind="text/plain; charset=utf-8", headers=(("cache-control", A_DAY),))


def _sent(file: File, ask: Ask, kept: str) -> Answer:
    headers = (("etag", f'"{file.hash}"'), ("cache-control", kept))
    if _is_known(file, ask.headers.get("if-none-match", "")):
        return Answer(status=304, kind=file.kind, headers=headers)
    return Answer(body=file.body, kind=file.kind, headers=headers)


def _is_known(file: File, tags: str) -> bool:
    """The caller has this content already. RFC 9110 section 13.1.2: the comparison is weak."""
    asked = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return "*" in asked or f'"{file.hash}"' in asked
