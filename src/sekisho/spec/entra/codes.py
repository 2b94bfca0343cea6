"""Entra's numbers for our refusals. They are for people who search for them; programs go by `error`."""

from collections.abc import Mapping
from typing import NamedTuple

from sekisho.spec import refusal as any_
from sekisho.spec.refusal import Reason
from sekisho.spec.refusals import authorization as flow
from sekisho.spec.refusals import conditional, exchange, people, protocol
from sekisho.spec.refusals import entra as own


class Code(NamedTuple):
    """A number; and the wire's error, status and further word where they are not those of the reason."""

    number: int
    error: str = ""
    status: int = 0
    suberror: str = ""


# fmt: off
_ROWS: tuple[tuple[Reason, Code], ...] = (
    # The request as such; statuses that HTTP itself gives stay what they are
    (any_.MISSING_PARAMETER, Code(900144)),
    (any_.REPEATED_PARAMETER, Code(9002313)),
    (any_.MALFORMED_REQUEST, Code(9002313)),
    (any_.UNSUPPORTED_BODY, Code(9002313)),
    (any_.REQUEST_TOO_LARGE, Code(9002313)),
    (any_.NOT_FOUND, Code(9002313, "invalid_request")),
    (any_.METHOD_NOT_ALLOWED, Code(900561)),
    (any_.HOST_UNKNOWN, Code(50049, "invalid_instance")),
    (any_.REQUEST_TIMEOUT, Code(9002313)),
    (any_.RATE_LIMITED, Code(90055, "temporarily_unavailable")),
    (any_.OVERLOADED, Code(90033)),
    (any_.STORE_UNAVAILABLE, Code(90033)),
    (any_.INTERNAL, Code(50000)),
    # The tenant in the path
    (own.DIRECTORY_ABSENT, Code(90002)),
    (own.TENANT_ALIAS, Code(9001023)),
    (own.SINGLE_TENANT, Code(50194)),
    (own.INSTANCE_UNKNOWN, Code(50049)),
    # How a client proves itself; who names no client at all sent no client_id
    (protocol.CLIENT_AUTH_MISSING, Code(900144, "invalid_request", 400)),
    (protocol.CLIENT_AUTH_AMBIGUOUS, Code(9002313)),
    (protocol.CLIENT_AUTH_FAILED, Code(7000215)),
    (protocol.CLIENT_AUTH_METHOD, Code(70002)),
    (protocol.CLIENT_SECRET_EXPIRED, Code(7000222)),
    (protocol.CLIENT_DISABLED, Code(7000112, "unauthorized_client", 400)),
    (protocol.ASSERTION_TYPE, Code(50012)),
    (protocol.ASSERTION_MALFORMED, Code(50027)),
    (protocol.ASSERTION_ALGORITHM, Code(5002730)),
    (protocol.ASSERTION_SUBJECT, Code(700021)),
    (protocol.ASSERTION_AUDIENCE, Code(700023)),
    (protocol.ASSERTION_EXPIRED, Code(700024)),
    (protocol.ASSERTION_EARLY, Code(700024)),
    (protocol.ASSERTION_LIFETIME, Code(700024)),
    (protocol.ASSERTION_JTI, Code(50012)),
    (protocol.ASSERTION_KEY_UNKNOWN, Code(700027)),
    (protocol.ASSERTION_SIGNATURE, Code(700027)),
    (protocol.ASSERTION_REPLAYED, Code(50012)),
    (own.PROOF_UNFIT, Code(700025)),
    (own.PROOF_MISSING, Code(7000218)),
    # What a client may ask for
    (protocol.GRANT_TYPE_UNKNOWN, Code(70003)),
    (protocol.GRANT_TYPE_NOT_ALLOWED, Code(70003)),
    (protocol.CLIENT_IS_PUBLIC, Code(7000216, "invalid_client", 401)),
    (protocol.AUDIENCE_UNKNOWN, Code(500011, "invalid_resource")),
    (protocol.AUDIENCE_AMBIGUOUS, Code(28000, "invalid_request")),
    (protocol.CLIENT_GRANT_MISSING, Code(501051, "invalid_grant")),
    (protocol.GRANT_LOST, Code(50173)),
    (protocol.TOKEN_OF_ANOTHER, Code(70000, "invalid_grant")),
    (protocol.SCOPE_MALFORMED, Code(70011)),
    (own.RESOURCE_ABSENT, Code(500011)),
    (own.RESOURCE_MANY, Code(28000)),
    (own.RESOURCE_PARAMETER, Code(901002)),
    (own.RESOURCE_SCOPE_UNKNOWN, Code(70011)),
    (own.DEFAULT_MIXED, Code(70011)),
    (own.DEFAULT_NEEDED, Code(1002012)),
    # Bearer tokens
    (protocol.TOKEN_MISSING, Code(900144)),
    (protocol.TOKEN_INVALID, Code(50013)),
    (protocol.TOKEN_EXPIRED, Code(500133)),
    (protocol.TOKEN_AUDIENCE, Code(500131)),
    (protocol.SCOPE_INSUFFICIENT, Code(65001)),
    # Assertions about people
    (exchange.SUBJECT_MALFORMED, Code(50027)),
    (exchange.SUBJECT_UNTRUSTED, Code(50013)),
    (exchange.SUBJECT_AUDIENCE, Code(500131)),
    (exchange.SUBJECT_EXPIRED, Code(500133)),
    (exchange.SUBJECT_ID_TOKEN, Code(240002)),
    (exchange.SUBJECT_APP_ONLY, Code(7000114)),
    (exchange.SUBJECT_SCOPELESS, Code(50013)),
    (exchange.SUBJECT_REPLAYED, Code(50013)),
    (exchange.SUBJECT_GONE, Code(50034)),
    (exchange.SUBJECT_REVOKED, Code(50173)),
    (exchange.EXCHANGE_DEEP, Code(70000)),
    (exchange.EXCHANGE_FORBIDDEN, Code(700016)),
    (exchange.TOKEN_USE_UNKNOWN, Code(9002313)),
    (exchange.TOKEN_TYPE_UNKNOWN, Code(9002313)),
    (exchange.ISSUER_UNTRUSTED, Code(50013)),
    # Who agreed, and who has to be assigned: libraries ask the person where `suberror` says so
    (own.NOT_CONSENTED, Code(65001, suberror="consent_required")),
    (own.ADMIN_NEEDED, Code(90094)),
    (own.NOT_ASSIGNED, Code(50105)),
    (own.NAME_MISSING, Code(501241)),
    # The authorization request
    (flow.CLIENT_UNKNOWN, Code(700016, "unauthorized_client")),
    (flow.REDIRECT_MISMATCH, Code(50011)),
    (flow.RESPONSE_TYPE_UNKNOWN, Code(70005)),
    (flow.RESPONSE_TYPE_NOT_ALLOWED, Code(70005, "unsupported_response_type")),
    (flow.RESPONSE_MODE_UNKNOWN, Code(70007)),
    (flow.RESPONSE_MODE_UNFIT, Code(70007)),
    (flow.WEB_ORIGIN_UNLISTED, Code(70007)),
    (flow.OPENID_MISSING, Code(70011)),
    (flow.CHALLENGE_MISSING, Code(50147)),
    (flow.CHALLENGE_MALFORMED, Code(50147)),
    (flow.AUDIENCE_REFUSED, Code(500011, "invalid_resource")),
    (own.TYPE_GATED, Code(70005)),
    (flow.LOGIN_REQUIRED, Code(50058)),
    (flow.CONSENT_REQUIRED, Code(65001, suberror="consent_required")),
    (flow.PERSON_DECLINED, Code(65004)),
    (flow.PERSON_BLOCKED, Code(50057)),
    # Codes and refresh tokens; why one is not good is not told apart
    (flow.CODE_INVALID, Code(70000)),
    (flow.CODE_REDIRECT, Code(500112)),
    (flow.CODE_VERIFIER, Code(501481)),
    (flow.REFRESH_INVALID, Code(70000)),
    (flow.GRANT_BLOCKED, Code(50057)),
    (flow.SCOPE_WIDENED, Code(70011)),
    (own.ORIGIN_MISSING, Code(9002327)),
    (own.ORIGIN_UNFIT, Code(9002326)),
    (own.ORIGIN_NEEDS_CHALLENGE, Code(9002325)),
    # Conditional access: libraries ask the person where `error` or `suberror` says so
    (conditional.ACCESS_BLOCKED, Code(53003, "invalid_grant", suberror="message_only")),
    (conditional.SECOND_FACTOR_NEEDED, Code(50076, suberror="basic_action")),
    (conditional.SECOND_FACTOR_ABSENT, Code(50079, suberror="basic_action")),
    (conditional.CONTEXT_NEEDED, Code(50076, suberror="basic_action")),
    (conditional.SIGN_IN_STALE, Code(50078, suberror="basic_action")),
    (conditional.CLAIMS_MALFORMED, Code(9002313)),
    # Passwords
    (people.USER_UNKNOWN, Code(50126)),
    (people.PASSWORD_WRONG, Code(50126)),
    (people.USER_BLOCKED, Code(50057, "invalid_grant", 400)),
    (people.SIGN_IN_LOCKED, Code(50053, "invalid_grant")),
)
CODES: Mapping[str, Code] = {reason.slug: code for reason, code in _ROWS}
# For everything else, by the wire's error.
OTHERWISE: Mapping[str, Code] = {
    "invalid_client": Code(70002),
    "invalid_grant": Code(70000),
    "invalid_scope": Code(70011),
    "invalid_target": Code(500011, "invalid_resource"),
    "unauthorized_client": Code(700016),
    "unsupported_grant_type": Code(70003),
    "unsupported_response_type": Code(70005),
    "access_denied": Code(65004),
    "temporarily_unavailable": Code(90033),
    "server_error": Code(50000),
}
MALFORMED = Code(9002313)
# fmt: on
