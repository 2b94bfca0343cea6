"""POST /dbconnections/signup: somebody makes an account at a page of an application."""

from sekisho.change.actor import Actor
from sekisho.change.fields import amendment
from sekisho.faces.auth0 import hears
from sekisho.model.user import User
from sekisho.oauth.asked import client_of
from sekisho.people import directories, sign_up
from sekisho.people.user_fields import UserFields
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.tenant import Tenant

# What is said again of whoever is new.
TOLD = ("name", "nickname", "given_name", "family_name", "picture", "phone_number")


async def create(ask: Ask, tenant: Tenant) -> Answer:
    """Address and password, and what people say about themselves; whatever else is said does not count."""
    sign_up.is_allowed(tenant)
    client = await client_of(hears.text(ask, "client_id"), tenant)
    directory = await directories.find(tenant, hears.text(ask, "connection"))
    email, text = hears.text(ask, "email"), hears.text(ask, "password")
    own = {name: value for name, value in hears.members(ask).items() if name in sign_up.OWN}
    about = amendment({**own, "connection": directory.name}, UserFields)
    actor = Actor(client=client.client_id, address=ask.address, correlation=ask.correlation)
    user = await sign_up.create(tenant, email, text, actor, about)
    return Answer(json=_told(user), headers=NO_STORE)


def _told(user: User) -> dict[str, object]:
    own = {name: user.claims[name] for name in TOLD if name in user.claims}
    if user.username:
        own["username"] = user.username
    if user.user_metadata:
        own["user_metadata"] = user.user_metadata
    return {"_id": user.user_id.partition("|")[2], "email_verified": False, "email": user.email, **own}
