"""In a message to the window that opened this one, or that has it in a frame (Auth0's `web_message`)."""

from sekisho.spec import redirect_uri as rules
from sekisho.spec.http import Answer, Pairs


def deliver(params: Pairs, redirect_uri: str, _status: int) -> Answer:
    """A page whose script says the answer to the origin of the client, and to no other."""
    origin = rules.target(redirect_uri)
    message = {"origin": origin, "response": dict(params)}
    return Answer(page=("web_message", {"message": message, "framed_by": origin}))
