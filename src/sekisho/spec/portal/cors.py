"""Which pages of other origins may read what a portal answers: site settings (Fetch, CORS protocol)."""

import re
from collections.abc import Mapping

from sekisho.spec import metadata
from sekisho.spec.http import Pairs
from sekisho.spec.metadata import problem
from sekisho.spec.portal import setting
from sekisho.spec.portal.setting import canonical

ORIGINS = "HTTP/Access-Control-Allow-Origin"
CREDENTIALS = "HTTP/Access-Control-Allow-Credentials"
EVERYBODY = "*"
# What goes along where an origin is allowed, unless a setting of this name says otherwise.
USUAL: Mapping[str, str] = {
    "HTTP/Access-Control-Allow-Methods": "GET, POST",
    "HTTP/Access-Control-Allow-Headers": "Content-Type, X-Requested-With",
    "HTTP/Access-Control-Expose-Headers": "state, expires_in, X-Responded-JSON",
    "HTTP/Access-Control-Max-Age": "600",
}
NAMES = (ORIGINS, CREDENTIALS, *USUAL)
LONGEST = 2_000
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_LIST = re.compile(rf"{_TOKEN}(?:[ \t]*,[ \t]*{_TOKEN})*")
_SECONDS = re.compile(r"[0-9]{1,5}")
_BETWEEN = re.compile(r"[,;\s]+")


def value_is_sound(name: str, value: str) -> None:
    """What would become a header is one that browsers understand; whoever has an empty one has none."""
    wanted, plain = canonical(name), value.strip()
    if not plain:
        return
    if wanted == canonical(ORIGINS) and plain != EVERYBODY:
        metadata.origins_are_origins("value", named(plain))
    if wanted == canonical(CREDENTIALS) and plain.casefold() not in ("true", "false"):
        raise problem("value", "has to be true or false")
    if any(wanted == canonical(each) and not _is_header(each, plain) for each in USUAL):
        raise problem("value", "is no list of names with commas between them, or no number of seconds")


def headers(texts: Mapping[str, str], origin: str) -> Pairs:
    """What an answer to a page of this origin carries. Cookies count for origins alone that are named."""
    listed = named(texts.get(ORIGINS, ""))
    if not listed:
        return ()
    is_named = origin in listed and origin.startswith(("https://", "http://"))
    if listed == (EVERYBODY,):
        told: Pairs = (("access-control-allow-origin", EVERYBODY),)
    elif is_named:
        told = (("vary", "origin"), ("access-control-allow-origin", origin), *_credentials(texts))
    else:
        return (("vary", "origin"),)
    return (*told, *((_header(name), _wanted(name, texts)) for name in USUAL))


def _credentials(texts: Mapping[str, str]) -> Pairs:
    is_wanted = setting.is_wanted(texts.get(CREDENTIALS))
    return ((_header(CREDENTIALS), "true"),) if is_wanted else ()


def _wanted(name: str, texts: Mapping[str, str]) -> str:
    plain = texts.get(name, "").strip()
    return plain if _is_header(name, plain) else USUAL[name]


def _is_header(name: str, plain: str) -> bool:
    shape = _SECONDS if name.endswith("Max-Age") else _LIST
    return len(plain) <= LONGEST and shape.fullmatch(plain) is not None


def _header(name: str) -> str:
    return name.partition("/")[2].lower()


def named(text: str) -> tuple[str, ...]:
    """The origins that a text names."""
    return tuple(filter(None, _BETWEEN.split(text)))
