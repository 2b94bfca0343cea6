"""How an answer travels to the client: one file per response mode, one table."""

from collections.abc import Callable, Mapping

from sekisho.oauth.response_modes import form_post, fragment, query, web_message
from sekisho.spec.http import Answer, Pairs

Deliver = Callable[[Pairs, str, int], Answer]

RESPONSE_MODES: Mapping[str, Deliver] = {
    "query": query.deliver,
    "fragment": fragment.deliver,
    "form_post": form_post.deliver,
    "web_message": web_message.deliver,
}
