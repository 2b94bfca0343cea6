"""Pages out of another server: the request passed on, the answer passed back, each without what is ours."""

from dataclasses import replace
from urllib.parse import urlsplit

from sekisho.fetch.errand import Errand, Relayed
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.portal import relay
from sekisho.spec.portal.site import query_is_sound
from sekisho.spec.reach import destination
from sekisho.spec.refusal import MALFORMED_REQUEST, Refused
from sekisho.spec.refusals.portal import SITE_UNREACHABLE
from sekisho.tenant import Tenant

ANY = "application/octet-stream"


async def page(ask: Ask, tenant: Tenant) -> Answer:
    """What the server says; that it redirects or refuses is for the browser to know."""
    if not query_is_sound(ask.raw_query):
        raise Refused(MALFORMED_REQUEST, debug="the query has characters that cannot be passed on")
    if relay.came_by_us(ask.lines):
        raise Refused(SITE_UNREACHABLE, debug="the pages are said to be where we came from")
    return _answer(await tenant.tools.fetch.carry(_errand(ask, tenant)))


def _errand(ask: Ask, tenant: Tenant) -> Errand:
    try:
        there = destination(tenant.policy.site.upstream, allow_private=tenant.tools.fetch.allow_private)
    except Refused as refused:  # it was fetchable when it was said
        raise Refused(SITE_UNREACHABLE, debug=refused.text) from None
    query = f"?{ask.raw_query.decode()}" if ask.raw_query else ""
    headers = relay.onward(ask.lines, _ours(ask))
    return Errand(replace(there, target=f"{ask.path}{query}"), ask.method, headers, ask.body)


def _ours(ask: Ask) -> Pairs:
    """Who asked, and where; what the browser said of that is not believed."""
    root = urlsplit(ask.root)
    return (
        ("x-forwarded-for", ask.address),
        ("x-forwarded-host", root.netloc),
        ("x-forwarded-proto", root.scheme),
        ("x-correlation-id", ask.correlation),
    )


def _answer(relayed: Relayed) -> Answer:
    kind = relay.one_of(relayed.headers, "content-type")
    has_body = bool(relayed.body or relayed.rest)
    return Answer(
        status=relayed.status,
        body=relayed.body,
        pieces=relayed.rest,
        length=relayed.length,
        kind=kind or (ANY if has_body else Answer().kind),
        headers=relay.back(relayed.headers),
    )
