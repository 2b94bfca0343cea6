"""`admin_consent`: an administrator agreed for everybody, as Entra says it."""

from sekisho.oauth.needs import Given, Giving
from sekisho.spec import scope
from sekisho.spec.http import Pairs
from sekisho.tenant import Tenant


def give(giving: Giving, so_far: Given, tenant: Tenant) -> Given:
    """Where, and to what: no token, and nothing that could be redeemed."""
    said: Pairs = (("admin_consent", "True"), ("tenant", tenant.id))
    if giving.settled.request.dialect == "entra_v2":
        said = (*said, ("scope", scope.text(giving.settled.wish.scopes)))
    return Given((*so_far.params, *said), so_far.steps)
