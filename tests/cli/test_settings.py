"""Settings come from a file and the environment, and what is not known is refused by name."""

from pathlib import Path

import pytest

from sekisho.settings import OPTIONS, PREFIX, TYPES, Settings, SettingsError, load

FILE = 'database_url = "sqlite:///a.db"\nmaster_key_file = "k"\npublic_url = "https://id.example.com"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sound settings file."""
    path = tmp_path / "some.toml"
    path.write_text(FILE)
    return path


def refusal(file: Path, more: str = "", **variables: str) -> str:
    """Why settings are refused."""
    file.write_text(FILE + more)
    with pytest.raises(SettingsError) as refused:
        load(file, variables)
    text = str(refused.value)
    assert "\n" not in text
    return text


def test_reads_a_file(file: Path):
    """A file alone is enough; what it leaves out has its default."""
    assert load(file, {}) == Settings(
        database_url="sqlite:///a.db", master_key_file="k", public_url="https://id.example.com"
    )


def test_reads_variables_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Variables alone are enough, numbers and lists among them."""
    monkeypatch.chdir(tmp_path)
    found = load(
        None,
        {
            "SEKISHO_DATABASE_URL": "postgresql://db/sekisho",
            "SEKISHO_MASTER_KEY_FILE": "k",
            "SEKISHO_PUBLIC_URL": "https://id.example.com",
            "SEKISHO_WORKERS": "4",
            "SEKISHO_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
            "SEKISHO_SITES_FOLDER": "/srv/sites",
        },
    )
    assert (found.workers, found.trusted_proxies) == (4, ("10.0.0.0/8", "192.0.2.1"))
    assert found.sites_folder == "/srv/sites"


def test_a_variable_wins_over_the_file(file: Path):
    """The environment wins over the file."""
    assert load(file, {"SEKISHO_LISTEN": "[::1]:9000"}).listen == "[::1]:9000"


def test_finds_the_file_that_a_variable_names(file: Path):
    """SEKISHO_CONFIG names the file."""
    assert load(None, {"SEKISHO_CONFIG": str(file)}).master_key_file == "k"


def test_finds_the_file_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Without a name it is sekisho.toml in the working folder."""
    (tmp_path / "sekisho.toml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).master_key_file == "k"


def test_leaves_variables_of_options_and_of_tests(file: Path):
    """Variables of the command line's options, and those for tests, are no settings."""
    load(file, {"SEKISHO_PORT": "1", "SEKISHO_TEST_POSTGRES": "x", "OTHER": "y"})


def test_no_option_has_the_variable_of_a_setting():
    """A variable is either an option's or a setting's."""
    assert OPTIONS.isdisjoint(PREFIX + key.upper() for key in TYPES)


@pytest.mark.parametrize(
    ("more", "variables", "said"),
    [
        ('databse_url = "x"', {}, "Unknown setting databse_url in {file}; did you mean database_url?"),
        ("", {"SEKISHO_WORKER": "2"}, "Unknown setting SEKISHO_WORKER; did you mean SEKISHO_WORKERS?"),
        ("", {"SEKISHO_PROT": "2"}, "Unknown setting SEKISHO_PROT; did you mean SEKISHO_PORT?"),
        ("xyzzy = 1", {}, "Unknown setting xyzzy in {file}; known are database_url, "),
        ("development = true", {}, "Unknown setting development in {file}"),
        ("", {"SEKISHO_DEVELOPMENT": "true"}, "Unknown setting SEKISHO_DEVELOPMENT"),
        ("workers = 0", {}, "workers in {file} has to be a whole number from 1 to 256, not 0"),
        ('workers = "2"', {}, "workers in {file} has to be a whole number from 1 to 256, not '2'"),
        (
            "",
            {"SEKISHO_WORKERS": "many"},
            "SEKISHO_WORKERS has to be a whole number from 1 to 256, not 'many'",
        ),
        ("", {"SEKISHO_LISTEN": "8000"}, "SEKISHO_LISTEN has to be address:port"),
        ("", {"SEKISHO_LISTEN": "::1:8000"}, "SEKISHO_LISTEN has to be address:port"),
        ("", {"SEKISHO_LISTEN": "127.0.0.1:70000"}, "SEKISHO_LISTEN has to be address:port"),
        ("", {"SEKISHO_PUBLIC_URL": "id.example.com"}, "SEKISHO_PUBLIC_URL has to be scheme and host"),
        (
            "",
            {"SEKISHO_PUBLIC_URL": "https://id.example.com/"},
            "SEKISHO_PUBLIC_URL has to be scheme and host",
        ),
        ("", {"SEKISHO_PUBLIC_URL": "https://id.example.com:443"}, "SEKISHO_PUBLIC_URL has to be scheme"),
        ("", {"SEKISHO_PUBLIC_URL": "http://[oops"}, "SEKISHO_PUBLIC_URL has to be scheme and host"),
        ("", {"SEKISHO_TRUSTED_PROXIES": "*"}, "SEKISHO_TRUSTED_PROXIES has to be addresses or networks"),
        ('log = "loud"', {}, "log in {file} has to be debug, info, warning or error, not 'loud'"),
        ('tls_cert = "c.pem"', {}, "tls_cert is set and tls_key is not: TLS needs both"),
        ("", {"SEKISHO_TLS_KEY": "k.pem"}, "tls_key is set and tls_cert is not: TLS needs both"),
        (
            'tls_cert = "c"\ntls_key = "k"',
            {"SEKISHO_PUBLIC_URL": "http://id.example.com"},
            "public_url begins with http:// although tls_cert is set",
        ),
        ("log = ", {}, "The settings file {file} is not TOML: "),
    ],
)
def test_refuses_with_the_key_its_place_and_what_is_expected(
    file: Path, more: str, variables: dict[str, str], said: str
):
    """A refusal names the key, where it came from, and what is expected instead."""
    assert refusal(file, more, **variables).startswith(said.format(file=file))


def test_never_repeats_a_database_address(file: Path):
    """An address of a database may hold a password, so it is not repeated."""
    said = refusal(file, SEKISHO_DATABASE_URL="mysql://me:hunter2@db/x")
    assert said == "SEKISHO_DATABASE_URL has to be postgresql://user@host/database or sqlite:///file"


def test_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What is needed and missing is named, with where to put it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        SettingsError, match=r"database_url is missing: put it into sekisho\.toml or set SEKISHO_"
    ):
        load(None, {})


def test_says_that_the_file_is_missing(tmp_path: Path):
    """A file that was named and is not there is no reason to go on without it."""
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read: No such file"):
        load(tmp_path / "none.toml", {})


def test_mail_needs_a_server_and_a_sender(file: Path):
    """Both or neither, and no password is repeated in a message."""
    whole = load(
        file, {"SEKISHO_SMTP_URL": "smtps://u:p@mail.example.com", "SEKISHO_MAIL_FROM": "a@example.com"}
    )
    assert (whole.smtp_url, whole.mail_from) == ("smtps://u:p@mail.example.com", "a@example.com")
    assert "mail_from" in refusal(file, 'smtp_url = "smtps://mail.example.com"\n')
    assert "smtp_url" in refusal(file, 'mail_from = "a@example.com"\n')
    for url in ("mail.example.com", "smtp://u:s3cret@mail.example.com?starttls=never"):
        text = refusal(file, f'smtp_url = "{url}"\nmail_from = "a@example.com"\n')
        assert "smtp_url" in text
        assert "s3cret" not in text
    for sender in ("Sekisho <a@example.com>", "a@example.com, b@example.com", "nobody"):
        text = refusal(file, f'smtp_url = "smtps://mail.example.com"\nmail_from = "{sender}"\n')
        assert "mail_from" in text
