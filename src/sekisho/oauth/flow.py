"""What happens next in a sign-in: one pure decision (OpenID Connect Core 1.0 section 3.1.2)."""

from dataclasses import dataclass

from sekisho.model.artifact import Flow, Session
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.conditional.decide import NOTHING, Verdict
from sekisho.spec.conditional.facts import MFA, Facts
from sekisho.spec.refusal import Reason
from sekisho.spec.refusals.authorization import CONSENT_REQUIRED, LOGIN_REQUIRED
from sekisho.spec.refusals.conditional import SECOND_FACTOR_NEEDED, SIGN_IN_STALE

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
    is what policies came to, by which `facts`.
    """

    refused: Reason | None = None
    second_factor: bool = False
    is_stale: bool = False
    contexts: tuple[str, ...] = ()
    verdict: Verdict = NOTHING
    facts: Facts | None = None


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


def next_step(at: Situation, now: float) -> Step:
    """Sign in, agree, finish; what was done in this flow is not asked for twice, so that nothing loops."""
    session = at.session if at.session and _fits(at, at.session, now) else None
    if session is None:
        if at.request.is_silent or LOGIN in at.done:
            return Stop(LOGIN_REQUIRED)
        return Login()
    proof = _proof(at, session)
    if proof:
        return proof
    wants_asking = "consent" in at.request.prompt and CONSENT not in at.done
    if at.needs or wants_asking:
        if at.request.is_silent or CONSENT in at.done:
            return Stop(CONSENT_REQUIRED)
        return Agree(at.needs)
    return Finish(session)


def _proof(at: Situation, session: Session) -> Login | Prove | Stop | None:
    """What conditions still demand; asked for once, so that no step-up goes round for ever."""
    demands = at.demands
    if demands.refused:
        return Stop(demands.refused)
    if demands.is_stale:
        is_over = at.request.is_silent or LOGIN in at.done
        return Stop(SIGN_IN_STALE) if is_over else Login()
    if demands.second_factor and MFA not in session.amr:
        is_over = at.request.is_silent or PROVE in at.done
        return Stop(SECOND_FACTOR_NEEDED) if is_over else Prove()
    return None


def is_theirs(flow: Flow, session: Session) -> bool:
    """It is the session in which the steps of the flow were done, or a later one of the same person.

    A form that was sent twice, and a sign-in in another window, begin one more in the same browser.
    """
    if flow.session in ("", session.id):
        return True
    proves_as_much = session.auth_time >= flow.born and {LOGIN, CONSENT}.issuperset(flow.done)
    return proves_as_much and session.owner.user == flow.user


def _fits(at: Situation, session: Session, now: float) -> bool:
    """It is the person who was meant, whose sign-in is fresh enough for this request."""
    if at.hinted and session.owner.user != at.hinted:
        return False
    if at.bound and session.id != at.bound:
        return False
    if LOGIN in at.done:
        # It was this flow that signed the person in: that is as fresh as it gets.
        return True
    if {"login", "select_account"}.intersection(at.request.prompt):
        return False
    max_age = at.request.max_age
    # An age of 0 asks for a sign-in always, however fast the machine is.
    return max_age is None or now - session.auth_time < max_age
