"""What the documents leave open, decided per tenant."""

from collections.abc import Collection
from typing import Literal

import msgspec


class AdobePass(msgspec.Struct, frozen=True, kw_only=True):
    """How installations of registered applications are treated.

    A device may ask `rate` times a second; `burst` more at once, after a pause again or only `once`.
    """

    reading: Literal["lenient", "strict"] = msgspec.field(name="device_info", default="lenient")
    rate: float = 1
    burst: int = 10
    allowance: Literal["refilled", "once"] = "refilled"
    # Registrations for each application, whose statement is in everybody's hands.
    registration_rate: float = 50
    registration_burst: int = 500


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A portal's own pages, at paths that no endpoint has: files of a folder, or what another server says.

    `folder` is below the one that the process names; `upstream` is an origin. One of both, or neither.
    """

    folder: str = ""
    upstream: str = ""


# Auth0's name for the password grant that says which connection the person is of.
PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm"
# The grant for codes that go to people by mail.
PASSWORDLESS = "http://auth0.com/oauth/grant-type/passwordless/otp"
# What an application shows instead of asking a person again: a token (RFC 8693), an assertion (RFC 7523),
# one in SAML (RFC 7522).
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SAML2_BEARER = "urn:ietf:params:oauth:grant-type:saml2-bearer"
EXCHANGES = (TOKEN_EXCHANGE, JWT_BEARER, SAML2_BEARER)
# By these an application is handed people's passwords.
PASSWORD_GRANTS = ("password", PASSWORD_REALM)

# The grants that finish what a person began at an application, where a second factor was missing.
MFA_OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
MFA_RECOVERY = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
MFA_GRANTS = (MFA_OTP, MFA_RECOVERY)
ASKED_BY = frozenset((*PASSWORD_GRANTS, PASSWORDLESS))


def allows(grant_types: Collection[str], wanted: str) -> bool:
    """The grant is among these; one for a second factor goes with those that ask for it."""
    return wanted in grant_types or (wanted in MFA_GRANTS and not ASKED_BY.isdisjoint(grant_types))


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's choices; every default is the safe one."""

    grant_types: tuple[str, ...] = ("authorization_code", "client_credentials", "refresh_token", *EXCHANGES)
    access_token_lifetime: int = 86_400
    # A code is redeemed within this time; a pushed request is first shown within its own.
    code_lifetime: int = 60
    pushed_lifetime: int = 30
    flow_lifetime: int = 3_600
    pushing_allowed: bool = True
    pushing_required: bool = False
    # Sessions of people: for how long at most, and for how long without being seen.
    session_lifetime: int = 7 * 86_400
    session_idle_lifetime: int = 3 * 86_400
    refresh_lifetime: int = 30 * 86_400
    refresh_idle_lifetime: int = 15 * 86_400
    refresh_leeway: int = 10
    refresh_most: int = 200
    # Through how many applications a token of a person may pass, one acting for the other.
    exchange_depth: int = 5
    # What hashing a password costs (Argon2id), and how many characters it has at least.
    password_memory_kib: int = 19_456
    password_passes: int = 2
    password_shortest: int = 8
    # Wrong passwords for one account and from one address: so many at once, then one in so many seconds.
    # An account always has a limit; 0 switches that of addresses off.
    sign_in_account_burst: int = 10
    sign_in_account_seconds: float = 300
    sign_in_address_burst: int = 100
    sign_in_address_seconds: float = 30
    # Whether people may agree for themselves to what applications ask in Entra's words.
    user_consent_allowed: bool = True
    # Whether people are asked for a second factor: never, when they or something require it, always.
    second_factor: Literal["never", "when_required", "always"] = "when_required"
    # Whether people may make accounts for themselves, with addresses that nobody checked.
    sign_up_allowed: bool = False
    # Whether who signs up through an application is told that an address is taken.
    taken_told: bool = False
    # Endpoints of Auth0's older pipeline, for clients that stayed with it.
    legacy_tokeninfo: bool = False
    legacy_ro: bool = False
    # Where people may be sent after signing out by an application that does not say its name.
    allowed_logout_urls: tuple[str, ...] = ()
    default_audience: str = ""
    friendly_name: str = ""
    picture_url: str = ""
    support_email: str = ""
    support_url: str = ""
    languages: tuple[str, ...] = ("en", "ja")
    # How long an event of the audit is kept; 0 keeps it for ever.
    audit_days: int = 30
    # Calls of the management API for each token: so many a second, so many at once.
    management_rate: float = 100
    management_burst: int = 1_000
    # Requests to each of token, introspection and revocation endpoint, for each client that is claimed and
    # for each address: so many a second, so many at once; 0 switches a limit off.
    token_client_rate: float = 50
    token_client_burst: int = 500
    token_address_rate: float = 50
    token_address_burst: int = 500
    adobe_pass: AdobePass = AdobePass()
    site: Site = Site()

    @property
    def applications_may_take_passwords(self) -> bool:
        """Applications may ask people for their passwords and show them here."""
        return "password" in self.grant_types

    @property
    def token_exchange_allowed(self) -> bool:
        """Applications may show tokens and assertions for tokens."""
        return set(EXCHANGES) <= set(self.grant_types)

    @property
    def passwordless_allowed(self) -> bool:
        """People may sign in with a code or a link that they are sent."""
        return PASSWORDLESS in self.grant_types
