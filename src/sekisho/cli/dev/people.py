"""The people of the demo tenant: made once, each with a password that is this folder's own."""

import asyncio
import secrets
from dataclasses import dataclass

from sekisho.cli.folder import Account, Card
from sekisho.cli.work import OPERATOR
from sekisho.model.connection import DATABASE
from sekisho.people import administrators, users
from sekisho.people.user_fields import UserFields
from sekisho.tenant import Tenant

# Three words of three syllables: 55 bits that can be read aloud and typed on a phone.
CONSONANTS, VOWELS = "bdfghjkmnprstz", "aeiou"
WORDS, SYLLABLES = 3, 3


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has to be there."""

    email: str
    given_name: str
    family_name: str
    name: str
    locale: str
    zoneinfo: str


OWNER = "admin@example.com"
PEOPLE = (
    Person(OWNER, "Demo", "Administrator", "Demo Administrator", "en", "Etc/UTC"),
    Person("user@example.com", "Demo", "User", "Demo User", "en", "Etc/UTC"),
    Person("user@example.jp", "ユーザー", "デモ", "デモ ユーザー", "ja-JP", "Asia/Tokyo"),
)


async def prepare(tenant: Tenant, card: Card) -> tuple[Account, ...]:
    """Everybody, with the passwords that the card knows; who is gone comes back with the same one."""
    known = {each.email: each for each in card.accounts}
    return tuple(await asyncio.gather(*(_account(tenant, each, known.get(each.email)) for each in PEOPLE)))


async def _account(tenant: Tenant, person: Person, known: Account | None) -> Account:
    account = known or Account(email=person.email, password=_password())
    there = await users.of_login(tenant, person.email)
    if there is None:
        await users.create(tenant, _fields(person, account.password), OPERATOR)
    elif known is None:
        # Nobody can say the old password.
        await users.set_password(tenant, there.user_id, account.password, OPERATOR)
    if known is None and person.email == OWNER:
        await administrators.appoint(tenant, person.email, OPERATOR)
    return account


def _fields(person: Person, password: str) -> UserFields:
    return UserFields(
        connection=DATABASE,
        email=person.email,
        email_verified=True,
        password=password,
        name=person.name,
        given_name=person.given_name,
        family_name=person.family_name,
        locale=person.locale,
        zoneinfo=person.zoneinfo,
    )


def _password() -> str:
    return "-".join("".join(_syllable() for _ in range(SYLLABLES)) for _ in range(WORDS))


def _syllable() -> str:
    return secrets.choice(CONSONANTS) + secrets.choice(VOWELS)
