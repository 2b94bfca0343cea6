"""What happens next in a sign-in: one pure decision (OpenID Connect Core 1.0 section 3.1.2)."""

from sekisho.model.artifact import Flow, Session
from sekisho.oauth.steps import CONSENT, LOGIN, PROVE, Agree, Finish, Login, Prove, Situation, Step, Stop
from sekisho.spec.conditional.facts import MFA
from sekisho.spec.refusals.authorization import CONSENT_REQUIRED, LOGIN_REQUIRED
from sekisho.spec.refusals.conditional import SECOND_FACTOR_NEEDED, SIGN_IN_STALE


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
