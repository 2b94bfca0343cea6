"""The page of a forgotten password: a mail with a link, whose answer is the same whoever is asked for."""

from sekisho.change.actor import Actor
from sekisho.pages import forms
from sekisho.pages.reader import LANGUAGES, reader
from sekisho.pages.sign_in import entrance
from sekisho.pages.sign_in.entrance import LONGEST_NAME, Attempt
from sekisho.people.letters import resets, sending
from sekisho.people.letters.sending import Asker
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant

PAGE, PATH = "forgot", "/forgot"
SENT = "sent"


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """The form, and afterwards where to look."""
    sending.is_open(tenant)
    way = await entrance.way_of(ask, tenant)
    context, headers = await entrance.sheet(PAGE, Attempt(entrance.hinted(way, ask)), way, ask, tenant)
    more = {"sent": one(ask.query, "done") == SENT, "minutes": resets.LIFETIME // 60}
    return Answer(page=("forgot", {**context, **more}), headers=headers)


async def begin(ask: Ask, tenant: Tenant) -> Answer:
    """A mail is promised, or nothing is; the next page says the same."""
    sending.is_open(tenant)
    way = await entrance.way_of(ask, tenant)
    entrance.is_ours(PAGE, way, ask, tenant)
    name = (ask.get("username") or "")[:LONGEST_NAME]
    actor = Actor(address=ask.address, correlation=ask.correlation)
    spoken = reader(ask, tenant.policy.languages or tuple(LANGUAGES)).language
    await resets.begin(tenant, name, Asker(actor, ask.root, spoken))
    known = ((key, one(ask.query, key) or "") for key in ("flow", "return_to", "ui_locales"))
    return forms.redirect(f"{ask.root}{PATH}{forms.query(*known, ('done', SENT))}")
