"""How the OAuth endpoints word a refusal (RFC 6749 section 5.2)."""

import re

from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused

_OUTSIDE = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")
LONGEST = 400


def says(refused: Refused, ask: Ask) -> Answer:
    """`error` and `error_description`, within the characters that the specification allows."""
    text = described(refused)
    headers = NO_STORE
    # The challenge only where the client used the header: SDKs take it as the whole answer otherwise.
    if refused.reason.error == "invalid_client" and "authorization" in ask.headers:
        headers = (*NO_STORE, ("www-authenticate", f'Basic realm="{ask.root}", charset="UTF-8"'))
    body = {"error": refused.reason.error, "error_description": text, **refused.extra}
    return Answer(status=refused.reason.status, json=body, headers=headers)


def described(refused: Refused) -> str:
    """`error_description` within the characters that the specification allows."""
    return _OUTSIDE.sub("?", refused.text)[:LONGEST]


def says_to_bearers(refused: Refused, ask: Ask) -> Answer:
    """The same at a protected resource, with the challenge of RFC 6750 section 3."""
    challenge = f'Bearer realm="{ask.root}"'
    if refused.reason.slug != "token_missing":
        challenge += f', error="{refused.reason.error}", error_description="{described(refused)}"'
    answer = says(refused, ask)
    if refused.reason.status not in (401, 403):
        return answer
    return Answer(
        status=answer.status, json=answer.json, headers=(*NO_STORE, ("www-authenticate", challenge))
    )
