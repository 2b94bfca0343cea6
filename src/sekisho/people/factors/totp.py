"""Codes of an authenticator app: what somebody has (TOTP, RFC 6238)."""

import hmac
import unicodedata
from typing import Final
from urllib.parse import quote, urlencode

from msgspec.structs import replace

from sekisho.keys.seal import Sealer, context
from sekisho.model.password import Factor
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import FACTOR_REPLAYED, FACTOR_WRONG
from sekisho.tenant import Tenant

KIND: Final = "totp"
SEALED_AS = "totp"
# What every app knows without being told (RFC 6238 section 1.2, RFC 4226 section 4: 160 bits).
CHARACTERS = 32  # of base32, five bits each
DIGITS = 6
PERIOD = 30
# A clock may be half a minute wrong, and a person slow: the step before and the one after count, too.
AROUND = (0, -1, 1)
LONGEST = 32


def drawn() -> str:
    """A new secret, in base32 as apps take it."""
    import pyotp  # noqa: PLC0415 - the server starts without it

    return pyotp.random_base32(CHARACTERS)


def address(secret: str, account: str, house: str) -> str:
    """What the picture says to the app: whose account it is, and at whose gate."""
    # A colon parts the two; apps split at the first one.
    label = quote(f"{house.replace(':', ' ')}:{account.replace(':', ' ')}", safe="")
    told = {
        "secret": secret,
        "issuer": house.replace(":", " "),
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": PERIOD,
    }
    return f"otpauth://totp/{label}?{urlencode(told, quote_via=quote)}"


def kept(tenant: Tenant, user: str, secret: str) -> bytes:
    """What is kept of a secret: sealed, and good for this person only."""
    return tenant.tools.sealer.seal(secret.encode(), _place(tenant.id, user))


def opened(tenant: Tenant, user: str, sealed: bytes) -> str:
    """The secret again."""
    return tenant.tools.sealer.open(sealed, _place(tenant.id, user)).decode()


def resealed(factor: Factor, sealer: Sealer, now: float) -> Factor:
    """The same factor under the current master key; itself, where it is already, or has nothing sealed."""
    if not factor.sealed or sealer.is_current(factor.sealed):
        return factor
    where = _place(factor.tenant, factor.user)
    return replace(factor, sealed=sealer.seal(sealer.open(factor.sealed, where), where), updated_at=now)


def verify(tenant: Tenant, factor: Factor, text: str) -> Factor:
    """The factor once this code is used: no step counts that is not newer. RFC 6238 section 5.2."""
    step = step_of(opened(tenant, factor.user, factor.sealed), text, tenant.now())
    if step is None:
        raise Refused(FACTOR_WRONG, debug=f"no code of this time: {factor.user}")
    if step <= factor.step:
        raise Refused(FACTOR_REPLAYED, debug=f"it was used, or a newer one was: {factor.user}")
    return replace(factor, step=step, used_at=tenant.now(), updated_at=tenant.now())


def step_of(secret: str, text: str, now: float) -> int | None:
    """The time step whose code it is; each is compared, so that how long it takes tells nothing."""
    import pyotp  # noqa: PLC0415 - the server starts without it

    typed = "".join(unicodedata.normalize("NFKC", text[:LONGEST]).split()).encode(errors="replace")
    codes, at = pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD), int(now // PERIOD)
    steps = [at + by for by in AROUND]
    matching = [
        step for step in steps if hmac.compare_digest(codes.generate_otp(max(step, 0)).encode(), typed)
    ]
    # Two steps may have one code: the newest uses up most.
    return max(matching, default=None)


def _place(tenant: str, user: str) -> str:
    return context(tenant, SEALED_AS, user)
