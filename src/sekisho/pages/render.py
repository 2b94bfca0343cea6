"""A page becomes bytes and headers."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec.structs import replace

from sekisho.pages.reader import LANGUAGES, reader
from sekisho.pages.sign import sign
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.redirect_uri import target
from sekisho.tenant import Tenant

KIND = "text/html; charset=utf-8"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

FRAMED_BY_NOBODY: Pairs = (("x-frame-options", "DENY"),)
OPENED_BY_NOBODY: Pairs = (("cross-origin-opener-policy", "same-origin-allow-popups"),)


def render(answer: Answer, ask: Ask, tenant: Tenant | None = None) -> Answer:
    """The answer with its page as body, in the reader's language; other answers stay as they are."""
    if answer.page is None:
        return answer
    # Templates take time to load: a server that shows no page never loads them, and none does at its start.
    from sekisho.pages.press import Place, printed  # noqa: PLC0415

    offered = tuple(tag for tag in tenant.policy.languages if tag in LANGUAGES) if tenant else ()
    name, context = answer.page
    who = reader(ask, offered or tuple(LANGUAGES), str(context.get("locale", "")))
    split = urlsplit(ask.root)
    place = Place(split.netloc, split.path, split.scheme == "https")
    known = {"sign": sign(tenant) if tenant else None, "correlation": ask.correlation, "query": ask.query}
    sheet = printed(name, {**known, **context}, who, place)
    framed_by = str(context.get("framed_by", ""))
    policy = _policy(context, framed_by, sheet.nonce)
    own = () if framed_by else FRAMED_BY_NOBODY
    # Whoever opened a window for a flow waits for its answer there.
    apart = () if framed_by or context.get("in_flow") else OPENED_BY_NOBODY
    headers = (*answer.headers, ("content-security-policy", policy), *own, *apart, *_headers(who.language))
    return replace(answer, page=None, body=sheet.body, kind=KIND, headers=headers)


def _policy(context: Mapping[str, object], framed_by: str, nonce: str) -> str:
    """Chromium stops the redirect that follows a form where its target is not named here as well."""
    leads_to, frames = str(context.get("leads_to", "")), context.get("frames")
    policy = POLICY.replace("form-action 'self'", f"form-action 'self' {leads_to}") if leads_to else POLICY
    if framed_by:  # the page says its answer to the window around it, of one origin only
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {framed_by}")
    more = (
        (f"script-src 'nonce-{nonce}'", nonce),
        ("connect-src 'self'", context.get("calls")),  # its script asks us, and nobody else
        (f"frame-src {_origins(frames)}", frames),  # other applications hear something from it
    )
    return "; ".join((policy, *(rule for rule, is_needed in more if is_needed)))


def _origins(addresses: object) -> str:
    found = addresses if isinstance(addresses, tuple) else ()
    return " ".join(dict.fromkeys(target(each) for each in found))


def _headers(language: str) -> Pairs:
    return (("content-language", language), ("vary", "accept-language, cookie"))
