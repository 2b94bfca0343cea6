"""How the face reads what an installation sends."""

from sekisho.spec.contrast import absent
from sekisho.spec.http import NO_TEXT, Ask, Pairs, one
from sekisho.spec.refusal import MALFORMED_REQUEST, MISSING_PARAMETER, Refused
from sekisho.spec.software import device
from sekisho.tenant import Tenant


def text(pairs: Pairs, name: str) -> str | None:
    """The one value of a parameter, which is a text if it is there."""
    value = one(pairs, name)
    if value == NO_TEXT:
        raise Refused(MALFORMED_REQUEST, debug=f"{name} is no text, or none that can be kept")
    return value


def needed(pairs: Pairs, name: str) -> str:
    """The one value of a parameter that has to be there."""
    value = text(pairs, name)
    if value is None:
        raise Refused(MISSING_PARAMETER, words={"name": name}, seen=absent(name))
    return value


def described(ask: Ask, tenant: Tenant) -> dict[str, str]:
    """What the device says of itself in X-Device-Info, on top of what its other headers tell."""
    told = device.described(ask.headers.get("x-device-info"), tenant.policy.adobe_pass.reading)
    agent = device.plain(ask.headers.get("user-agent", ""))
    return {"userAgent": agent, **told} if agent else told
