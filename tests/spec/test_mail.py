"""Mail: where it is handed over, and what may stand in one of its lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.mail.line import LONGEST, address_is_plain, one_line
from sekisho.spec.mail.server import MailServer, server_of


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, "tls")),
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, "starttls")),
        ("smtp://mail.example.com:2525/", MailServer("mail.example.com", 2525, "starttls")),
        (
            "smtp://u%40x:p%3Aw@mail.example.com",
            MailServer("mail.example.com", 587, "starttls", "u@x", "p:w"),
        ),
        ("smtp://10.0.0.2:25?starttls=never", MailServer("10.0.0.2", 25, "none")),
        ("smtp://u:p@127.0.0.1:25?starttls=never", MailServer("127.0.0.1", 25, "none", "u", "p")),
        ("smtps://[::1]:465", MailServer("::1", 465, "tls")),
    ],
)
def test_says_where_mail_goes(url: str, server: MailServer) -> None:
    """TLS is the rule: from the first byte, or by STARTTLS. RFC 8314 section 3.3."""
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail.example.com:x",
        "smtp://mail.example.com:99999",
        "smtp://mail.example.com/inbox",
        "smtp://mail.example.com?starttls=maybe",
        "smtps://mail.example.com?starttls=never",
        "smtp://mail.example.com#x",
        "smtp://user@mail.example.com",
        "smtp://u:p@mail.example.com?starttls=never",
        "smtp://u:p%0d%0aQUIT@mail.example.com",
        "smtp://mail.exam ple.com",
        "smtp://maïl.example.com",
    ],
)
def test_refuses_what_cannot_or_should_not_be_done(url: str) -> None:
    """Half a login, a password in the open, and whatever is no such address."""
    assert server_of(url) is None


def test_a_password_is_not_shown() -> None:
    """What is printed of a server has no password in it."""
    assert "s3cret" not in repr(server_of("smtps://u:s3cret@mail.example.com"))


@pytest.mark.parametrize(
    "address", ["aya@example.com", "a.b+c@example.co.jp", "o'neil@example.com", "愛@example.jp", "a@例え.jp"]
)
def test_knows_an_address(address: str) -> None:
    """One address, with the letters that people have in theirs."""
    assert address_is_plain(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "aya",
        "@example.com",
        "aya@",
        "aya@exa mple.com",
        "a@b@example.com",
        "aya@example.com\r\nBcc: eve@evil.example",
        "aya\n@example.com",
        "aya@example.com,eve@evil.example",
        "aya@example.com;eve@evil.example",
        "Aya <aya@example.com>",
        "aya@example.com>\r\nRCPT TO:<eve@evil.example",
        '"a b"@example.com',
        "aya(comment)@example.com",
        "a..b@example.com",
        ".a@example.com",
        "a\u202eb@example.com",
        "a\u00a0b@example.com",
        "aya@[127.0.0.1]",
        "aya@example..com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 60 + ".example" * 40,
    ],
)
def test_knows_what_is_no_address(address: str) -> None:
    """No second address, name, comment, quotes, line break or blank letter. RFC 5322 section 3.4."""
    assert not address_is_plain(address)


@given(st.text(max_size=LONGEST + 10))
def test_words_stay_in_their_line(text: str) -> None:
    """Whatever somebody calls themselves, a line stays one line."""
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not set("\r\n\0\x85\u2028\u202e") & set(line)
    assert one_line(line) == line


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_breaks_its_line(local: str, domain: str) -> None:
    """What passes has nothing in it that ends an address or a line."""
    address = f"{local}@{domain}"
    if address_is_plain(address):
        assert not set('\r\n\0<>(),;:" ') & set(address)
