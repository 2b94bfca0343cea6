"""Who works in the dashboard, and what they may do there: looked up at every request."""

from collections.abc import Collection
from dataclasses import dataclass

from sekisho.change.actor import Actor
from sekisho.model.artifact import Console
from sekisho.model.user import User
from sekisho.pages.face import Face, face
from sekisho.people import powers
from sekisho.spec.browser import cookie
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant

COOKIE = "dashboard"
RECENT = 600.0  # seconds since the sign-in, for what cannot be undone


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody at work: `handle` is the secret of their browser, `scopes` those of the management API."""

    user: User
    console: Console
    handle: str
    scopes: Collection[str]

    @property
    def face(self) -> Face:
        """How they call themselves, and their clock."""
        return face(self.user)

    @property
    def rank(self) -> str:
        """Owner, Editor or Viewer; empty for nobody."""
        return powers.rank_of(self.scopes)

    def may(self, scope: str) -> bool:
        """They may do this."""
        return scope in self.scopes

    def is_recent(self, now: float) -> bool:
        """They proved a short time ago who they are."""
        return now - self.console.auth_time <= RECENT

    def actor(self, ask: Ask) -> Actor:
        """As the audit names them."""
        id, scopes = self.user.user_id, frozenset(self.scopes)
        return Actor(user=id, address=ask.address, correlation=ask.correlation, scopes=scopes)


async def of_browser(ask: Ask, tenant: Tenant) -> Administrator | None:
    """Whoever came in by the entrance and is still there; what they may do may be nothing."""
    handle = cookie.read(ask, cookie.name_of(COOKIE, tenant.record.slug, ask))
    console = await tenant.store.get(Console, handle) if handle else None
    if not isinstance(console, Console) or console.owner.tenant != tenant.id:
        return None
    user = await tenant.store.named(User, tenant.id, console.owner.user or "")
    if user is None or user.blocked:
        return None
    return Administrator(user, console, handle, await powers.scopes_of(tenant, user))
