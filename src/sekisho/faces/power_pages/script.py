"""The script that pages of a portal may load: it asks for a token as the vendor's samples do."""

from hashlib import sha256
from pathlib import Path

from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

SCRIPT = (Path(__file__).parent / "static" / "client.js").read_bytes()
TAG = f'"{sha256(SCRIPT).hexdigest()[:20]}"'
KIND = "text/javascript; charset=utf-8"
HEADERS = (("cache-control", "public, max-age=600"), ("etag", TAG))


async def script(ask: Ask, _: Tenant) -> Answer:
    """GET /_services/auth/client.js: for everybody, as it says nothing of anybody."""
    tags = {tag.strip().removeprefix("W/") for tag in ask.headers.get("if-none-match", "").split(",")}
    if TAG in tags:
        return Answer(status=304, kind=KIND, headers=HEADERS)
    return Answer(body=SCRIPT, kind=KIND, headers=HEADERS)
