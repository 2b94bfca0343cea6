"""Where an Entra application may be answered: rules by the type of a reply URL."""

import re
from urllib.parse import SplitResult, urlsplit

from sekisho.spec.metadata import problem

LONGEST = 256
MOST = 256
_PLAIN = re.compile(r"[!-\[\]-~]+")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_LABELS = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,63}")
LOOPBACK = frozenset(("localhost", "127.0.0.1"))
# What a browser runs or shows by itself is no application.
_BROWSERS = frozenset(
    ("about", "blob", "data", "file", "filesystem", "ftp", "javascript", "mailto", "vbscript", "view-source")
)


def url_is_sound(field: str, url: str, kind: str, *, wild: bool = False) -> None:
    """https, http on loopback, its own scheme for a public client; no fragment, at most 256 characters."""
    text = _tamed(url) if wild and kind != "public" else url
    try:
        parts = urlsplit(text)
        sound = parts.port != 0 and len(url) <= LONGEST and _PLAIN.fullmatch(text) and "#" not in text
    except ValueError as error:
        raise problem(field, f"Not an address: {url[:LONGEST]}") from error
    if not sound or "*" in text or "@" in parts.netloc or not text.startswith(parts.scheme or " "):
        raise problem(field, f"Not an absolute address without fragment: {url[:LONGEST]}")
    if not _is_web(parts) and not (kind == "public" and _is_own(parts)):
        raise problem(field, f"Not an https address, nor http on loopback: {url[:LONGEST]}")


def _tamed(url: str) -> str:
    """The address without what makes it wild, where that is done as it may be: a label, the end of a path."""
    head, mark, rest = url.partition("https://*.")
    if mark and not head:
        if not _LABELS.fullmatch(urlsplit(f"https://{rest}").hostname or ""):
            return url
        url = f"https://any.{rest}"
    return url[:-1] if url.endswith("*") and urlsplit(url).path else url


def _is_web(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if parts.netloc.endswith(":") or not _HOST.fullmatch(host):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def _is_own(parts: SplitResult) -> bool:
    scheme = parts.scheme
    return scheme not in ("http", "https", *_BROWSERS) and bool(_SCHEME.fullmatch(scheme))
