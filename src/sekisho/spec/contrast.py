"""What a rule expected and what came, fit to be remembered: for whoever has to find out why."""

from dataclasses import dataclass

LONGEST = 128
WITHHELD = "(withheld)"
# Parameters whose values open something, or tell of a person.
# fmt: off
SECRET = frozenset((
    "access_token", "actor_token", "assertion", "auth_req_id", "authorization", "client_assertion",
    "client_secret", "code", "code_verifier", "cookie", "device_code", "id_token", "id_token_hint",
    "logout_token", "mfa_token", "oob_code", "otp", "password", "recovery_code", "refresh_token",
    "registration_access_token", "request", "request_uri", "signing_secret", "software_statement",
    "state", "subject_token", "token", "user_code",
))
# fmt: on


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two short texts about one parameter."""

    name: str
    expected: str
    got: str


def contrast(name: str, expected: str, got: str) -> Contrast:
    """Taken down where the rule fails: what may be a secret is withheld here and goes no further."""
    is_token = got.startswith("eyJ") and "." in got  # a JOSE object, in whichever parameter it came
    shown = WITHHELD if name.lower() in SECRET or is_token else got[:LONGEST]
    return Contrast(name[:LONGEST], expected[:LONGEST], shown)
