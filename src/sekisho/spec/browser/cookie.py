"""Cookies as values (RFC 6265): what a browser sent, what it is asked to keep."""

from sekisho.spec.http import Ask

SSO = "sso"  # who is signed in: needed in frames of other sites, for silent sign-in
LONGEST = 8_192


def name_of(kind: str, slug: str, ask: Ask) -> str:
    """The tenant is part of the name; plain http, which only development has, knows no prefix."""
    prefix = "__Host-" if ask.root.startswith("https:") else ""
    return f"{prefix}sekisho-{kind}-{slug}"


def read(ask: Ask, name: str) -> str:
    """The value of this cookie; empty where there is none, or more than one of the name."""
    header = ask.headers.get("cookie", "")
    if len(header) > LONGEST:
        return ""
    # Only what browsers trim: a name that begins with another kind of space has no prefix to them.
    pairs = (part.strip(" \t").partition("=") for part in header.split(";"))
    found = [value for key, _, value in pairs if key == name]
    return found[0] if len(found) == 1 else ""


def kept(
    ask: Ask, name: str, value: str, *, seconds: int | None = None, anywhere: bool = False
) -> tuple[str, str]:
    """The header that makes a browser keep it; `anywhere` also in frames and requests of other sites."""
    secure = ask.root.startswith("https:")
    parts = [f"{name}={value}", "Path=/", "HttpOnly"]
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    if secure:
        parts.append("Secure")
    parts.append("SameSite=None" if anywhere and secure else "SameSite=Lax")
    return "set-cookie", "; ".join(parts)


def gone(ask: Ask, name: str, *, anywhere: bool = False) -> tuple[str, str]:
    """The header that makes a browser forget it."""
    return kept(ask, name, "", seconds=0, anywhere=anywhere)
