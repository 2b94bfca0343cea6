"""Settings, Languages: which ones the pages for people speak."""

from collections.abc import Mapping
from typing import Any

from sekisho.pages.dashboard.fields import Kind
from sekisho.pages.dashboard.rooms.settings.tab import Tab
from sekisho.spec.policy import Policy

KINDS: Mapping[str, Kind] = {"enabled_locales": "ticks"}


def _said(policy: Policy) -> Mapping[str, Any]:
    return {"enabled_locales": policy.languages}


TAB = Tab("languages", KINDS, _said)
