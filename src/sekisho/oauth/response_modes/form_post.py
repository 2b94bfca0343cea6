"""In a form that the browser posts (OAuth 2.0 Form Post Response Mode section 2)."""

from sekisho.spec import redirect_uri as rules
from sekisho.spec.http import Answer, Pairs


def deliver(params: Pairs, redirect_uri: str, _status: int) -> Answer:
    """A page that sends itself off; without script a person does it."""
    context = {"action": redirect_uri, "params": params, "leads_to": rules.target(redirect_uri)}
    return Answer(page=("form_post", context))
