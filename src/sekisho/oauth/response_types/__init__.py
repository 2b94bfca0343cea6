"""What an authorization response carries: one file for each word of `response_type`, one table."""

from collections.abc import Callable, Mapping

from sekisho.oauth.needs import Given, Giving
from sekisho.oauth.response_types import admin_consent, code, id_token, refresh_token, token
from sekisho.spec.authorization import ADMIN_CONSENT
from sekisho.tenant import Tenant

Gives = Callable[[Giving, Given, Tenant], Given]

# In this order: an ID token says which code and which access token it came with. What else than the words of
# `response_type` an answer carries, Giving.words says.
RESPONSE_TYPES: Mapping[str, Gives] = {
    "code": code.give,
    "token": token.give,
    "id_token": id_token.give,
    "refresh_token": refresh_token.give,
    ADMIN_CONSENT: admin_consent.give,
}
