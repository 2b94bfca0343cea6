"""The least a server can do: the same answer to whatever comes. Run as `python -m bench.ceiling PORT`."""

import asyncio
import sys
from typing import cast

import uvloop

from bench.wire import HOST

MARK = b'"access_token"'
_BODY = b'{"access_token":"' + b"x" * 640 + b'","expires_in":86400,"token_type":"Bearer"}'
_ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, _chunk: bytes) -> None:
        """A request of the load generator always fits in one read."""
        self.transport.write(_ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Echo, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
