"""Static files."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from sekisho import pages
from sekisho.pages import ROUTES
from sekisho.pages.static import ASK_AGAIN, FILES, FOREVER, address
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from tests.tenants import ORIGIN, demo_tenant

ENDPOINTS = {path: page for method, path, page, _ in ROUTES if method == "GET"}
NAMES = (
    "base.css",
    "dashboard.js",
    "demo.js",
    "gate.js",
    "mark.svg",
    "portal.js",
    "tokens.css",
    "web_message.js",
)


async def got(path: str, name: str = "", version: str = "", **headers: str) -> Answer:
    """The answer of an address."""
    ask = Ask(method="GET", path=path, root=ORIGIN, query=(("v", version),))
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return await ENDPOINTS[path](replace(ask, names={"name": name}, headers=named), await demo_tenant())


def test_only_our_files_are_served() -> None:
    """The table holds the files of the folder, each with a hash of its content."""
    assert tuple(FILES) == NAMES
    folder = Path(pages.__file__).parent / "static"
    for name, file in FILES.items():
        assert file.body == (folder / name).read_bytes()
        assert sha256(file.body).hexdigest().startswith(file.hash)


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_at_the_address_of_its_content_is_kept_for_ever(name: str) -> None:
    """An address that names the content never changes; any other address has to be asked again."""
    version = address(name).partition("?v=")[2]
    kept = dict((await got("/static/{name}", name, version)).headers)
    assert kept == {"etag": f'"{FILES[name].hash}"', "cache-control": FOREVER}
    assert ("cache-control", ASK_AGAIN) in (await got("/static/{name}", name, "old")).headers
    assert ("cache-control", ASK_AGAIN) in (await got("/static/{name}", name)).headers


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ('"{hash}"', 304),
        ('W/"{hash}"', 304),
        ('"other", "{hash}"', 304),
        ("*", 304),
        ('"other"', 200),
        ("{hash}", 200),
    ],
)
async def test_known_content_is_not_sent_again(tags: str, status: int) -> None:
    """A caller that has the content gets 304 with the same tag and no body. RFC 9110 section 13.1.2."""
    file = FILES["base.css"]
    answer = await got("/static/{name}", "base.css", if_none_match=tags.replace("{hash}", file.hash))
    assert answer.status == status
    assert answer.body == (b"" if status == 304 else file.body)
    assert ("etag", f'"{file.hash}"') in answer.headers


@pytest.mark.parametrize("name", ["", "absent.css", "../__init__.py", "base.css/", "%2e%2e/locale/en.toml"])
async def test_nothing_else_is_served(name: str) -> None:
    """A name that is not in the table is refused; no name ever reaches the disk."""
    with pytest.raises(Refused) as refused:
        await got("/static/{name}", name)
    assert refused.value.reason.slug == "not_found"


async def test_browsers_and_robots_find_what_they_look_for() -> None:
    """The mark is the icon, and nothing is for search engines. RFC 9309 section 2.2.2."""
    icon = await got("/favicon.ico")
    assert (icon.kind, icon.body) == ("image/svg+xml", FILES["mark.svg"].body)
    assert (await got("/robots.txt")).body == b"User-agent: *\nDisallow: /\n"


def test_night_is_the_same_by_system_and_by_choice() -> None:
    """The two dark blocks of the tokens are equal."""
    text = FILES["tokens.css"].body.decode()
    system = re.search(r":root:not\(\[data-theme=light\]\){(.*?)}", text, re.DOTALL)
    chosen = re.search(r":root\[data-theme=dark\]{(.*?)}", text, re.DOTALL)
    assert system
    assert chosen
    assert system[1] == chosen[1]
