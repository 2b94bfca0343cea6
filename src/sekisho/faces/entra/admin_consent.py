"""GET /{tenant}/v2.0/adminconsent, and its older twin: an administrator agrees for everybody."""

from dataclasses import replace

from sekisho.faces.entra.place import tenant_of_path
from sekisho.oauth import answers
from sekisho.oauth import authorize as core
from sekisho.oauth.asked import Asked, asked
from sekisho.spec.authorization import WireDialect
from sekisho.spec.contrast import absent
from sekisho.spec.http import Answer, Ask, every
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.tenant import Tenant

# What is read of the address; nothing else of an authorization request means something here.
KNOWN = frozenset(("client_id", "redirect_uri", "state", "login_hint", "ui_locales"))


async def admin_consent(ask: Ask, tenant: Tenant) -> Answer:
    """The newer one: scopes say what is asked for. Contract section 8.4."""
    told = await _asked(ask, frozenset((*KNOWN, "scope")), "entra_v2", tenant)
    if not "".join(every(ask.query, "scope")).strip():
        refused = Refused(MISSING_PARAMETER, words={"name": "scope"}, seen=absent("scope"))
        return answers.refusal(refused, told, ask, tenant)
    return await core.answered(told, ask, tenant)


async def older(ask: Ask, tenant: Tenant) -> Answer:
    """The older one: all that the application says that it needs."""
    return await core.answered(await _asked(ask, KNOWN, "entra_v1", tenant), ask, tenant)


async def _asked(ask: Ask, known: frozenset[str], dialect: WireDialect, tenant: Tenant) -> Asked:
    """Any alias means the tenant of the host: nothing is given that is another one's."""
    tenant_of_path(ask, tenant)
    pairs = tuple(pair for pair in ask.query if pair[0] in known)
    return replace(await asked(pairs, tenant, dialect), is_for_everybody=True)
