"""What is known when a policy is held against a request: who, by which application, for what, from where."""

from dataclasses import dataclass, field

# What says in `amr` that more than one factor was shown (RFC 8176 section 2).
MFA = "mfa"
# What asks for it in `acr_values`, and says in `acr` that it was shown (OpenID PAPE 1.0, RFC 9470 section 4).
MFA_ACR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A person (GUID, user id), their groups, a client, the APIs that it is about, an address, a sign-in.

    `proved` are the authentication contexts that the sign-in satisfied; `asked` are those that are asked
    for, `named` the policies that a challenge names. `is_mender`: an owner at the dashboard, who could mend
    what keeps them out.
    """

    user: str
    user_id: str = ""
    groups: frozenset[str] = frozenset()
    client: str
    apis: tuple[str, ...] = ()
    address: str = ""
    amr: tuple[str, ...] = ()
    auth_time: float = 0
    proved: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    is_mender: bool = False
    now: float = field(default=0)

    @property
    def has_second_factor(self) -> bool:
        """The person showed more than one."""
        return MFA in self.amr
