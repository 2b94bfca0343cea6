"""Why mail, and what is done by it, is refused: the catalogue's part for letters, links and codes."""

from sekisho.spec.refusal import Reason

# fmt: off
MAIL_OFF = Reason("mail_off", "access_denied", 403, "This server sends no mail.")
MAIL_LIMITED = Reason("mail_limited", "too_many_requests", 429,
    "Too many mails were asked for; the Retry-After header says when to come back")
RESET_INVALID = Reason("reset_invalid", "invalid_ticket", 400, "This link is not valid, or not any more.")
RESET_SPENT = Reason("reset_spent", "invalid_ticket", 400, "This link was used before.")
PASSWORDLESS_OFF = Reason("passwordless_off", "unauthorized_client", 403,
    "Passwordless sign-in is not enabled for this client.")
# Wrong, used and over say the same: who guesses learns nothing.
CODE_WRONG = Reason("code_wrong", "invalid_grant", 400, "Wrong email or verification code.")
# fmt: on
