"""The paths of a portal's own pages, and what their folder may be called."""

import re
from collections.abc import Collection
from urllib.parse import unquote

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READS = ("GET", "HEAD")
LONGEST_FOLDER = 200
_PATH = re.compile(r"/[\x21-\x7e]*")
_QUERY = re.compile(rb"[\x21\x22\x24-\x7e]*")
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What one reader takes for the end of a name, or for the end of the path, and the next one does not.
_AMBIGUOUS = re.compile(r"[/\\#?\x00-\x1f\x7f]")
_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def names(path: str) -> tuple[str, ...] | None:
    """The names in a raw path, each decoded once; None where two readers could find different ones.

    The last name is empty where the path ends in a slash.
    """
    if not _PATH.fullmatch(path) or _BROKEN.search(path):
        return None
    try:
        found = tuple(unquote(part, errors="strict") for part in path[1:].split("/"))
    except UnicodeDecodeError:
        return None
    if not all(found[:-1]) or any(name in (".", "..") or _AMBIGUOUS.search(name) for name in found):
        return None
    return found


def belongs_to(found: tuple[str, ...], owned: Collection[str]) -> bool:
    """The first name is one of these, as the most forgiving reader would take it."""
    return found[0].partition(";")[0].strip(" .").casefold() in owned


def is_hidden(found: tuple[str, ...]) -> bool:
    """Something of it begins with a dot, which is how files are kept from being seen."""
    return any(name.startswith(".") for name in found)


def query_is_sound(query: bytes) -> bool:
    """A query that can stand in a request as it came (RFC 9112 section 3.2)."""
    return bool(_QUERY.fullmatch(query))


def folder_is_sound(folder: str) -> bool:
    """A relative path of plain names: nothing absolute, nothing hidden, no way up."""
    return len(folder) <= LONGEST_FOLDER and bool(_FOLDER.fullmatch(folder))
