"""How the management API words a refusal."""

from http import HTTPStatus

from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_MISSING
from sekisho.tenant import MANAGEMENT_PATH


def says(refused: Refused, ask: Ask) -> Answer:
    """Auth0's error shape, with the challenge of RFC 6750 section 3 where the token is what is wrong."""
    reason = refused.reason
    body: dict[str, object] = {
        "statusCode": reason.status,
        "error": HTTPStatus(reason.status).phrase,
        "message": refused.text,
    }
    if reason.status != HTTPStatus.UNAUTHORIZED:
        body["errorCode"] = reason.error
        return Answer(status=reason.status, json=body, headers=NO_STORE)
    challenge = f'Bearer realm="{ask.root}/{MANAGEMENT_PATH}"'
    # Who sent no token is told the scheme and nothing else.
    if reason is not TOKEN_MISSING:
        challenge += f', error="{reason.error}"'
    return Answer(status=reason.status, json=body, headers=(*NO_STORE, ("www-authenticate", challenge)))
