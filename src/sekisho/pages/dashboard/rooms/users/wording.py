"""Forms about users that were refused: what was wrong, at the field that it is about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.pages.dashboard import fields
from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.pages.dashboard.problems import Problem, of_refusal
from sekisho.spec.http import Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.spec.refusals.people import LOGIN_MALFORMED, WEAK

# Both are about a login name; the texts of weak passwords are those that people are shown themselves.
_LOGINS: Mapping[str, str] = {
    ALREADY_EXISTS.slug: "invalid.login_taken",
    LOGIN_MALFORMED.slug: "invalid.login_malformed",
}


def again(refused: Refused, form: Pairs, kinds: Kinds, said: Mapping[str, Any], current: int) -> Form:
    """The form as it was sent; `current` is the version of what stands there now."""
    found = fields.again(refused, form, kinds, said, current)
    return replace(found, problems=_worded(refused, found, said))


def named(refused: Refused, form: Pairs, kinds: Kinds, said: Mapping[str, Any], current: int) -> Form:
    """The same for what has a name of its own."""
    found = fields.again(refused, form, kinds, said, current)
    if refused.reason is not ALREADY_EXISTS:
        return found
    return replace(found, problems={"name": Problem("invalid.name_taken", text=refused.text)})


def at(name: str, refused: Refused, values: Mapping[str, Any]) -> Form:
    """A form of one field, or of this field first of all."""
    found = of_refusal(refused)
    return Form(values, problems={key or name: problem for key, problem in found.items()})


def _worded(refused: Refused, form: Form, said: Mapping[str, Any]) -> Mapping[str, Problem]:
    slug = refused.reason.slug
    if refused.reason in WEAK:
        return {"password": Problem(slug.replace("_", ".", 1), refused.words, refused.text)}
    if slug in _LOGINS:
        return {_login(form, said): Problem(_LOGINS[slug], text=refused.text)}
    return form.problems


def _login(form: Form, said: Mapping[str, Any]) -> str:
    """The name that is new: the address, unless that stands there already."""
    email = form.text("email")
    return "email" if email and email != said.get("email") else "username"
