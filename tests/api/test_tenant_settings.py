"""/api/v2/tenants/settings."""

import pytest

from sekisho.model.step import Erase
from sekisho.registry import tenants

LINE = "/tenants/settings"
LIMITS = {
    "management_rate",
    "management_burst",
    "token_client_rate",
    "token_client_burst",
    "token_address_rate",
    "token_address_burst",
}
DEVICES = {
    "device_info": "lenient",
    "rate": 1,
    "burst": 10,
    "allowance": "refilled",
    "registration_rate": 50,
    "registration_burst": 500,
}
PEOPLE = {
    "pushed_authorization_requests_supported": True,
    "session_lifetime": 168,
    "idle_session_lifetime": 72,
    "refresh_lifetime": 30 * 86_400,
    "refresh_idle_lifetime": 15 * 86_400,
    "refresh_leeway": 10,
    "password_shortest": 8,
    "sign_in_account_burst": 10,
    "sign_in_account_seconds": 300,
    "sign_in_address_burst": 100,
    "sign_in_address_seconds": 30,
    "sign_up_allowed": False,
    "user_consent_allowed": True,
    "applications_may_take_passwords": False,
    "passwordless_allowed": False,
    "token_exchange_allowed": True,
    "exchange_depth": 5,
    "second_factor": "when_required",
    "allowed_logout_urls": [],
}
ALWAYS = {"enabled_locales", "flags", "audit_days", "adobe_pass", "site", *LIMITS, *PEOPLE}


async def test_settings_begin_with_their_defaults(desk):
    """Unset settings are left out; flags and languages are always there."""
    answer = await desk.ask(f"GET {LINE}")
    assert answer.json.keys() == ALWAYS
    assert answer.json["enabled_locales"] == ["en", "ja"]
    assert not any(answer.json["flags"].values())
    assert {name: answer.json[name] for name in PEOPLE} == PEOPLE


async def test_settings_change_and_unset(desk):
    """A change answers all settings; null brings the default back."""
    body = {
        "friendly_name": "Acme",
        "picture_url": "https://acme.example/logo.png",
        "support_email": "help@acme.example",
        "support_url": "https://acme.example/help",
        "default_audience": "https://api.example.com",
        "enabled_locales": ["ja"],
        "management_rate": 12.5,
        "management_burst": 99,
        "token_client_rate": 0,
        "token_client_burst": 0,
        "token_address_rate": 7.5,
        "token_address_burst": 70,
        "audit_days": 90,
        "pushed_authorization_requests_supported": False,
        "session_lifetime": 24,
        "idle_session_lifetime": 0.5,
        "refresh_lifetime": 86_400,
        "refresh_idle_lifetime": 3_600,
        "refresh_leeway": 0,
        "password_shortest": 12,
        "sign_in_account_burst": 5,
        "sign_in_account_seconds": 600,
        "sign_in_address_burst": 0,
        "sign_in_address_seconds": 60,
        "sign_up_allowed": True,
        "user_consent_allowed": False,
        "applications_may_take_passwords": True,
        "passwordless_allowed": True,
        "token_exchange_allowed": False,
        "exchange_depth": 1,
        "second_factor": "always",
        "allowed_logout_urls": ["https://acme.example/bye", "com.acme.app:/bye"],
    }
    changed = await desk.made(f"PATCH {LINE}", body)
    assert {name: changed[name] for name in body} == body
    assert (await desk.ask(f"GET {LINE}")).json == changed
    assert (await desk.ask(f"GET {LINE}?fields=friendly_name")).json == {"friendly_name": "Acme"}
    unset = await desk.made(f"PATCH {LINE}", dict.fromkeys(body))
    assert unset.keys() == ALWAYS
    assert (await desk.made(f"PATCH {LINE}", {"friendly_name": None})) == unset
    assert (await tenants.current(desk.tenant)).version == 3


async def test_what_holds_for_devices_changes_member_by_member(desk):
    """What is not said about devices stays; null brings one default back, or all of them."""
    assert (await desk.ask(f"GET {LINE}")).json["adobe_pass"] == DEVICES
    told = {"device_info": "strict", "rate": 0.5, "burst": 0, "allowance": "once", "registration_rate": 0}
    for name, value in told.items():
        await desk.made(f"PATCH {LINE}", {"adobe_pass": {name: value}})
    changed = await desk.made(f"PATCH {LINE}", {"adobe_pass": {"registration_burst": 7}})
    assert changed["adobe_pass"] == {**told, "registration_burst": 7}
    some = await desk.made(f"PATCH {LINE}", {"adobe_pass": {"rate": None, "device_info": None}})
    assert some["adobe_pass"] == {**changed["adobe_pass"], "rate": 1, "device_info": "lenient"}
    assert (await desk.made(f"PATCH {LINE}", {"adobe_pass": {}}))["adobe_pass"] == some["adobe_pass"]
    assert (await desk.made(f"PATCH {LINE}", {"adobe_pass": None}))["adobe_pass"] == DEVICES


async def test_pages_of_a_portal_are_in_a_folder_or_elsewhere(desk, tmp_path):
    """One of both, said member by member; null takes one back, or both."""
    (tmp_path / "portal" / "v1").mkdir(parents=True)
    object.__setattr__(desk.tenant.tools, "sites", str(tmp_path))
    nothing, folder = {"folder": "", "upstream": ""}, {"folder": "portal/v1", "upstream": ""}
    assert (await desk.ask(f"GET {LINE}")).json["site"] == nothing
    assert (await desk.made(f"PATCH {LINE}", {"site": {"folder": "portal/v1"}}))["site"] == folder
    assert (await desk.made(f"PATCH {LINE}", {"friendly_name": "x"}))["site"] == folder
    both = await desk.ask(f"PATCH {LINE}", {"site": {"upstream": "https://pages.example"}})
    assert (both.status, both.json["errorCode"]) == (400, "invalid_body")
    assert "not both" in both.json["message"]
    other = {"folder": None, "upstream": "https://pages.example:8443"}
    changed = await desk.made(f"PATCH {LINE}", {"site": other})
    assert changed["site"] == {"folder": "", "upstream": "https://pages.example:8443"}
    assert (await desk.made(f"PATCH {LINE}", {"site": {}}))["site"] == changed["site"]
    assert (await desk.made(f"PATCH {LINE}", {"site": None}))["site"] == nothing


@pytest.mark.parametrize(
    ("site", "problem"),
    [
        ({"folder": "absent"}, "There is no such folder"),
        ({"folder": "out"}, "There is no such folder"),
        ({"folder": "file"}, "There is no such folder"),
        ({"folder": "/etc"}, "Has to be a relative path"),
        ({"folder": "../x"}, "Has to be a relative path"),
        ({"folder": "portal/../portal"}, "Has to be a relative path"),
        ({"folder": "portal/"}, "Has to be a relative path"),
        ({"folder": "."}, "Has to be a relative path"),
        ({"folder": ".git"}, "Has to be a relative path"),
        ({"folder": "a\\b"}, "Has to be a relative path"),
        ({"folder": "portal\n"}, "Has to be a relative path"),
        ({"folder": "a" * 201}, "length <= 200"),
        ({"upstream": "http://pages.example"}, "scheme has to be https"),
        ({"upstream": "https://10.0.0.1"}, "host has to be a public name"),
        ({"upstream": "https://localhost"}, "host has to be a public name"),
        ({"upstream": "https://pages.example:25"}, "port has to be 443"),
        ({"upstream": "https://pages.example/"}, "and nothing else"),
        ({"upstream": "https://pages.example:443"}, "and nothing else"),
        ({"upstream": "HTTPS://Pages.example"}, "and nothing else"),
        ({"upstream": "https://pages.example?x"}, "and nothing else"),
        ({"upstream": "https://x@pages.example"}, "names a user"),
        ({"upstream": "pages.example"}, "malformed"),
        ({"upstream": "https://id.example.com"}, "address of this server itself"),
        ({"folder": 1}, "Expected `str"),
        ({"root": "x"}, "unknown field"),
        ([], "Expected `object"),
    ],
)
async def test_pages_are_said_to_be_where_they_can_be_shown(desk, tmp_path, site, problem):
    """What could not be shown, or should not be reached, is refused in words that say why."""
    (tmp_path / "sites" / "portal").mkdir(parents=True)
    (tmp_path / "sites" / "file").write_text("x")
    (tmp_path / "sites" / "out").symlink_to(tmp_path)
    object.__setattr__(desk.tenant.tools, "sites", str(tmp_path / "sites"))
    answer = await desk.ask(f"PATCH {LINE}", {"site": site})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert problem.replace("`", "") in answer.json["message"]


async def test_a_server_without_a_folder_for_sites_says_so(desk):
    """Which setting is missing is said: whoever runs the server can do something about it."""
    answer = await desk.ask(f"PATCH {LINE}", {"site": {"folder": "portal"}})
    assert answer.status == 400
    assert "its setting sites_folder is empty" in answer.json["message"]


async def test_sessions_live_as_long_as_is_said(desk):
    """Hours or minutes are what the server keeps to, in seconds; nobody says both."""
    for body, seconds in (
        ({"session_lifetime": 1.5}, 5_400),
        ({"session_lifetime_in_minutes": 20}, 1_200),
        ({"session_lifetime_in_minutes": None}, 7 * 86_400),
    ):
        told = await desk.made(f"PATCH {LINE}", body)
        assert (await tenants.current(desk.tenant)).policy.session_lifetime == seconds
        assert told["session_lifetime"] == seconds / 3_600
    await desk.made(f"PATCH {LINE}", {"idle_session_lifetime_in_minutes": 5})
    assert (await tenants.current(desk.tenant)).policy.session_idle_lifetime == 300
    both = {"idle_session_lifetime": 1, "idle_session_lifetime_in_minutes": 60}
    assert (await desk.ask(f"PATCH {LINE}", both)).json["errorCode"] == "invalid_body"


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        ("allow_legacy_ro_grant_types", "legacy_ro"),
        ("allow_legacy_tokeninfo_endpoint", "legacy_tokeninfo"),
        ("enable_public_signup_user_exists_error", "taken_told"),
        ("require_pushed_authorization_requests", "pushing_required"),
    ],
)
async def test_flags_that_do_something_are_switched(desk, flag, name):
    """Each by itself, the others stay; null takes one back, or all of them."""
    off = (await desk.ask(f"GET {LINE}")).json["flags"]
    assert off[flag] is False
    changed = await desk.made(f"PATCH {LINE}", {"flags": {flag: True}})
    assert changed["flags"] == {**off, flag: True}
    assert getattr((await tenants.current(desk.tenant)).policy, name) is True
    assert (await desk.made(f"PATCH {LINE}", {"flags": {flag: None}}))["flags"] == off
    await desk.made(f"PATCH {LINE}", {"flags": {flag: True}})
    assert (await desk.made(f"PATCH {LINE}", {"flags": None}))["flags"] == off


async def test_takes_flags_and_promises_at_their_defaults(desk):
    """What is not built yet may be said to be off."""
    body = {
        "flags": {"enable_dynamic_client_registration": False},
        "mtls": {"enable_endpoint_aliases": False},
    }
    assert (await desk.ask(f"PATCH {LINE}", body)).status == 200
    assert (await tenants.current(desk.tenant)).version == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"foo": 1}, "invalid_body"),
        ({"session_lifetime": 0}, "invalid_body"),
        ({"session_lifetime": 8_761}, "invalid_body"),
        ({"session_lifetime_in_minutes": 0.5}, "invalid_body"),
        ({"idle_session_lifetime": "long"}, "invalid_body"),
        ({"refresh_lifetime": 59}, "invalid_body"),
        ({"refresh_leeway": 61}, "invalid_body"),
        ({"password_shortest": 7}, "invalid_body"),
        ({"sign_in_account_burst": 0}, "invalid_body"),
        ({"sign_in_address_seconds": 0}, "invalid_body"),
        ({"sign_up_allowed": "yes"}, "invalid_body"),
        ({"user_consent_allowed": "yes"}, "invalid_body"),
        ({"applications_may_take_passwords": 1}, "invalid_body"),
        ({"allowed_logout_urls": "https://acme.example"}, "invalid_body"),
        ({"allowed_logout_urls": ["http://acme.example"]}, "invalid_body"),
        ({"allowed_logout_urls": ["https://acme.example/*", "https://acme.example/*"]}, "invalid_body"),
        ({"allowed_logout_urls": ["https://acme.example/#x"]}, "invalid_body"),
        ({"allowed_logout_urls": ["javascript:alert(1)"]}, "invalid_body"),
        ({"flags": {"allow_legacy_ro_grant_types": "yes"}}, "invalid_body"),
        ({"languages": ["en"]}, "invalid_body"),
        ({"enabled_locales": []}, "invalid_body"),
        ({"enabled_locales": ["de"]}, "invalid_body"),
        ({"enabled_locales": ["en", "en"]}, "invalid_body"),
        ({"support_email": "nobody"}, "invalid_body"),
        ({"support_url": "javascript:alert(1)"}, "invalid_body"),
        ({"picture_url": "http://acme.example/logo.png"}, "invalid_body"),
        ({"default_audience": "x" * 601}, "invalid_body"),
        ({"management_rate": 0}, "invalid_body"),
        ({"management_burst": 9}, "invalid_body"),
        ({"flags": {"enable_dynamic_client_registration": True}}, "operation_not_supported"),
        ({"flags": []}, "invalid_body"),
        ({"flags": {"nobody_knows_this": False}}, "invalid_body"),
        ({"flags": {"require_pushed_authorization_requests": "yes"}}, "invalid_body"),
        ({"adobe_pass": []}, "invalid_body"),
        ({"adobe_pass": {"foo": 1}}, "invalid_body"),
        ({"adobe_pass": {"rate": -1}}, "invalid_body"),
        ({"adobe_pass": {"burst": 0.5}}, "invalid_body"),
        ({"adobe_pass": {"device_info": "off"}}, "invalid_body"),
        ({"adobe_pass": {"allowance": "never"}}, "invalid_body"),
        ({"adobe_pass": {"registration_rate": "fast"}}, "invalid_body"),
        ({"pushed_authorization_requests_supported": "yes"}, "invalid_body"),
        ({"mtls": {"enable_endpoint_aliases": True}}, "operation_not_supported"),
    ],
)
async def test_refuses_settings_that_mean_nothing_or_lie(desk, body, code):
    """A setting is known, well-formed, and true."""
    answer = await desk.ask(f"PATCH {LINE}", body)
    assert (answer.status, answer.json["errorCode"]) == (400, code)


async def test_a_tenant_that_was_deleted_has_no_settings(desk):
    """A tenant that went away in the meantime is answered 404."""
    assert await desk.tenant.store.write(Erase(await tenants.current(desk.tenant))) is None
    answer = await desk.ask(f"GET {LINE}")
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_tenant")
    assert desk.refused.reason.slug == "tenant_absent"
