"""Token configuration and authentication of an application: claims, encryption, where it is answered."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sekisho.keys import certificate
from sekisho.model.client import OptionalClaim, ReplyUrl
from sekisho.pages.dashboard.fields import Kinds
from sekisho.pages.dashboard.rooms.entra_applications import replies, tokens
from tests.dashboard.desk import another, at_desk
from tests.dashboard.entra import SCOPES, at, leads, made, stands
from tests.dashboard.forms import Typed, form_of, sends
from tests.tenants import NOW

TOKENS, REPLIES = "token-configuration", "authentication"
CLAIMS = {
    "idToken": [
        {"name": "idtyp", "additionalProperties": ["include_user_token"]},
        {"name": "of_elsewhere", "essential": True},
        {"name": "email"},
    ],
    "accessToken": [{"name": "upn"}],
}
GATE = "web.implicitGrantSettings.enableIdTokenIssuance"
OPEN = "web.implicitGrantSettings.enableAccessTokenIssuance"


async def test_what_is_not_changed_changes_nothing() -> None:
    """Sent as they stand, the forms leave the application as it was."""
    desk = await at_desk()
    application = await made(
        desk,
        optionalClaims=CLAIMS,
        groupMembershipClaims="All",
        web={
            "redirectUris": ["https://a.example/cb"],
            "implicitGrantSettings": {"enableIdTokenIssuance": True},
        },
        publicClient={"redirectUris": ["com.example:/cb"]},
        api={"oauth2PermissionScopes": SCOPES},
    )
    before = await stands(desk, application)
    for page, kinds in ((TOKENS, tokens.KINDS), (REPLIES, replies.KINDS)):
        answer = await sends(desk, at(application, page), kinds, {})
        assert leads(answer, f"{at(application, page)}?done=saved")
        assert await stands(desk, application) == before


async def test_claims_are_chosen() -> None:
    """Those of ID tokens are the client's, those of access tokens the API's; what stays is kept whole."""
    desk = await at_desk("Editor")
    application = await made(desk, optionalClaims=CLAIMS)
    page = at(application, TOKENS)
    typed: Typed = {
        "optionalClaims.idToken": ["idtyp", "sid"],
        "optionalClaims.accessToken": ["email"],
        "groupMembershipClaims": "SecurityGroup",
    }
    assert (await sends(desk, page, tokens.KINDS, typed)).status == 303
    found = await stands(desk, application)
    assert found.client.id_token_claims == (
        OptionalClaim(name="idtyp", properties=("include_user_token",)),
        OptionalClaim(name="sid"),
    )
    assert found.client.groups_claim == "SecurityGroup"
    assert found.api
    assert found.api.access_token_claims == (OptionalClaim(name="email"),)
    assert (await sends(desk, page, tokens.KINDS, {"groupMembershipClaims": "None"})).status == 303
    assert (await stands(desk, application)).client.groups_claim == ""


async def test_tokens_are_encrypted_to_a_certificate() -> None:
    """One that was added for that; and to none any more."""
    desk = await at_desk()
    application = await made(desk, api={"oauth2PermissionScopes": SCOPES})
    der = certificate.issue(rsa.generate_private_key(65_537, 2_048), "stock", NOW)
    pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
    await desk.fills(at(application, "credentials/add"), pem=pem, name="Sealed", usage="Encrypt")
    (credential,) = (await stands(desk, application)).client.credentials
    page = at(application, TOKENS)
    assert "Sealed" in await desk.text(page)
    assert (await sends(desk, page, tokens.KINDS, {"tokenEncryptionKeyId": credential.id})).status == 303
    api = (await stands(desk, application)).api
    assert api
    assert api.encryption
    assert api.encryption.der == der
    assert form_of(await desk.get(page)).text("tokenEncryptionKeyId") == credential.id
    assert (await sends(desk, page, tokens.KINDS, {"tokenEncryptionKeyId": ""})).status == 303
    assert (api := (await stands(desk, application)).api)
    assert api.encryption is None


@pytest.mark.parametrize(
    ("page", "kinds", "typed", "field"),
    [
        (TOKENS, tokens.KINDS, {"groupMembershipClaims": "Some"}, "groupMembershipClaims"),
        (TOKENS, tokens.KINDS, {"tokenEncryptionKeyId": "x"}, "tokenEncryptionKeyId"),
        (
            TOKENS,
            tokens.KINDS,
            {"tokenEncryptionKeyId": "a0000000-0000-4000-8000-00000000ffff"},
            "tokenEncryptionKeyId",
        ),
        (TOKENS, tokens.KINDS, {"optionalClaims.idToken": ["sid", "sid"]}, "optionalClaims.idToken"),
        (TOKENS, tokens.KINDS, {"optionalClaims.idToken": ["x" * 257]}, ""),
        (REPLIES, replies.KINDS, {"web.redirectUris": "http://a.example/cb"}, "web.redirectUris"),
        (REPLIES, replies.KINDS, {"web.redirectUris": "https://a.example/*"}, "web.redirectUris"),
        (REPLIES, replies.KINDS, {"spa.redirectUris": "com.example:/cb"}, "spa.redirectUris"),
        (REPLIES, replies.KINDS, {"publicClient.redirectUris": "javascript:x"}, "publicClient.redirectUris"),
        (
            REPLIES,
            replies.KINDS,
            {"web.redirectUris": "https://a.example/cb", "spa.redirectUris": "https://a.example/cb"},
            "web.redirectUris",
        ),
        (REPLIES, replies.KINDS, {"web.logoutUrl": "a.example"}, "web.logoutUrl"),
        (REPLIES, replies.KINDS, {"signInAudience": "PersonalMicrosoftAccount"}, ""),
        (REPLIES, replies.KINDS, {"signInAudience": "Anybody"}, "signInAudience"),
    ],
)
async def test_what_is_refused_is_told_at_its_field(
    page: str, kinds: Kinds, typed: Typed, field: str
) -> None:
    """Nothing is saved."""
    desk = await at_desk()
    application = await made(desk)
    before = await stands(desk, application)
    answer = await sends(desk, at(application, page), kinds, typed)
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert await stands(desk, application) == before


async def test_reply_urls_have_a_type() -> None:
    """Each type in its order; what was changed to another type is of that one."""
    desk = await at_desk("Editor")
    application = await made(desk, web={"redirectUris": ["https://a.example/cb", "https://b.example/cb"]})
    typed = {
        "web.redirectUris": "https://b.example/cb",
        "spa.redirectUris": "https://a.example/cb\r\nhttp://localhost:3000/cb",
        "publicClient.redirectUris": "com.example:/cb",
        "web.logoutUrl": "https://a.example/out",
        GATE: "on",
        "signInAudience": "AzureADMultipleOrgs",
        "isFallbackPublicClient": "on",
    }
    assert (await sends(desk, at(application, REPLIES), replies.KINDS, typed)).status == 303
    client = (await stands(desk, application)).client
    assert client.reply_urls == (
        ReplyUrl("https://b.example/cb"),
        ReplyUrl("https://a.example/cb", "spa"),
        ReplyUrl("http://localhost:3000/cb", "spa"),
        ReplyUrl("com.example:/cb", "public"),
    )
    assert (client.front_logout_uri, client.sign_in_audience) == (
        "https://a.example/out",
        "AzureADMultipleOrgs",
    )
    assert (client.is_fallback_public, client.front_channel) == (True, ("id_token",))
    assert "implicit" in client.grant_types
    text = await desk.text(at(application, "settings"))
    for part in ("Web: 1", "Single-page: 2", "Mobile and desktop: 1", at(application, REPLIES)):
        assert part in text
    page = at(application, REPLIES)
    assert (await sends(desk, page, replies.KINDS, {GATE: None, OPEN: "on"})).status == 303
    assert (await stands(desk, application)).client.front_channel == ("token",)
    assert (await sends(desk, page, replies.KINDS, {OPEN: None})).status == 303
    assert "implicit" not in (await stands(desk, application)).client.grant_types


async def test_who_may_only_look_is_offered_nothing() -> None:
    """A viewer sees both pages, and no way to change them."""
    desk = await at_desk()
    application = await made(desk)
    viewer = await another(desk.tenant, "Viewer")
    for page in (TOKENS, REPLIES):
        assert 'id="save"' not in await viewer.text(at(application, page))
        assert 'id="save"' in await desk.text(at(application, page))
