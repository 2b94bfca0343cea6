"""Class 72: a text is evaluated, a path is read in two ways, or something of ours is open to all."""

import json
from dataclasses import replace as replaced
from html import escape
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from msgspec.structs import replace

from sekisho.app import urls
from sekisho.model.step import Save
from sekisho.pages import press
from sekisho.web.route import Routes
from tests.attacks.double import Double
from tests.attacks.house import Attacked
from tests.attacks.target import HOST, MACHINE, MANAGEMENT, Target
from tests.attacks.wire import request, said, status

PRODUCT = str(7919 * 7907)
TEXTS = (
    "{{7919*7907}}", "${7919*7907}", "#{7919*7907}", "{%if 1%}{{7919*7907}}{%endif%}", "%{7919*7907}",
    "*{7919*7907}",
    "{7919*7907}", "{0.__class__.__mro__}", "{reader.__class__}", "{self}", "{{self.__init__.__globals__}}",
    "{{config}}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{sign.title.__class__}", "%(name)s",
    "%s%s%s%n",
    "${jndi:ldap://127.0.0.1/x}", "`id`", "$(id)", "__import__('os').system('id')", "@(7919*7907)", "{}",
    "{0}",
)  # fmt: skip
GIVEN_AWAY = (PRODUCT, "__subclasses__", "<class", "uid=", "__globals__': ")


def is_a_text(answer: httpx.Response, text: str) -> None:
    """Whatever was said is nowhere more than a text."""
    assert answer.status_code < 500, answer.text
    bare = answer.text.replace(text, "").replace(json.dumps(text)[1:-1], "")
    assert not [mark for mark in GIVEN_AWAY if mark in bare and mark not in text], answer.text


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_administrators_are_texts(target: Target, text: str) -> None:
    """Names that an administrator gives are shown as they are: nothing evaluates them."""
    with target.manage() as manage, target.web() as web:
        settings = {"friendly_name": text}
        answer = manage.patch("/api/v2/tenants/settings", json=settings)
        is_a_text(answer, text)
        told = {"name": text, **MACHINE, "description": text, "client_metadata": {"x": text}}
        client = manage.post("/api/v2/clients", json=told)
        is_a_text(client, text)
        api = manage.post("/api/v2/resource-servers", json={"name": text, "identifier": "https://72.example"})
        is_a_text(api, text)
        for place in ("/", "/?ui_locales=ja", "/nowhere"):
            is_a_text(web.get(place, headers={"accept": "text/html"}), text)
        if answer.status_code == 200:
            assert escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in web.get("/").text
        if client.status_code == 201:
            assert client.json()["name"] == text
            assert manage.delete(f"/api/v2/clients/{client.json()['client_id']}").status_code == 204
        if api.status_code == 201:
            assert manage.delete(f"/api/v2/resource-servers/{api.json()['id']}").status_code == 204
        assert manage.patch("/api/v2/tenants/settings", json={"friendly_name": ""}).status_code == 200


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_strangers_are_texts(target: Target, text: str) -> None:
    """What a request says comes back as a text, if at all, on pages and in refusals."""
    with target.web() as web:
        is_a_text(web.get("/", params={"ui_locales": text, "x": text}), text)
        for name in ("grant_type", "client_id", "scope", "audience", "resource"):
            is_a_text(web.post("/oauth/token", data={**target.form("machine"), name: text}), text)
        is_a_text(web.get("/nowhere", params={"x": text}, headers={"accept": "text/html"}), text)
    with target.manage() as manage:
        for name in ("fields", "from", text):
            is_a_text(manage.get("/api/v2/clients", params={name: text}), text)
        is_a_text(manage.post("/api/v2/clients", json={text: text}), text)


OURS = (
    "/metrics", "/debug", "/debug/pprof/", "/_debug", "/admin", "/console", "/docs", "/redoc", "/swagger",
    "/swagger.json",
    "/openapi.json", "/api/openapi.json", "/graphql", "/test", "/tests", "/_test", "/eval", "/exec", "/shell",
    "/actuator", "/actuator/env", "/server-status", "/status", "/env", "/info", "/trace", "/dump", "/config",
    "/settings",
    "/.env", "/.git/config", "/.git/HEAD", "/master.key", "/sekisho.db", "/sekisho.toml", "/static/",
    "/static",
    "/api/v2", "/api/v2/", "/api", "/oauth", "/oauth/", "/phpinfo.php", "/WEB-INF/web.xml", "/h2-console",
    "/__debug__/",
    "/api/v2/debug", "/api/v2/test", "/api/v2/eval", "/api/v2/keys", "/api/v2/keys/private",
    "/api/v2/tenants",
    "/oauth/debug", "/oauth/test", "/dev", "/reload", "/shutdown", "/restart", "/.well-known/",
    "/.well-known/keys",
)  # fmt: skip


@pytest.mark.parametrize("place", OURS)
def test_nothing_of_ours_is_open(target: Target, place: str) -> None:
    """No address for tests, debugging, metrics, sources or settings is served where the public asks."""
    with target.web() as web:
        for method in ("GET", "POST", "TRACE"):
            answer = web.request(method, place, content=b"{}")
            assert answer.status_code in (404, 405, 501), (method, answer.text)
            assert "Traceback" not in answer.text


def test_every_address_is_on_the_list(target: Target) -> None:
    """What strangers get without a proof is this list: whoever adds to it adds here."""
    open_to_all = {
        "/", "/favicon.ico", "/robots.txt", "/healthz", "/readyz", "/static/base.css",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
        # Descriptions, which say nothing of a tenant.
        "/help/adobe-pass", "/login", "/oidc/logout", "/api/v2/openapi.json", "/api/v2/docs",
        # What Entra's numbers mean.
        "/error",
        # What Auth0's pages ask, and everybody is told the same.
        "/user/ssodata", "/usernamepassword/challenge", "/passwordless/challenge",
    }  # fmt: skip
    with target.web() as web:
        found = {place for place in (*open_to_all, *exact()) if web.get(place).status_code == 200}
    assert found <= open_to_all, found - open_to_all


def exact() -> list[str]:
    """Every path without variables that is served."""
    return list(urls()._exact)


def test_metrics_are_read_and_nothing_else(house: Attacked) -> None:
    """The listener for metrics has one page, which names no client and takes nothing."""
    with httpx.Client(base_url=house.metrics, trust_env=False, verify=False) as web:
        page = web.get("/metrics")
        assert page.status_code == 200
        for place in (
            "/",
            "/metrics/",
            "/metrics/../",
            "/healthz",
            "/api/v2/clients",
            "/oauth/token",
            "/debug",
        ):
            assert web.get(place).status_code == 404
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            assert web.request(method, "/metrics", content=b"x").status_code == 405
    for client in house.target.clients.values():
        assert client["client_id"] not in page.text


DIFFERENTLY = (
    "/healthz/../api/v2/clients", "/healthz%2f..%2fapi%2fv2%2fclients", "/static/../api/v2/clients",
    "/static/..%2f..%2fapi/v2/clients", "/api/v2/clients/", "/api/v2//clients", "//api/v2/clients",
    "/API/v2/clients",
    "/api/V2/clients", "/api/v2/Clients", "/api/v2/clients;x", "/api/v2/clients%00", "/api/v2/clients%20",
    "/api/v2/clients%2f", "/api/v2/%63lients", "/%61pi/v2/clients", "/api/v2/./clients",
    "/api/v2/x/../clients",
    "/api/v2/clients/..", "/api/v2/clients/.", "/api/v2/clients\\", "/api\\v2\\clients",
    "/api/v2/clients.json",
    "/api/v2/clients.", "/t/demo/../../api/v2/clients", "/t/acme/..;/api/v2/clients", "/./api/v2/clients",
    "/api/v2/clients?", "/api/v2/clients#x", "/oauth/token/../../api/v2/clients",
    "/api/v2/clients/%2e%2e/logs",
    "/api/v2/clients/..%2flogs", "/api/v2/clients/%252e%252e/logs", "/api/v2/clients/%5c..%5clogs",
)  # fmt: skip


@pytest.mark.parametrize("line", DIFFERENTLY)
def test_a_path_is_read_once(target: Target, line: str) -> None:
    """A path in another spelling is another path: no spelling leads past who guards an operation."""
    reader = target.token("reader", MANAGEMENT)
    for token, most in ((None, 401), (reader, 404)):
        for method in ("GET", "DELETE", "POST"):
            more = (f"authorization: Bearer {token}",) if token else ()
            heard = said(
                target.port, request(f"{method} {line}", f"host: {HOST}", *more, "content-length: 0")
            )
            if line.endswith(("?", "#x")) and method == "GET" and token:
                assert status(heard) in (200, 400)  # it is the very path, without a query
                continue
            assert status(heard) in (400, 401, 403, 404, 405), heard
            assert token or status(heard) != most or b"Missing authentication" in heard
            assert b'"client_id"' not in heard
            assert b'"log_id"' not in heard


TRAVERSALS = (
    "..%2f..%2f..%2fetc%2fpasswd", "..%2fpress.py", "%2e%2e%2fstatic.py", "..%5c..%5cstatic.py",
    "....//static.py",
    "%2fetc%2fpasswd", "base.css%00.py", "base.css%2f..%2f..%2fstatic.py", "..", ".", "%2e%2e",
    "C:%5cwindows", "",
    "file:%2f%2f%2fetc%2fpasswd", "base.css/../../static.py", "%c0%ae%c0%ae%2fstatic.py", "__init__.py",
)  # fmt: skip


@pytest.mark.parametrize("name", TRAVERSALS)
def test_files_are_the_ones_on_the_list(target: Target, name: str) -> None:
    """Files are found by name in memory: no path leads out of their folder."""
    heard = said(target.port, request(f"GET /static/{name}", f"host: {HOST}"))
    assert status(heard) in (400, 404), heard
    assert b"root:" not in heard
    assert b"import" not in heard


def test_a_bug_is_not_explained(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is answered with a number to look it up by: no trace, no source, no value."""
    secret = "Zq7-RECOGNISABLE-secret"

    async def broken(*_: object) -> None:
        """What a bug would do."""
        raise RuntimeError(f"the password is {secret}")

    monkeypatch.setattr("sekisho.oauth.token.authenticate", broken)
    with double.target.web() as web:
        for headers in ({}, {"accept": "text/html"}, {"x-debug": "1", "cookie": "XDEBUG_SESSION=1; debug=1"}):
            answer = web.post("/oauth/token", data=double.target.form("machine"), headers=headers)
            assert answer.status_code == 500
            for word in (secret, "Traceback", "RuntimeError", ".py", "broken"):
                assert word not in answer.text
            assert answer.headers["x-correlation-id"]


async def test_templates_are_ours(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant's name is data of a template; where it is the template, it is evaluated."""
    record = double.tenant.record
    policy = replace(record.policy, friendly_name="{{7919*7907}}")
    assert await double.tenant.change(Save(replace(record, policy=policy))) is None
    honest = press.printed

    def evaluated(*told: Any) -> press.Sheet:
        sheet = honest(*told)
        return replaced(sheet, body=press._TEMPLATES.from_string(sheet.body.decode()).render().encode())

    with double.target.web() as web:
        assert PRODUCT not in web.get("/").text
        with monkeypatch.context() as mutant:
            mutant.setattr(press, "printed", evaluated)
            assert PRODUCT in web.get("/").text
    current = double.tenant.record
    policy = replace(current.policy, friendly_name="")
    assert await double.tenant.change(Save(replace(current, policy=policy))) is None


def test_the_raw_path_is_what_holds(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a list of addresses that tidies paths up first, one place has many addresses."""
    honest = Routes.find
    raw = request("GET /x/..%2f.well-known/jwks.json", f"host: {HOST}")
    assert status(said(double.target.port, raw)) == 404
    monkeypatch.setattr(
        Routes, "find", lambda self, method, path: honest(self, method, normpath(unquote(path)))
    )
    assert status(said(double.target.port, raw)) == 200
