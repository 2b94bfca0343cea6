"""The tray of a development server: the mails that it would have sent, one by one."""

import re
from datetime import UTC

from sekisho.mail.post import MOST_KEPT, Laid
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.tenant import Tenant

PATH = "/dev/mail"
# Links of these mails open accounts: whoever is not at this machine does not see them.
LOOPBACK = ("127.0.0.1", "::1")
# A mail has its own small style and nothing else: nothing of it runs, loads or is sent.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_LINK = re.compile(r"https?://\S+")


async def every(ask: Ask, tenant: Tenant) -> Answer:
    """The last ones, the newest first."""
    context = {"mails": _laid(ask, tenant), "most": MOST_KEPT, "zone": UTC}
    return Answer(page=("mail/tray", context), headers=NO_STORE)


async def one(ask: Ask, tenant: Tenant) -> Answer:
    """One with its headers, its words and its source."""
    laid = _found(ask, tenant)
    link = _LINK.search(laid.mail.text)
    context = {
        "laid": laid,
        "mail": laid.mail,
        "link": link[0] if link else "",
        "source": laid.source.decode("ascii", "replace"),
        "zone": UTC,
    }
    return Answer(page=("mail/one", context), headers=NO_STORE)


async def html(ask: Ask, tenant: Tenant) -> Answer:
    """One as a mail program shows it."""
    body, headers = _found(ask, tenant).mail.html.encode(), (("content-security-policy", POLICY), *NO_STORE)
    return Answer(body=body, kind="text/html; charset=utf-8", headers=headers)


def _laid(ask: Ask, tenant: Tenant) -> list[Laid]:
    tray = tenant.tools.post.tray
    if tray is None or ask.address not in LOOPBACK:
        raise Refused(NOT_FOUND)
    return tray.of_tenant(tenant.id)


def _found(ask: Ask, tenant: Tenant) -> Laid:
    found = next((each for each in _laid(ask, tenant) if each.id == ask.names["id"]), None)
    if found is None:
        raise Refused(NOT_FOUND)
    return found
