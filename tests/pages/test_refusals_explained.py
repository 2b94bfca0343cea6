"""What the dashboard knows of each refusal: why, how to put it right, and which setting decides."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from sekisho import pages
from sekisho.pages.dashboard.deciding import DECIDES, EXACTLY, Setting, decides
from sekisho.pages.reader import LANGUAGES
from sekisho.people.user_fields import UserFields
from sekisho.registry.apis import ApiFields
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.client_fields import ClientFields
from sekisho.registry.client_grants import ClientGrantFields
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.registry.tenant_fields import TenantFields
from sekisho.spec.contrast import SECRET
from sekisho.spec.portal import setting
from sekisho.spec.refusals import CATALOGUE

LOCALE = Path(pages.__file__).parent / "locale"
PARTS = ["title", "text", "fix"]
UNCALM = re.compile(r"[!！—–&{}<>]|\b(please|sorry|oops|successfully)\b", re.IGNORECASE)
# What may be said in each room, by the structs that read it.
ROOMS: Mapping[str, type[Struct]] = {
    "applications/{client_id}/settings": ClientFields,
    "applications/{client_id}/credentials": ClientFields,
    "applications/{client_id}/apis": ClientGrantFields,
    "applications/{client_id}/authentication": EntraApplicationFields,
    "applications/{client_id}/permissions": EntraApplicationFields,
    "apis/{api}/settings": ApiFields,
    "apis/{api}/permissions": ApiFields,
    "users/{user}": UserFields,
    "registered-applications/{application}": ApplicationFields,
    "settings/general": TenantFields,
    "settings/languages": TenantFields,
    "settings/advanced": TenantFields,
}
SITE = (
    *(setting.ENABLED, setting.CLIENTS, setting.CERTIFICATE, setting.AUTHORIZE, setting.TOKEN_BY_GET),
    *(setting.CLIENT_REQUIRED, setting.redirects_of("{client_id}")),
)
ALL = (*DECIDES.values(), *EXACTLY.values())


def explained(language: str) -> Mapping[str, Mapping[str, str]]:
    """What a language says of each slug."""
    text = (LOCALE / language / "refusals.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["why"])


def fields(struct: type[Struct], start: str = "") -> Iterable[str]:
    """The wire names of a struct, those of the structs in it behind a dot."""
    for each in msgspec.structs.fields(struct):
        yield f"{start}{each.encode_name}"
        for inner in getattr(each.type, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, Struct):
                yield from fields(inner, f"{start}{each.encode_name}.")


def is_there(where: Setting) -> bool:
    """A room has this field."""
    return where.field in (SITE if where.room == "site-settings" else set(fields(ROOMS[where.room])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_is_explained(language: str) -> None:
    """Each slug of the catalogue, and no other, has a title, a text and what to do about it."""
    found = explained(language)
    assert found.keys() == CATALOGUE.keys()
    for slug, parts in found.items():
        assert list(parts) == PARTS, slug
        assert all(text.strip() for text in parts.values()), slug


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_are_sentences(language: str) -> None:
    """A title is a statement without a full stop, the rest are whole sentences, calm and plain."""
    stop = {"en": ".", "ja": "。"}[language]
    for slug, parts in explained(language).items():
        assert not parts["title"].endswith((".", "。")), slug
        assert all(parts[name].endswith(stop) for name in ("text", "fix")), slug
        for text in parts.values():
            assert not re.search(r"[!！—–&{}<>]|\b(please|sorry|oops|successfully)\b", text, re.IGNORECASE), (
                slug
            )


def test_titles_tell_refusals_apart() -> None:
    """No two refusals have the same title: a list shows nothing else of them."""
    for language in LANGUAGES:
        titles = [parts["title"] for parts in explained(language).values()]
        assert len(set(titles)) == len(titles)


def test_japanese_explanations_keep_their_spaces() -> None:
    """Between Latin letters or digits and kana or kanji there is a space, and none at a comma."""
    for slug, parts in explained("ja").items():
        for text in parts.values():
            assert not re.search(r"[A-Za-z0-9][぀-ヿ一-鿿]|[぀-ヿ一-鿿][A-Za-z0-9]", text), slug
            assert not re.search(r" [、。（）「」]|[、。（）「」] ", text), slug


def test_settings_that_decide_exist() -> None:
    """Every slug that a setting decides is in the catalogue, and the setting is one that can be changed."""
    slugs = {*DECIDES, *(slug for slug, _ in EXACTLY)}
    assert slugs <= set(CATALOGUE)
    assert [where for where in ALL if not is_there(where)] == []


@pytest.mark.parametrize(
    "where",
    [
        Setting("applications/{client_id}/settings", "reply_urls"),
        Setting("applications/{client_id}/settings", "requires_pushing"),
        Setting("settings/advanced", "adobe_pass.reading"),
        Setting("site-settings", "Connector/Nothing"),
    ],
)
def test_settings_that_do_not_exist_are_found_out(where: Setting) -> None:
    """A name of our own, or one that was mistyped, is no setting."""
    assert not is_there(where)


def test_no_setting_is_a_secret() -> None:
    """What decides can be shown: it is no secret."""
    assert SECRET.isdisjoint(where.field for where in ALL)


@pytest.mark.parametrize(
    ("slug", "parameter", "field"),
    [
        ("redirect_mismatch", "redirect_uri", "callbacks"),
        ("redirect_mismatch", "", "callbacks"),
        ("sign_in_locked", "sign_in_account_burst", "sign_in_account_burst"),
        ("sign_in_locked", "sign_in_address_burst", "sign_in_address_burst"),
        (
            "pushed_unknown",
            "pushed_authorization_requests_supported",
            "pushed_authorization_requests_supported",
        ),
        ("pushed_unknown", "request_uri", None),
        ("code_invalid", "", None),
    ],
)
def test_the_setting_is_the_one_that_the_refusal_tells_of(
    slug: str, parameter: str, field: str | None
) -> None:
    """A slug names a setting, and its contrast names it more closely where there are several."""
    found = decides(slug, parameter)
    assert (found and found.field) == field
