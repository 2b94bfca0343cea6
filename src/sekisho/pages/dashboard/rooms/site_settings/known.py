"""The settings that the portal knows: what their texts mean in a form, and which texts forms become."""

from collections.abc import Mapping
from typing import Any, Literal

from sekisho.pages.dashboard.fields import Kind
from sekisho.pages.dashboard.rooms.site_settings.standing import Standing
from sekisho.registry.portal.site_settings import Told
from sekisho.spec.portal import cors, setting

# on, off: a switch, and how it is by default · origins: one on each line · thumbprint: of a certificate
Sort = Literal["on", "off", "text", "origins", "thumbprint"]
SORTS: Mapping[str, Sort] = {
    setting.ENABLED: "on",
    setting.AUTHORIZE: "on",
    setting.TOKEN_BY_GET: "on",
    setting.CLIENT_REQUIRED: "off",
    setting.LIFETIME: "text",
    setting.CERTIFICATE: "thumbprint",
    cors.ORIGINS: "origins",
    cors.CREDENTIALS: "off",
    **dict.fromkeys(cors.USUAL, "text"),
}
_TYPED: Mapping[Sort, Kind] = {
    "on": "switch",
    "off": "switch",
    "text": "text",
    "origins": "lines",
    "thumbprint": "text",
}
KINDS: Mapping[str, Kind] = {name: _TYPED[sort] for name, sort in SORTS.items()}


def said(now: Standing) -> dict[str, Any]:
    """What the fields show."""
    return {name: _shown(sort, now.value(name)) for name, sort in SORTS.items()}


def told(typed: Mapping[str, Any], now: Mapping[str, Any]) -> Told:
    """The settings that shall say something else; what is as it is by default is not set."""
    return {name: _text(SORTS[name], value) for name, value in typed.items() if value != now[name]}


def _shown(sort: Sort, text: str | None) -> object:
    match sort:
        case "on":
            return setting.is_on(text)
        case "off":
            return setting.is_wanted(text)
        case "origins":
            return list(cors.named(text or ""))
        case "thumbprint":
            return setting.thumbprint(text) or None
        case "text":
            return (text or "").strip() or None


def _text(sort: Sort, value: Any) -> str | None:  # noqa: ANN401 - whatever its kind of field gives
    match sort:
        case "on":
            return None if value else "false"
        case "off":
            return "true" if value else None
        case "origins":
            return ", ".join(value) or None
        case "thumbprint" | "text":
            return str(value) if value else None
