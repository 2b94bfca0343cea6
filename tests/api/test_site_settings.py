"""/api/v2/site-settings and /api/v2/certificates."""

from sekisho.model.tenant import SiteSetting
from tests.pfx import posted
from tests.tenants import NOW, ORIGIN

LIFETIME = "ImplicitGrantFlow%2FTokenExpirationTime"


async def test_a_setting_is_set_read_and_deleted(desk):
    """Its name is encoded in the address, and found in whatever case; a deleted one is absent."""
    assert (await desk.ask(f"GET /site-settings/{LIFETIME}")).status == 404
    made = await desk.made(f"PUT /site-settings/{LIFETIME}", {"value": "900"})
    assert made == {"name": "ImplicitGrantFlow/TokenExpirationTime", "value": "900"}
    changed = await desk.made(f"PUT /site-settings/{LIFETIME.upper()}", {"value": "60"})
    assert changed == {**made, "value": "60"}
    assert (await desk.ask("GET /site-settings")).json == [changed]
    assert (await desk.ask(f"GET /site-settings/{LIFETIME.lower()}?fields=value")).json == {"value": "60"}
    assert (await desk.ask(f"PUT /site-settings/{LIFETIME}", {"value": "1"}, if_match='"1"')).status == 412
    assert (await desk.ask(f"DELETE /site-settings/{LIFETIME}")).status == 204
    assert (await desk.ask(f"DELETE /site-settings/{LIFETIME}")).status == 204
    assert await desk.tenant.store.count(SiteSetting, desk.tenant.id, {}) == 0


async def test_an_address_of_somebody_else_is_refused(desk):
    """What answers with tokens are sent to is a page of the portal."""
    line = "PUT /site-settings/ImplicitGrantFlow%2Fabc%2FRedirectUri"
    answer = await desk.ask(line, {"value": f"{ORIGIN}/a;https://evil.example/"})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert (await desk.made(line, {"value": f"{ORIGIN}/a"}))["value"] == f"{ORIGIN}/a"


async def test_a_certificate_comes_and_goes(desk):
    """Its thumbprint is told and no more; one that signs stays until the setting is changed."""
    body = posted(NOW)
    made = await desk.made("POST /certificates", body)
    assert set(made) == {"thumbprint", "expires_at"}
    assert (await desk.ask("GET /certificates")).json == [made]
    assert body["pfx"][:40] not in str(made)
    name = "CustomCertificates%2FImplicitGrantflow"
    await desk.made(f"PUT /site-settings/{name}", {"value": made["thumbprint"].upper()})
    bound = await desk.ask(f"DELETE /certificates/{made['thumbprint']}")
    assert (bound.status, bound.json["errorCode"]) == (400, "operation_not_supported")
    assert (await desk.ask(f"DELETE /site-settings/{name}")).status == 204
    assert (await desk.ask(f"DELETE /certificates/{made['thumbprint'].upper()}")).status == 204
    assert (await desk.ask(f"DELETE /certificates/{made['thumbprint']}")).status == 404
    for wrong, code in (
        ({**body, "password": "x"}, "unusable_certificate"),
        ({**body, "pfx": "AAAA"}, "unusable_certificate"),
        ({**body, "pfx": "A"}, "invalid_body"),
        ({"pfx": "AAAA"}, "invalid_body"),
    ):
        answer = await desk.ask("POST /certificates", wrong)
        assert (answer.status, answer.json["errorCode"]) == (400, code)
