"""Settings, General: what the tenant is called, and how long people stay signed in."""

from collections.abc import Mapping
from typing import Any

from sekisho.pages.dashboard.fields import Kind
from sekisho.pages.dashboard.rooms.settings.tab import Tab, own
from sekisho.spec.policy import Policy

HOUR = 3_600
KINDS: Mapping[str, Kind] = {
    "friendly_name": "text",
    "picture_url": "text",
    "support_email": "text",
    "support_url": "text",
    "default_audience": "text",
    "session_lifetime": "number",
    "idle_session_lifetime": "number",
    "sign_up_allowed": "switch",
    "password_shortest": "number",
    "audit_days": "number",
}


def _said(policy: Policy) -> Mapping[str, Any]:
    """Sessions are said in hours."""
    lifetimes = {
        "session_lifetime": policy.session_lifetime / HOUR,
        "idle_session_lifetime": policy.session_idle_lifetime / HOUR,
    }
    return {**own(KINDS, policy), **lifetimes}


TAB = Tab("general", KINDS, _said)
