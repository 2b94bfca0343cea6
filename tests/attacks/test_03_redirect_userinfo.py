"""Class 3: an address whose host is not what it looks like, on loopback above all."""

import pytest

from sekisho.spec import redirect_uri
from tests.attacks.people_target import LOOPBACK, Browser, People, told
from tests.attacks.redirects import codes_at, is_refused_everywhere, registrations, signed_in

USERS = (
    "https://app.example.com@evil.example/cb", "https://app.example.com:443@evil.example/cb",
    "https://app.example.com%40evil.example/cb", "https://evil.example@app.example.com/cb",
    "https://user:password@app.example.com/cb", "https://app.example.com:pass@evil.example/cb",
    "https://@app.example.com/cb", "https://:@app.example.com/cb",
    "https://evil.example\\@app.example.com/cb", "https://app.example.com\\@evil.example/cb",
    "https://evil.example#@app.example.com/cb", "https://evil.example?@app.example.com/cb",
    "https://evil.example/@app.example.com/cb", "https://app.example.com%2f@evil.example/cb",
    "https://app.example.com%00@evil.example/cb", "https://app.example.com%0d@evil.example/cb",
    "https://app.example.com\t@evil.example/cb", "https://app.example.com @evil.example/cb",
    "https://app.example.com;@evil.example/cb", "https://app.example.com&@evil.example/cb",
    "https://[app.example.com]@evil.example/cb", "https://app.example.com\uff20evil.example/cb",
)  # fmt: skip
LOOPS = (
    "http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1@evil.example/cb",
    "http://127.0.0.1:51004@evil.example/cb",
    "http://127.0.0.1:51004:80@evil.example/cb", "http://127.0.0.1:@evil.example/cb",
    "http://localhost:80@evil.example/cb", "http://[::1]:80@evil.example/cb",
    "http://127.0.0.1\\@evil.example/cb", "http://127.0.0.1:80\\@evil.example/cb",
    "http://127.0.0.1:51004?@evil.example/cb", "http://127.0.0.1:51004#@evil.example/cb",
    "http://127.0.0.1:51004/@evil.example/cb", "http://127.0.0.1:51004/cb@evil.example",
    "http://127.0.0.1%2f@evil.example/cb", "http://127.0.0.1:51004%40evil.example/cb",
    # The name goes on.
    "http://127.0.0.1.evil.example/cb", "http://127.0.0.1.evil.example:80/cb",
    "http://localhost.evil.example/cb",
    "http://localhost.evil.example:51004/cb", "http://127.0.0.1-evil.example/cb", "http://127.0.0.11/cb",
    "http://localhostevil.example/cb", "http://evil.example/127.0.0.1:51004/cb", "http://evil.localhost/cb",
    "http://[::1].evil.example/cb", "http://[::1]evil.example/cb", "http://::1/cb",
    "http://evil.example:51004/cb", "http://127.0.0.1:51004.evil.example/cb",
)  # fmt: skip
UNREGISTRABLE = (
    "https://app.example.com@evil.example/cb", "https://evil.example\\@app.example.com/cb",
    "http://localhost:80@evil.example/", "http://localhost@evil.example/", "http://localhost.evil.example/cb",
    "http://127.0.0.1.evil.example/cb", "http://localhost%2eevil.example/",
    "http://127.0.0.1:80@evil.example/",
    "http://evil.example/#@localhost/", "http://[::1]@evil.example/", "http://localhost:/cb",
    "http://evil.example/localhost", "http://127.1/cb", "http://2130706433/cb", "http://0x7f.1/cb",
    "http://localhost\uff0eevil.example/", "http://notlocalhost/cb", "http://0.0.0.0/cb",
)  # fmt: skip


@pytest.mark.parametrize("sent", USERS)
def test_the_host_is_what_stands_in_the_registered_address(people: People, kim: Browser, sent: str) -> None:
    """No name before an @, no backslash and no look-alike of either moves the answer to another host."""
    is_refused_everywhere(people, kim, sent)


@pytest.mark.parametrize("sent", LOOPS)
def test_loopback_has_another_port_and_nothing_else(people: People, kim: Browser, sent: str) -> None:
    """What follows the loopback name of a native client is a port or the path. RFC 8252 section 7.3."""
    is_refused_everywhere(people, kim, sent, "native")


def test_another_port_is_all_that_a_native_client_may_choose(people: People, kim: Browser) -> None:
    """The rule that the attacks lean on is there, for native clients, and for no other kind."""
    for port in ("", ":1", ":80", ":51004", ":65535"):
        answer = kim.asks("native", redirect_uri=LOOPBACK.replace("/cb", f"{port}/cb"))
        assert "code" in told(answer)
    is_refused_everywhere(people, kim, "https://app.example.com:51004/cb")


@pytest.mark.parametrize("url", UNREGISTRABLE)
def test_what_only_looks_local_is_not_registered(people: People, url: str) -> None:
    """An address with a user, or plain http on a name that only begins like loopback, stays out."""
    for field in ("callbacks", "allowed_logout_urls", "initiate_login_uri"):
        for answer in registrations(people.target, field, url):
            assert answer.status_code == 400, answer.text


def test_a_loopback_prefix_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With loopback recognised by how an address begins, the host behind the @ reads the code."""
    browser, sent = signed_in(twins), "http://127.0.0.1:80@evil.example/cb"
    assert not codes_at(browser, sent, "native")
    monkeypatch.setattr(redirect_uri, "_is_other_port", lambda sent, _: sent.startswith("http://127.0.0.1"))
    assert codes_at(browser, sent, "native")
