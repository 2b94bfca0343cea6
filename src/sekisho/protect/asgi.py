"""ASGI middleware: the application behind it hears of admitted requests only."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sekisho.protect.gate import FACTS, Gate, Pass, Refusal, Scope, Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Where the application finds the Pass in its scope.
SCOPE = "sekisho"
POLICY_VIOLATION = 1008


class AdobePassGate:
    """`app = AdobePassGate(app, Settings(server="https://id.example.com"))`."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self.gate = Gate(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admitted: the application answers. Otherwise the gate's answer is the answer."""
        if scope["type"] == "websocket":
            # There is no word about them in what is protected here.
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = await self.gate.ask(scope)
        if isinstance(found, Refusal):
            await refuse(found, send, is_head=scope["method"] == "HEAD")
            return
        await self._app(admitted(scope, found), receive, send)


def admitted(scope: Scope, found: Pass) -> Scope:
    """The scope with who was admitted, also in headers: what the client sent under their names is gone."""
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in FACTS]
    return {**scope, SCOPE: found, "headers": [*kept, *found.headers]}


async def refuse(found: Refusal, send: Send, *, is_head: bool) -> None:
    """The gate's answer, as it is."""
    headers = [*found.headers, (b"content-length", b"%d" % len(found.body))]
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else found.body})
