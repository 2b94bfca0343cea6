"""What a browser is shown of the dashboard: a name, an address; and the way in."""

import re
from collections.abc import Mapping

from playwright.sync_api import Page

from tests.pages.entra_site import BASKET, CHECK, FEDERATED, OLD, READ, SECRET, STOCK
from tests.pages.site import CHANGED, REFUSED, REFUSED_BY_RULE, RETIRED
from tests.pages.stories import fill

_API = f"/apis/{'a' * 24}"
_RELEASE = "/registered-applications/77777777-7777-4777-8777-777777777777"
_ROLE = f"/users/roles/rol_{'a' * 16}"
_STATEMENT = "99999999-9999-4999-8999-999999999999"
_RULE = f"/claim-rules/clr_{'a' * 16}"
_POLICY = "/policies/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaa1"
_BASKET = f"/applications/{BASKET}"
_DRAFT = "/registered-applications/88888888-8888-4888-8888-888888888888"

ROOMS: Mapping[str, str] = {
    "overview": "",
    "overview-30d": "?period=30d",
    "activity": "/activity",
    "activity-refusals": "/activity?what=refusals&client=long&period=30d",
    "activity-none": "/activity?q=nothing-of-the-kind",
    "activity-refusal": f"/activity/{REFUSED}",
    "activity-refusal-by-rule": f"/activity/{REFUSED_BY_RULE}",
    "activity-change": f"/activity/{CHANGED}",
    "applications": "/applications",
    "applications-none": "/applications?q=nothing+like+this",
    "application-new": "/applications/new",
    "application-settings": "/applications/orders/settings",
    "application-ours": "/applications/sekisho-dashboard/settings",
    "application-long": "/applications/long/settings",
    "application-credentials": "/applications/orders/credentials",
    "application-key": "/applications/orders/credentials/add",
    "application-rotate": "/applications/orders/rotate-secret",
    "application-apis": "/applications/orders/apis",
    "application-api-new": "/applications/orders/apis/add",
    "application-api": f"/applications/orders/apis/add?api={'a' * 24}",
    "application-api-change": "/applications/orders/apis/cgr_0",
    "application-api-delete": "/applications/orders/apis/cgr_0/delete",
    "application-delete": "/applications/orders/delete",
    "application-mixed": f"{_BASKET}/credentials",
    "application-secret-new": f"{_BASKET}/credentials/new-secret",
    "application-secret-remove": f"{_BASKET}/credentials/secrets/{SECRET}/remove",
    "application-federated-new": f"{_BASKET}/credentials/new-federated",
    "application-federated-remove": f"{_BASKET}/credentials/federated/{FEDERATED}/remove",
    "application-authentication": f"{_BASKET}/authentication",
    "application-expose": f"{_BASKET}/expose",
    "application-expose-none": "/applications/orders/expose",
    "application-scope": f"{_BASKET}/expose/scopes/{READ}",
    "application-scope-new": f"{_BASKET}/expose/scopes/add",
    "application-scope-remove": f"{_BASKET}/expose/scopes/{OLD}/remove",
    "application-role": f"{_BASKET}/expose/roles/{CHECK}",
    "application-role-new": f"{_BASKET}/expose/roles/add",
    "application-authorized": f"{_BASKET}/expose/authorized/{STOCK}",
    "application-authorized-new": f"{_BASKET}/expose/authorized/add",
    "application-permissions": f"{_BASKET}/permissions",
    "application-permissions-none": "/applications/orders/permissions",
    "application-permission-new": f"{_BASKET}/permissions/add",
    "application-permission": f"{_BASKET}/permissions/add?api={'d' * 24}",
    "application-consent": f"{_BASKET}/permissions/consent",
    "application-revoke": f"{_BASKET}/permissions/{STOCK}/revoke",
    "application-people": f"{_BASKET}/permissions/people",
    "application-tokens": f"{_BASKET}/token-configuration",
    "application-saml": f"{_BASKET}/saml",
    "application-saml-rotate": f"{_BASKET}/saml/rotate",
    "application-saml-remove": f"{_BASKET}/saml/remove",
    "apis": "/apis",
    "api-of-application": f"/apis/{'c' * 24}/settings",
    "api-new": "/apis/new",
    "api-settings": f"{_API}/settings",
    "api-permissions": f"{_API}/permissions",
    "api-permission": f"{_API}/permissions/1",
    "api-permission-remove": f"{_API}/permissions/1/remove",
    "api-machines": f"{_API}/machines",
    "api-machine": f"{_API}/machines/cgr_1",
    "api-machine-new": f"{_API}/new-machine",
    "api-machine-remove": f"{_API}/machines/cgr_1/remove",
    "api-delete": f"{_API}/delete",
    "registered-applications": "/registered-applications",
    "registered-new": "/registered-applications/new",
    "registered-settings": _RELEASE,
    "registered-statements": f"{_RELEASE}/statements",
    "registered-download": f"{_RELEASE}/statements/download",
    "registered-installations": f"{_RELEASE}/installations",
    "registered-prune": f"{_RELEASE}/installations/prune",
    "registered-statement-revoke": f"{_RELEASE}/statements/{_STATEMENT}/revoke",
    "registered-installation-delete": f"{_RELEASE}/installations/installation/delete",
    "registered-revoke": f"{_RELEASE}/revoke",
    "registered-draft": _DRAFT,
    "registered-publish": f"{_DRAFT}/publish",
    "search": "/search?q=demo",
    "search-settings": "/search?q=token",
    "search-none": "/search?q=nothing+like+this+1",
    "search-nothing": "/search",
    "settings-general": "/settings/general",
    "settings-languages": "/settings/languages",
    "settings-advanced": "/settings/advanced",
    "members": "/settings/members",
    "signing-keys": "/signing-keys",
    "signing-key-rotate": "/signing-keys/rotate/ES256",
    "signing-key-revoke": f"/signing-keys/revoke/{RETIRED.id}",
    "site-settings": "/site-settings",
    "site-settings-client": "/site-settings/clients/demo-portal",
    "site-settings-client-new": "/site-settings/new-client",
    "site-settings-client-remove": "/site-settings/clients/demo-portal/remove",
    "site-settings-names": "/site-settings/names",
    "site-settings-name-new": "/site-settings/new-name",
    "site-settings-certificates": "/site-settings/certificates",
    "site-settings-upload": "/site-settings/certificates/upload",
    "users": "/users",
    "users-none": "/users?q=nobody",
    "user-new": "/users/new",
    "user": "/users/auth0%7C4",
    "user-rights": "/users/auth0%7C4/rights",
    "user-sessions": "/users/auth0%7C1/sessions",
    "user-applications": "/users/auth0%7C1/applications",
    "user-password": "/users/auth0%7C4/password",
    "user-block": "/users/auth0%7C4/block",
    "user-second-factor": "/users/auth0%7C4/second-factor",
    "user-delete": "/users/auth0%7C4/delete",
    "policies": "/policies",
    "policies-simulated": (
        "/policies?user=auth0%7C4&application=orders&address=198.51.100.7&how=password&minutes=9&contexts=c1"
    ),
    "policy-new": "/policies/new",
    "policy": _POLICY,
    "policy-delete": f"{_POLICY}/delete",
    "claim-rules": "/claim-rules",
    "claim-rule-new": "/claim-rules/new",
    "claim-rule": _RULE,
    "claim-rule-tried": f"{_RULE}/try?user=auth0%7C4&application=orders",
    "claim-rule-failed": f"/claim-rules/clr_{'b' * 16}/try?application=orders",
    "claim-rule-delete": f"{_RULE}/delete",
    "roles": "/users/roles",
    "role": _ROLE,
    "role-delete": f"{_ROLE}/delete",
    "role-long": f"/users/roles/rol_{'b' * 16}",
    "role-new": "/users/roles/new",
}


def enter(page: Page, origin: str, path: str = "", username: str = "") -> None:
    """In through the front door, to an address below /dashboard."""
    page.goto(f"{origin}/dashboard{path}")
    if page.locator("#sign-in").count():
        is_japanese = page.evaluate("document.documentElement.lang") == "ja"
        fill(page, username or f"owner@example.{'jp' if is_japanese else 'com'}")
    page.wait_for_url(re.compile(re.escape(f"{origin}/dashboard{path}")))
