"""The reference document's example of an error, member by member, and as it is answered here."""

import dataclasses
import json

from msgspec.structs import replace

from sekisho.faces.entra import token
from sekisho.faces.entra.says import says
from sekisho.spec.entra import wording
from sekisho.spec.entra.wording import Told
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import SECOND_FACTOR_ABSENT
from sekisho.tenant import Tenant
from tests.conditional import only, policed, rule
from tests.entra import B, entra_tenant, on_behalf, posted, token_a
from tests.tenants import ask

# As it stands there, but for the sentence.
SAMPLE = json.loads(r"""{
    "error":"interaction_required",
    "error_description":"AADSTS50079: …",
    "error_codes":[50079],
    "timestamp":"2017-05-01 22:43:20Z",
    "trace_id":"b72a68c3-0926-4b8e-bc35-3150069c2800",
    "correlation_id":"73d656cf-54b1-4eb2-b429-26d8165a52d7",
    "claims":"CLAIMS"
}""")
CLAIMS = (
    r"""{"access_token":{"polids":{"essential":true,"values":["9ab03e19-ed42-4168-b6b7-7001fb3e933a"]}}}"""
)
LINES = [
    "Trace ID: b72a68c3-0926-4b8e-bc35-3150069c2800",
    "Correlation ID: 73d656cf-54b1-4eb2-b429-26d8165a52d7",
    "Timestamp: 2017-05-01 22:43:20Z",
]
POLICY = "9ab03e19-ed42-4168-b6b7-7001fb3e933a"
CLAIMS = '{"access_token":{"polids":{"essential":true,"values":["' + POLICY + '"]}}}'
AT = 1_493_678_600.0
# What we say besides: libraries go by the one, people by the other.
OURS = {"suberror", "error_uri"}


async def refused(tenant: Tenant) -> Refused:
    """What API A is refused with."""
    try:
        await token.token(posted(on_behalf(await token_a(tenant))), tenant)
    except Refused as found:
        return found
    raise AssertionError("it was granted")


async def test_the_example_of_an_error() -> None:
    """Every member of it, to the letter where it is not a sentence."""
    tenant = policed(await entra_tenant(), one=rule(second_factor=True, apis=only(B)))
    (policy,) = tenant.policies
    tenant = dataclasses.replace(tenant, policies=(replace(policy, id=POLICY),))
    found = await refused(tenant)
    assert found.reason is SECOND_FACTOR_ABSENT
    told = Told(
        trace=SAMPLE["trace_id"], correlation=SAMPLE["correlation_id"], at=AT, root="https://id.example.com"
    )
    body = wording.body(found, told)
    assert body.keys() == SAMPLE.keys() | OURS
    same = SAMPLE.keys() - {"error_description", "claims"}
    assert body["claims"] == CLAIMS
    assert {name: body[name] for name in same} == {name: SAMPLE[name] for name in same}
    first, *rest = str(body["error_description"]).split("\r\n")
    assert first.startswith("AADSTS50079: ")
    assert rest == LINES
    assert says(found, ask()).status == 400
