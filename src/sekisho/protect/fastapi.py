"""A dependency for FastAPI, also for endpoints of Starlette: `Depends(AdobePass(app, settings))`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sekisho.protect.gate import Gate, Pass, Refusal, Settings


class NotAdmitted(Exception):
    """Carries the gate's answer to the client."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


class AdobePass:
    """Asks for each request; the application learns how to answer those that are not admitted."""

    def __init__(self, app: Starlette, settings: Settings) -> None:
        self.gate = Gate(settings)
        app.add_exception_handler(NotAdmitted, _answer)

    async def __call__(self, request: Request) -> Pass:
        """Who was admitted."""
        found = await self.gate.ask(request.scope)
        if isinstance(found, Refusal):
            raise NotAdmitted(found)
        return found


async def _answer(_request: Request, error: Exception) -> Response:
    """The gate's answer, as it is."""
    if not isinstance(error, NotAdmitted):
        raise error
    answer = Response(error.refusal.body, error.refusal.status)
    length = [pair for pair in answer.raw_headers if pair[0] == b"content-length"]
    answer.raw_headers = [*error.refusal.headers, *length]
    return answer
