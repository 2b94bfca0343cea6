"""What each error of a protected API means: where `helpUrl` leads."""

from sekisho.pages.sign import sign
from sekisho.spec.http import Answer, Ask
from sekisho.spec.software.enhanced import PROBLEMS, REGISTRATION, Problem
from sekisho.tenant import Tenant

TOKEN, ITEM, OURS = 401, 403, 500


async def explained(ask: Ask, tenant: Tenant) -> Answer:
    """Every code with its meaning and what to do, for those who develop and run applications."""
    chapters: dict[str, list[Problem]] = {"token": [], "request": [], "item": [], "server": []}
    for problem in PROBLEMS.values():
        chapters[_chapter(problem.status)].append(problem)
    context = {
        "sign": sign(tenant),
        "issuer": tenant.issuer(ask),
        "chapters": chapters,
        "registration": REGISTRATION,
    }
    return Answer(page=("explained", context))


def _chapter(status: int) -> str:
    if status in (TOKEN, ITEM):
        return "token" if status == TOKEN else "item"
    return "server" if status >= OURS else "request"
