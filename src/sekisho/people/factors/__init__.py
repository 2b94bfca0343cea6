"""How people prove who they are: one file per factor, one table of those that come second."""

from collections.abc import Callable, Mapping

from sekisho.model.password import Factor
from sekisho.people.factors import recovery, totp
from sekisho.tenant import Tenant

# The factor once what was shown is used up; a refusal where it is no good.
Verify = Callable[[Tenant, Factor, str], Factor]

FACTORS: Mapping[str, Verify] = {
    totp.KIND: totp.verify,
    recovery.KIND: recovery.verify,
}
# What `amr` says of it besides `mfa`. Of a code that was written down RFC 8176 has no word.
METHODS: Mapping[str, tuple[str, ...]] = {totp.KIND: ("otp",), recovery.KIND: ()}
