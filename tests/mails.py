"""Letters in tests: a tenant whose mail lands in a tray, and what is in it once the runner was there."""

import asyncio
import re
from dataclasses import replace

from sekisho import jobs
from sekisho.mail.post import Laid, Post, Tray
from sekisho.tenant import Tenant
from tests.attacks.household import Household

SENDER = "no-reply@id.example.com"


def with_post(tenant: Tenant, post: Post | None = None) -> Tenant:
    """The tenant with a tray, or with another way for mail."""
    return replace(tenant, tools=replace(tenant.tools, post=post or Post(sender=SENDER, tray=Tray())))


async def delivered(tenant: Tenant) -> list[Laid]:
    """Every mail so far, the newest first: what is due is delivered as the runner does it."""
    kinds = jobs.kinds(tenant.tools)
    while due := await tenant.store.claim(kinds, jobs.LEASE, jobs.MOST_AT_ONCE):
        for one in due:
            await jobs.attempt(tenant.tools, kinds[one.kind], one)
    tray = tenant.tools.post.tray
    return tray.of_tenant(tenant.id) if tray else []


def with_tray(home: Household) -> Household:
    """The house, whose mail lands in a tray."""
    object.__setattr__(home.tenant.tools, "post", Post(sender=SENDER, tray=Tray()))
    return home


def mails(home: Household) -> list[Laid]:
    """Every mail of a house so far, the newest first."""
    return asyncio.run(delivered(home.tenant))


def links(home: Household) -> list[str]:
    """The links that were mailed, the newest first."""
    return [re.findall(r"https?://\S+", each.mail.text)[0] for each in mails(home)]
