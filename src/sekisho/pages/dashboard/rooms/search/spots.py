"""Pages and settings by what they are called, in every language, and by their wire names."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import ROOMS
from sekisho.pages.reader import LANGUAGES
from sekisho.pages.texts import texts
from sekisho.store.sound import searched

_TEMPLATES = Path(__file__).parents[3] / "templates" / "dashboard"
# A field by its wire name and the key of its label, as templates call the macros of parts.html or write it.
_FIELDS = re.compile(
    r"""(?:\b(?:area|choice|chosen|field|seconds|ticks|toggle)\((?:desk,\ form,\ )?
    "(?P<name>[\w./-]+)",\ (?:desk\.)?say\("(?P<key>[a-z_.]+)"\)
    |<label\ for="(?P<id>[\w./-]+)">{{\ (?:desk\.)?say\("(?P<label>[a-z_.]+)"\))""",
    re.VERBOSE,
)
# A part of a page, by the id and the key of its heading.
_PARTS = re.compile(r"""<h2 id="(?P<id>[\w-]+)">{{ say\("(?P<key>[a-z_.]+)"\)""")
_TAB = re.compile(r"settings_([a-z]+)")
# Fields that are boxes in a section have its heading for a label.
_BOXES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "application_settings": (("grant_types", "applications.grants"),),
    "application_credentials": (("token_endpoint_auth_method", "applications.method"),),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A page, or a setting on it: the key of what it is called, where it is, what one needs to see it.

    `anchor` is the id of the field where there is one such page; `room` is the key of its page's name.
    """

    key: str
    path: str
    needs: str
    room: str = ""
    name: str = ""
    anchor: str = ""


_SETTINGS, _SITE = "read:tenant_settings", "read:site_settings"
# Pages behind those of the navigation.
FURTHER: tuple[Spot, ...] = (
    Spot("applications.create", "/applications/new", "create:clients", "dash.applications"),
    Spot("apis.create", "/apis/new", "create:resource_servers", "dash.apis"),
    Spot("users.create", "/users/new", "create:users", "dash.users"),
    Spot("users.roles", "/users/roles", "read:roles", "dash.users"),
    Spot("policies.create", "/policies/new", "create:access_policies", "dash.policies"),
    Spot("claim_rules.create", "/claim-rules/new", "create:claim_rules", "dash.claim_rules"),
    Spot(
        "registered.create",
        "/registered-applications/new",
        "create:registered_applications",
        "dash.registered_applications",
    ),
    Spot(
        "site_settings.certificates", "/site-settings/certificates", "read:certificates", "dash.site_settings"
    ),
    Spot(
        "site_settings.public_key", "/site-settings/certificates", "read:certificates", "dash.site_settings"
    ),
    Spot("site_settings.names", "/site-settings/names", _SITE, "dash.site_settings"),
    Spot("settings.general", "/settings/general", _SETTINGS, "dash.settings"),
    Spot("settings.languages", "/settings/languages", _SETTINGS, "dash.settings"),
    Spot("members.title", "/settings/members", _SETTINGS, "dash.settings"),
    Spot("settings.advanced", "/settings/advanced", _SETTINGS, "dash.settings"),
)
# Whose settings the fields of a template are, by how its name begins: those of one are found in the list.
_OWNERS: Mapping[str, str] = {
    "application": "dash.applications",
    "api": "dash.apis",
    "user": "dash.users",
    "claim_rule": "dash.claim_rules",
    "policy": "dash.policies",
    "registered": "dash.registered_applications",
    "site_settings": "dash.site_settings",
    "signing_keys": "dash.signing_keys",
}
# Templates that are one page each; so are the tabs of the settings.
_PAGES: Mapping[str, str] = {
    "site_settings": "dash.site_settings",
    "site_settings_certificates": "site_settings.certificates",
    "signing_keys": "dash.signing_keys",
}


# All that a spot is called, and the spot.
Called = tuple[str, Spot]


@dataclass(frozen=True, slots=True)
class Index:
    """What is looked through: each spot with all that it is called, in every language."""

    pages: tuple[Called, ...]
    settings: tuple[Called, ...]


def index() -> Index:
    """Read from the templates and the texts, so that no setting is missing."""
    said = tuple(texts(language) for language in LANGUAGES)
    ours = (*_rooms(), *FURTHER)
    written = tuple((path.stem, path.read_text("utf-8")) for path in sorted(_TEMPLATES.glob("*.html")))
    parts = (each for name, text in written for each in _parts(name, text, ours))
    fields = (each for name, text in written for each in _fields(name, text, ours))
    # What leads to its very place comes before what is one of many.
    ranked = sorted(fields, key=lambda each: not each.anchor)
    return Index(_called((*ours, *parts), said), _called(ranked, said))


def found(called: Sequence[Called], words: Sequence[str], who: Administrator) -> Iterator[Spot]:
    """Spots that have all of these words, for somebody who may see them."""
    return (spot for text, spot in called if who.may(spot.needs) and all(word in text for word in words))


def _called(spots: Iterable[Spot], said: Sequence[Mapping[str, str]]) -> tuple[Called, ...]:
    return tuple((_words(each, said), each) for each in dict.fromkeys(spots))


def _words(spot: Spot, said: Sequence[Mapping[str, str]]) -> str:
    keys = filter(None, (spot.key, spot.room))
    words = [Markup(each[key]).striptags() for key in keys for each in said]  # noqa: S704 - texts are ours
    return searched((*words, spot.name))


def _rooms() -> Iterator[Spot]:
    for place in (each for places in ROOMS.values() for each in places):
        name = place.path.lstrip("/").replace("-", "_") or "overview"
        yield Spot(f"dash.{name}", place.path, place.needs)


def _parts(template: str, text: str, ours: Sequence[Spot]) -> Iterator[Spot]:
    """What stands under headings of a page."""
    page, is_one = _page(template, ours)
    if page and is_one:
        for id, key in _PARTS.findall(text):
            yield Spot(key, page.path, page.needs, page.key, "", id)


def _fields(template: str, text: str, ours: Sequence[Spot]) -> Iterator[Spot]:
    """The settings of a page, or of one of many."""
    page, is_one = _page(template, ours)
    named = ((name or id, key or label) for name, key, id, label in _FIELDS.findall(text))
    if not page:
        return
    for name, key in (*named, *_BOXES.get(template, ())):
        yield Spot(key, page.path, page.needs, page.key, name, name if is_one else "")


def _page(template: str, ours: Sequence[Spot]) -> tuple[Spot | None, bool]:
    """Where a template is seen, and whether that is one page."""
    tab = _TAB.fullmatch(template)
    path = f"/settings/{tab[1]}" if tab else ""
    key = _PAGES.get(template, "")
    owner = next((own for begins, own in _OWNERS.items() if template.startswith(begins)), "")
    wanted = (
        (each, bool(path or key)) for each in ours if each.path == path != "" or each.key == (key or owner)
    )
    return next(wanted, (None, False))


INDEX: Final = index()
