"""Why people and their passwords are refused: the catalogue's part for users, roles and sign-in."""

from sekisho.spec.refusal import Reason

# fmt: off
# Administration
USER_ABSENT = Reason("user_absent", "inexistent_user", 404, "The user does not exist.")
ROLE_ABSENT = Reason("role_absent", "inexistent_role", 404, "The role does not exist.")
SESSION_ABSENT = Reason("session_absent", "inexistent_session", 404, "The session does not exist.")
REFRESH_TOKEN_ABSENT = Reason("refresh_token_absent", "inexistent_refresh_token", 404,
    "The refresh token does not exist.")
LOGIN_MALFORMED = Reason("login_malformed", "invalid_body", 400,
    "A login name is an e-mail address or a name, without spaces, invisible characters and '|'.")
IDENTITIES_MANY = Reason("identities_many", "operation_not_supported", 400,
    "Only one of email, phone_number, username and password can be changed at a time.")
RANK_TOO_LOW = Reason("rank_too_low", "access_denied", 403,
    "This can be changed only by an administrator who may do all that the person may.")
SYSTEM_ROLE = Reason("system_role", "operation_not_supported", 400,
    "The role of a rank of administrators cannot be changed or given like this.")
LAST_OWNER = Reason("last_owner", "operation_not_supported", 409,
    "The last owner who can sign in stays one: appoint another owner first.")
ADMINISTRATION_DENIED = Reason("administration_denied", "access_denied", 403,
    "The account that is signed in may not do this here.")

# A password that somebody wants to have
PASSWORD_MALFORMED = Reason("password_malformed", "invalid_password", 400,
    "PasswordStrengthError: a password has at most 256 characters and none that cannot be typed")
PASSWORD_SHORT = Reason("password_short", "invalid_password", 400,
    "PasswordStrengthError: a password has at least {least} characters")
PASSWORD_GUESSABLE = Reason("password_guessable", "password_dictionary_error", 400,
    "PasswordDictionaryError: this password is among the first that are guessed")
PASSWORD_PERSONAL = Reason("password_personal", "password_no_user_info_error", 400,
    "PasswordNoUserInfoError: a name or an address with little else is no password")
WEAK = (PASSWORD_MALFORMED, PASSWORD_SHORT, PASSWORD_GUESSABLE, PASSWORD_PERSONAL)
HASH_UNSUPPORTED = Reason("hash_unsupported", "invalid_body", 400,
    "The password hash is malformed, of an unknown kind, or costs too much to verify.")
INVITATION_INVALID = Reason("invitation_invalid", "invalid_invitation", 400,
    "This link is not valid, or not any more.")
INVITATION_SPENT = Reason("invitation_spent", "invalid_invitation", 400, "This link was used before.")
SIGN_UP_OFF = Reason("sign_up_off", "access_denied", 403, "New accounts are not made here.")
SIGN_UP_INVALID = Reason("sign_up_invalid", "invalid_signup", 400, "Invalid sign up")
USER_TAKEN = Reason("user_taken", "user_exists", 400, "The user already exists.")
USERNAME_TAKEN = Reason("username_taken", "username_exists", 400, "The username already exists.")
PROFILE_MALFORMED = Reason("profile_malformed", "invalid_body", 400,
    "A name, a language or a time zone is too long, unknown, or has characters that cannot be typed.")

# Sign-in. Who does not know the password learns nothing: the first two say the same.
USER_UNKNOWN = Reason("user_unknown", "invalid_grant", 400, "Wrong email or password.")
PASSWORD_WRONG = Reason("password_wrong", "invalid_grant", 400, "Wrong email or password.")
USER_BLOCKED = Reason("user_blocked", "unauthorized", 403, "user is blocked")
SIGN_IN_LOCKED = Reason("sign_in_locked", "too_many_attempts", 429,
    "Too many attempts; the Retry-After header says when to come back")
CONNECTION_UNKNOWN = Reason("connection_unknown", "invalid_request", 400, "The connection was not found")
# At a page of an application itself
CROSS_ORIGIN_OFF = Reason("cross_origin_off", "unauthorized_client", 401, "Cross origin login not allowed.")
ORIGIN_UNLISTED = Reason("origin_unlisted", "access_denied", 403, "Origin {origin} is not allowed.")
CREDENTIAL_UNKNOWN = Reason("credential_unknown", "unsupported_credential_type", 400,
    "Unsupported credential type: {credential_type}")
# fmt: on
