"""A process that has not heard of the newest keys yet."""

import json

from joserfc.jwk import KeySet
from joserfc.jwt import decode
from msgspec.structs import replace

from sekisho.keys.ring import Keys
from sekisho.model.api import Api
from sekisho.model.step import Save
from sekisho.oauth.token import token
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, asking, machine_tenant, signing_keys


async def test_signs_with_keys_that_another_process_made_a_moment_ago():
    """Who knows the API and not yet its keys reads them, and signs: no request fails for that second."""
    tenant = await machine_tenant()
    there = await tenant.store.named(Api, tenant.id, AUDIENCE)
    assert there is not None
    assert await tenant.change(Save(replace(there, signing_alg="ES256"))) is None
    old = Keys.of(signing_keys(tenant.id, "demo")[:1], tenant.tools.sealer)
    assert old.algs("tokens") == ("RS256",)
    answer = await token(asking(), Tenant(tenant.record, tenant.addresses, old, tenant.tools))
    assert isinstance(answer.json, dict)
    published = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    assert decode(answer.json["access_token"], published, algorithms=["ES256"]).header["alg"] == "ES256"
