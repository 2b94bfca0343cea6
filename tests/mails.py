"""Letters in tests: a tenant whose mail lands in a tray, and what is in it once the runner was there."""

from dataclasses import replace

from sekisho import jobs
from sekisho.mail.post import Laid, Post, Tray
from sekisho.tenant import Tenant

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
