"""A sample of a protected API, for development: fixed answers behind the real gate."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from sekisho.faces.adobe_pass import original
from sekisho.faces.adobe_pass.gate import entered, form
from sekisho.faces.adobe_pass.problem import Problematic, document
from sekisho.faces.adobe_pass.says import KIND
from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.spec.refusal import METHOD_NOT_ALLOWED, Refused
from sekisho.spec.software.enhanced import PROBLEMS
from sekisho.tenant import Tenant

DEMO = "/demo/adobe-pass"
MVPD = "SampleTV"
CODE = "DEMO001"
DENIED = "denied"
MOST_RESOURCES = 20
HALF_AN_HOUR, A_DAY = 1_800, 86_400

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Asked(msgspec.Struct, frozen=True):
    """The body of a question about decisions."""

    resources: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=MOST_RESOURCES)]


Sample = Callable[[Ask, Tenant], dict[str, Any]]
Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]


def _configuration(ask: Ask, _tenant: Tenant) -> dict[str, Any]:
    channel = ask.names["serviceProvider"]
    mvpds = [{"id": MVPD, "displayName": "Sample TV", "isTempPass": False}]
    return {"requestor": {"id": channel, "name": channel, "mvpds": mvpds}}


def _made(ask: Ask, tenant: Tenant) -> dict[str, Any]:
    """Nobody signs in here, so each session belongs to a viewer who did already."""
    if one(form(ask), "mvpd") not in (None, MVPD):
        raise Problematic("invalid_parameter_mvpd", "the sample knows one MVPD")
    return _session(ask, tenant)


def _known(ask: Ask, tenant: Tenant) -> dict[str, Any]:
    if ask.names["code"] != CODE:
        raise Problematic("invalid_parameter_code", "the sample knows one code")
    return _session(ask, tenant)


def _session(ask: Ask, tenant: Tenant) -> dict[str, Any]:
    channel = ask.names["serviceProvider"]
    return {
        "actionName": "authorize",
        "actionType": "direct",
        "reasonType": "authenticated",
        "missingParameters": [],
        "url": f"/api/v2/{quote(channel, safe='')}/decisions/authorize/{MVPD}",
        "code": CODE,
        "sessionId": str(uuid.uuid5(uuid.NAMESPACE_URL, ask.root + DEMO)),
        "serviceProvider": channel,
        "mvpd": MVPD,
        **_times(tenant, HALF_AN_HOUR),
    }


def _profiles(ask: Ask, tenant: Tenant) -> dict[str, Any]:
    if ask.names.get("mvpd", MVPD) != MVPD:
        return {"profiles": {}}
    viewer = {"userId": {"value": "sample-viewer", "state": "plain"}}
    found = {"issuer": MVPD, "type": "regular", "attributes": viewer, **_times(tenant, A_DAY)}
    return {"profiles": {MVPD: found}}


def _offered(ask: Ask, tenant: Tenant) -> dict[str, Any]:
    return {"decisions": [_decision(each, "preauthorization", ask, tenant) for each in _resources(ask)]}


def _allowed(ask: Ask, tenant: Tenant) -> dict[str, Any]:
    return {"decisions": [_decision(each, "authorization", ask, tenant) for each in _resources(ask)]}


def _decision(resource: str, kind: str, ask: Ask, tenant: Tenant) -> dict[str, Any]:
    """One resource is denied, and says so inside an answer that is a success."""
    where = {"serviceProvider": ask.names["serviceProvider"], "mvpd": MVPD, "source": "mvpd"}
    told = {"resource": resource, **where, "authorized": resource != DENIED}
    if resource == DENIED:
        found = PROBLEMS[f"{kind}_denied_by_mvpd"]
        return {**told, "error": document(found, ask, str(uuid.uuid4()))}
    if kind == "authorization":
        # No media server of anybody's takes it: that is what it says.
        told["token"] = {**_times(tenant, HALF_AN_HOUR), "serializedToken": "sample"}
    return told


def _resources(ask: Ask) -> list[str]:
    if ask.names["mvpd"] != MVPD:
        raise Problematic("invalid_parameter_mvpd", "the sample knows one MVPD")
    try:
        return list(msgspec.json.decode(ask.body, type=Asked).resources)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problematic("invalid_parameter_resources", "no JSON object with a list of texts") from error


def _logout(ask: Ask, _tenant: Tenant) -> dict[str, Any]:
    if ask.names["mvpd"] != MVPD:
        return {"logouts": {}}
    return {"logouts": {MVPD: {"actionName": "complete", "actionType": "none", "mvpd": MVPD}}}


def _times(tenant: Tenant, seconds: int) -> dict[str, int]:
    now = int(tenant.now() * 1000)
    return {"notBefore": now, "notAfter": now + seconds * 1000}


def _behind(path: str, answers: Mapping[str, Sample]) -> tuple[str, Endpoint]:
    """First who asks, then which method: as the gate in front of somebody else's server has it."""

    async def enter(ask: Ask, tenant: Tenant) -> Answer:
        asked = original.received(ask.method, ask.path.removeprefix(DEMO), ask.query)
        await entered(asked, (None, asked.channel), ask, tenant)
        answer = answers.get("GET" if ask.method == "HEAD" else ask.method)
        if answer is None:
            raise Refused(METHOD_NOT_ALLOWED, headers={"allow": ", ".join(sorted(answers))})
        return Answer(json=answer(ask, tenant), kind=KIND, headers=NO_STORE)

    return f"{DEMO}/api/v2/{{serviceProvider}}{path}", enter


SAMPLES: tuple[tuple[str, Endpoint], ...] = (
    _behind("/configuration", {"GET": _configuration}),
    _behind("/sessions", {"POST": _made}),
    _behind("/sessions/{code}", {"GET": _known, "POST": _known}),
    _behind("/profiles", {"GET": _profiles}),
    _behind("/profiles/{mvpd}", {"GET": _profiles}),
    _behind("/decisions/preauthorize/{mvpd}", {"POST": _offered}),
    _behind("/decisions/authorize/{mvpd}", {"POST": _allowed}),
    _behind("/logout/{mvpd}", {"GET": _logout}),
)
