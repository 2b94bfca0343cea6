"""A sign-in on its way: how far it came, what is demanded, and what may come next."""

from dataclasses import dataclass

from sekisho.model.artifact import Session
from sekisho.model.user import User
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.conditional.decide import NOTHING, Verdict
from sekisho.spec.conditional.facts import Facts
from sekisho.spec.refusal import Reason

LOGIN = "login"
CONSENT = "consent"
PROVE = "mfa"


@dataclass(frozen=True, slots=True)
class Need:
    """Scopes of an API (or of the server itself: none) that the person has not agreed to yet.

    `client` is who is given them, where that is not the one that asks; `is_admins` says that only an
    administrator can agree. `roles` are those of the API that the application itself is to get (their ids).
    """

    api: str | None
    scopes: tuple[str, ...]
    client: str = ""
    is_admins: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demands:
    """What is missing: nothing can be had at all, a second factor, a newer sign-in.

    `contexts` are the authentication contexts that the answer satisfies, once nothing is missing. `verdict`
    is what policies came to, by which `facts`; `user` is whom it is about, who was read for it.
    """

    refused: Reason | None = None
    second_factor: bool = False
    is_stale: bool = False
    contexts: tuple[str, ...] = ()
    verdict: Verdict = NOTHING
    facts: Facts | None = None
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A request and how far it came: the session of the browser, whom it was meant for, what was done."""

    request: AuthorizationRequest
    session: Session | None = None
    hinted: str = ""  # the user of id_token_hint
    done: tuple[str, ...] = ()
    bound: str = ""  # the session of the person who did what was done
    needs: tuple[Need, ...] = ()
    demands: Demands = Demands()


@dataclass(frozen=True, slots=True)
class Login:
    """The person has to sign in."""


@dataclass(frozen=True, slots=True)
class Prove:
    """The person has to show a second factor, or to set one up first."""


@dataclass(frozen=True, slots=True)
class Agree:
    """The person has to agree; nothing in it where it is only asked to be asked again."""

    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """Everything is there: answer."""

    session: Session


@dataclass(frozen=True, slots=True)
class Stop:
    """It cannot be had without a page, or not at all."""

    reason: Reason


Step = Login | Prove | Agree | Finish | Stop
