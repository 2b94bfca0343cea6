"""GET /error?code=…: what a number means, for people who found it in an answer."""

from sekisho.spec.entra.codes import CODES
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

LONGEST = 10


async def explained(ask: Ask, _tenant: Tenant) -> Answer:
    """Every refusal of ours that is told by this number; a page that says so where there is none."""
    sent = next((value for name, value in ask.query if name == "code"), "").upper().removeprefix("AADSTS")
    number = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= LONGEST else 0
    slugs = tuple(slug for slug, code in CODES.items() if code.number == number)
    return Answer(page=("number", {"number": number if slugs else 0, "slugs": slugs}))
