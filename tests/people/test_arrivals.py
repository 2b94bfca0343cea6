"""People who come from another server, with the hashes of their passwords."""

from typing import Any

import bcrypt
import pytest

from sekisho.model.password import Password
from sekisho.people import arrivals, users
from sekisho.spec.refusal import Refused
from tests.people.folk import ADMIN, PASSWORD, elsewhere, kept, town

HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
# As Auth0's support hands them over.
HASHES: dict[str, Any] = {
    "_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"},
    "email_verified": True,
    "email": "nico@example.com",
    "passwordHash": HASH,
    "password_set_date": {"$date": "2019-12-06T18:36:12.412Z"},
    "tenant": "example",
    "connection": "Another-Database",
    "_tmp_is_unique": True,
}
# As its bulk import takes them.
BULK: dict[str, Any] = {
    "user_id": "euclid",
    "email": "euclid@example.com",
    "email_verified": False,
    "given_name": "Euclid",
    "blocked": False,
    "app_metadata": {"plan": "gold"},
    "user_metadata": {"theme": "dark"},
    "custom_password_hash": {"algorithm": "bcrypt", "hash": {"value": HASH}},
}


@pytest.mark.parametrize(
    ("told", "user_id"),
    [
        (HASHES, "auth0|5dea9f9c82dd7c0e76e4ec93"),
        ({**HASHES, "alt_id": "euclid"}, "auth0|euclid"),
        (BULK, "auth0|euclid"),
        ({**BULK, "user_id": "auth0|euclid", "identities": [{"provider": "auth0"}]}, "auth0|euclid"),
        ({"user_id": "euclid", "email": "e@example.com", "password_hash": HASH}, "auth0|euclid"),
    ],
)
async def test_they_keep_their_names_and_their_passwords(told: dict[str, Any], user_id: str):
    """The id that tokens say stays, and the hash is kept as it came; who is here already stays."""
    tenant = await town()
    assert await arrivals.arrive(told, ADMIN, tenant)
    user = await users.find(tenant, user_id)
    assert user.claims["email"] == told["email"]
    assert (await kept(tenant, user)).hash == HASH
    assert not await arrivals.arrive({**told, "email": "another@example.com"}, ADMIN, tenant)
    assert (await users.find(tenant, user_id)).claims["email"] == told["email"]


async def test_metadata_comes_along():
    """Everything that our users have, too."""
    tenant = await town()
    await arrivals.arrive(BULK, ADMIN, tenant)
    user = await users.find(tenant, "auth0|euclid")
    assert (user.app_metadata, user.user_metadata) == ({"plan": "gold"}, {"theme": "dark"})
    assert (user.claims["given_name"], user.claims["email_verified"]) == ("Euclid", False)


async def test_an_address_in_the_list_of_identifiers():
    """Newer exports say it there only; whether it is verified, too."""
    tenant = await town()
    told = {name: value for name, value in HASHES.items() if not name.startswith("email")}
    listed = [
        {"type": "email", "value": "list@example.com", "verified": True},
        {"type": "username", "value": "listed"},
        {"type": "unknown", "value": "x"},
        "nothing",
    ]
    assert await arrivals.arrive({**told, "identifiers": listed}, ADMIN, tenant)
    user = await users.find(tenant, "list@example.com")
    assert (user.username, user.claims["email_verified"]) == ("listed", True)


async def test_whoever_has_no_name_and_no_hash():
    """Gets a name here, and no password."""
    tenant = await town()
    assert await arrivals.arrive({"email": "new@example.com"}, ADMIN, tenant)
    user = await users.find(tenant, "new@example.com")
    assert await tenant.store.record(Password, tenant.id, user.id) is None


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"user_id": "google-oauth2|1"}, "body_invalid"),
        ({"custom_password_hash": {"algorithm": "md5", "hash": {"value": "x"}}}, "hash_unsupported"),
        ({"custom_password_hash": {"salt": 1}}, "hash_unsupported"),
        ({"custom_password_hash": None, "passwordHash": "plain"}, "hash_unsupported"),
        ({"surprise": 1}, "body_invalid"),
        ({"email": "no address"}, "body_invalid"),
    ],
)
async def test_nothing_is_lost_in_silence(more: dict[str, Any], slug: str):
    """What this server could not keep, or not verify, is refused, and nobody came."""
    tenant = await town()
    with pytest.raises(Refused) as refused:
        await arrivals.arrive({**BULK, **more}, ADMIN, tenant)
    assert refused.value.reason.slug == slug
    with pytest.raises(Refused):
        await users.find(tenant, "euclid@example.com")


async def test_an_address_that_is_somebody_elses():
    """Two people with one address are one too many; in another tenant they are not."""
    tenant = await town()
    await arrivals.arrive(BULK, ADMIN, tenant)
    with pytest.raises(Refused) as refused:
        await arrivals.arrive({**BULK, "user_id": "second"}, ADMIN, tenant)
    assert refused.value.reason.slug == "already_exists"
    with pytest.raises(Refused):
        await users.find(elsewhere(tenant), "auth0|euclid")
