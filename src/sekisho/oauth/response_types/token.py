"""`token`: an access token in the answer itself (RFC 6749 section 4.2.2)."""

from sekisho import tokens
from sekisho.oauth.needs import Given, Giving
from sekisho.spec import scope
from sekisho.tenant import Tenant


def give(giving: Giving, so_far: Given, tenant: Tenant) -> Given:
    """The token, for how long it is good, and for what."""
    granted = giving.granted
    text, puts = tokens.access(granted, tenant)
    told = (
        ("access_token", text),
        ("token_type", "Bearer"),
        ("expires_in", str(granted.lifetime)),
        ("scope", scope.text(granted.scopes)),
    )
    return Given((*so_far.params, *told), (*so_far.steps, *puts))
