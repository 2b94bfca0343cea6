"""What pages of Auth0's ask before they show a form, and are told nothing by: no session, no riddle."""

from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.tenant import Tenant


async def ssodata(_ask: Ask, _tenant: Tenant) -> Answer:
    """GET /user/ssodata: who is signed in is nothing that another page may ask."""
    return Answer(json={"sso": False}, headers=NO_STORE)


async def challenge(_ask: Ask, _tenant: Tenant) -> Answer:
    """GET and POST …/challenge: nobody has to prove that they are a person."""
    return Answer(json={"required": False}, headers=NO_STORE)
