"""What the sample applications in Entra's words are: a page, the API behind it, and what that one calls."""

from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.parts import (
    AccessPart,
    ApiPart,
    PermissionScopePart,
    RedirectPart,
    RequiredPart,
)

# Always the same, so that what is written down about them can be copied.
GRAPH = "00000003-0000-0000-c000-000000000000"
SHOP = "a65c583a-5be3-4df3-92ef-0beae285299b"
SHOP_API = "535fb089-9ff3-47b6-9bfb-4f1264799865"
ORDERS_API = "e4f189be-3a8d-4351-86d6-39b3c8c55eb6"
USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
ACCESS = "aeada087-4e57-4fc0-8de0-71866c497ffc"
ORDERS_READ = "f7f9f78b-7d3f-4662-b796-2b994d4ed833"
# A port of localhost is of no matter: wherever the page of examples/on_behalf_of is served here.
PAGES = tuple(
    f"{scheme}://localhost/on_behalf_of/{page}"
    for scheme in ("https", "http")
    for page in ("redirect.html", "")
)
ANY_TENANT = "AzureADMultipleOrgs"


def graph() -> EntraApplicationFields:
    """What Microsoft's documents call by this address; here it says who somebody is, and no more."""
    return EntraApplicationFields(
        app_id=GRAPH,
        display_name="Microsoft Graph (sample)",
        sign_in_audience=ANY_TENANT,
        identifier_uris=("https://graph.microsoft.com",),
        api=ApiPart(
            requested_access_token_version=1,
            oauth2_permission_scopes=(
                PermissionScopePart(
                    id=USER_READ,
                    value="User.Read",
                    user_consent_display_name="See who you are",
                    user_consent_description="Your name, your e-mail address and your language",
                    admin_consent_display_name="See who people are",
                    admin_consent_description="Name, e-mail address and language of whoever signs in",
                ),
            ),
        ),
    )


def orders_api() -> EntraApplicationFields:
    """The API at the end of the chain."""
    return EntraApplicationFields(
        app_id=ORDERS_API,
        display_name="Orders API",
        sign_in_audience=ANY_TENANT,
        identifier_uris=(f"api://{ORDERS_API}",),
        api=ApiPart(
            requested_access_token_version=2,
            oauth2_permission_scopes=(
                PermissionScopePart(
                    id=ORDERS_READ,
                    value="Orders.Read",
                    user_consent_display_name="See your orders",
                    user_consent_description="What you ordered, and when it comes",
                    admin_consent_display_name="See orders of people",
                    admin_consent_description="What whoever signs in ordered, and when it comes",
                ),
            ),
        ),
    )


def shop_api() -> EntraApplicationFields:
    """The API in the middle. Because it knows the page, people are asked once for both."""
    return EntraApplicationFields(
        app_id=SHOP_API,
        display_name="Shop API",
        sign_in_audience=ANY_TENANT,
        identifier_uris=(f"api://{SHOP_API}",),
        api=ApiPart(
            requested_access_token_version=2,
            known_client_applications=(SHOP,),
            oauth2_permission_scopes=(
                PermissionScopePart(
                    id=ACCESS,
                    value="access_as_user",
                    user_consent_display_name="Use the shop in your name",
                    user_consent_description="Whatever you may do in the shop",
                    admin_consent_display_name="Use the shop in the name of people",
                    admin_consent_description="Whatever whoever signs in may do in the shop",
                ),
            ),
        ),
        required_resource_access=(_needs(ORDERS_API, ORDERS_READ), _needs(GRAPH, USER_READ)),
    )


def page() -> EntraApplicationFields:
    """The single-page application."""
    return EntraApplicationFields(
        app_id=SHOP,
        display_name="Shop",
        sign_in_audience=ANY_TENANT,
        spa=RedirectPart(redirect_uris=PAGES),
        required_resource_access=(_needs(SHOP_API, ACCESS),),
    )


def _needs(resource: str, scope: str) -> RequiredPart:
    return RequiredPart(resource_app_id=resource, resource_access=(AccessPart(id=scope, type="Scope"),))
