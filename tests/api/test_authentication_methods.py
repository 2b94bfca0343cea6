"""Second factors of users in the management API: seen without what proves them, and taken away."""

import pytest

from sekisho.people.second_factor import held, proving
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.factors import FACTOR_ABSENT
from tests.api.conftest import Desk
from tests.second_factors import BY, enrolled
from tests.visitor import person

AYA = "/users/auth0%7Caya"
METHODS = f"{AYA}/authentication-methods"
RENEW = f"POST {AYA}/recovery-code-regeneration"


async def refused(desk: Desk, line: str) -> Reason | None:
    """Why it is not done."""
    await desk.ask(line)
    return desk.refused.reason if desk.refused else None


async def left(desk: Desk) -> set[str]:
    """Which kinds the person has."""
    return set(await held.of_user(desk.tenant, person()))


async def ids(desk: Desk) -> dict[str, str]:
    """The ids of the methods, by their types."""
    answer = await desk.ask(f"GET {METHODS}")
    assert isinstance(answer.json, list)
    return {each["type"]: each["id"].replace("|", "%7C") for each in answer.json}


async def test_a_method_says_what_it_is_and_nothing_that_proves_it(home):
    """Type, when it was set up, when it was used, how many codes are left; no secret, no digest."""
    assert (await home.ask(f"GET {METHODS}")).json == []
    secret, found = await enrolled(home.tenant, person())
    answer = await home.ask(f"GET {METHODS}")
    app = next(each for each in answer.json if each["type"] == "totp")
    codes = next(each for each in answer.json if each["type"] == "recovery-code")
    assert app.keys() == {"id", "type", "confirmed", "created_at", "last_auth_at"}
    assert codes.keys() == {"id", "type", "confirmed", "created_at", "left"}
    assert (app["confirmed"], codes["left"]) == (True, 10)
    assert secret not in str(answer.json)
    assert found.codes[0] not in str(answer.json)
    one = await home.ask(f"GET {METHODS}/{(await ids(home))['totp']}")
    assert one.json == app
    assert await refused(home, f"GET {METHODS}/other") is FACTOR_ABSENT


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        (f"DELETE {METHODS}", set()),
        (f"DELETE {METHODS}/{{totp}}", set()),
        (f"DELETE {METHODS}/{{recovery-code}}", {"totp"}),
        (f"DELETE {AYA}/multifactor/google-authenticator", set()),
    ],
)
async def test_a_method_is_taken_away(home, line: str, kinds: set[str]):
    """All of it, or the codes alone; without the app the person has no second factor."""
    await enrolled(home.tenant, person())
    for name, id in (await ids(home)).items():
        line = line.replace(f"{{{name}}}", id)
    assert (await home.ask(line)).status == 204
    assert await left(home) == kinds
    user = await home.tenant.store.named(type(person()), home.tenant.id, "auth0|aya")
    assert user.has_second_factor is bool(kinds)


async def test_what_is_not_there_is_not_taken_away(home):
    """A method or a provider that the person does not have; resetting nothing is no mistake."""
    assert await refused(home, f"DELETE {METHODS}/other") is FACTOR_ABSENT
    assert await refused(home, f"DELETE {AYA}/multifactor/duo") is FACTOR_ABSENT
    assert (await home.ask(f"DELETE {METHODS}")).status == 204
    assert await refused(home, RENEW) is FACTOR_ABSENT


async def test_a_new_code_takes_the_place_of_all(home):
    """The one code of the answer works, none of those from before does."""
    _, found = await enrolled(home.tenant, person())
    code = (await home.ask(RENEW)).json["recovery_code"]
    user = await home.tenant.store.named(type(person()), home.tenant.id, "auth0|aya")
    with pytest.raises(Refused):
        await proving.prove(home.tenant, user, "recovery", found.codes[0], BY)
    await proving.prove(home.tenant, user, "recovery", code, BY)
