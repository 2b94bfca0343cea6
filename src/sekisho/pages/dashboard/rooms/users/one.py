"""One user: who is meant, whether they may be changed, what stands above every tab."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.model.user import User
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.face import Face, face
from sekisho.people import powers, users
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import RANK_TOO_LOW, USER_ABSENT
from sekisho.tenant import Tenant

CRUMB = Crumb("dash.users", "/users")


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody, as administrators see them. `above`: they may do more than who looks at them."""

    user: User
    rank: str
    above: bool
    is_you: bool

    @property
    def face(self) -> Face:
        """How they are called."""
        return face(self.user)

    @property
    def path(self) -> str:
        """Where their pages are."""
        return path(self.user)


async def subject(ask: Ask, who: Administrator, tenant: Tenant) -> Subject:
    """Who is meant by the address: an id, and no login name, which passes from one person to another."""
    name = ask.names["user"]
    if not users.is_id(name):
        raise Refused(USER_ABSENT)
    user = await users.find(tenant, name)
    scopes, above = await powers.scopes_of(tenant, user), False
    try:
        await powers.may_be_changed(tenant, user, who.scopes)
    except Refused:
        above = True
    return Subject(user, powers.rank_of(scopes), above, user.id == who.user.id)


async def changeable(ask: Ask, who: Administrator, tenant: Tenant) -> Subject:
    """The same, for whoever may change them."""
    found = await subject(ask, who, tenant)
    if found.above:
        raise Refused(RANK_TOO_LOW, debug=found.user.user_id)
    return found


def path(user: User) -> str:
    """Where the pages of a user are."""
    return f"/users/{frame.segment(user.user_id)}"


def page(name: str, context: Mapping[str, object], whose: Subject, visit: Visit) -> Answer:
    """A page of one user. What is changed about users is locked where it would be refused."""
    _, who, _ = visit
    known = {"subject": whose, "locked": whose.above or not who.may("update:users")}
    crumbs = (CRUMB, Crumb(whose.face.label, is_key=False))
    return frame.page(name, {**known, **context}, crumbs, visit)
