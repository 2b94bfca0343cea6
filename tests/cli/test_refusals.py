"""What somebody can mend is said in one line, with exit status 2, before anything listens."""

import secrets
import socket
from pathlib import Path

import pytest

from tests.cli.command import refused
from tests.outside import free_port


def test_serve_refuses_an_unknown_setting(settings: Path):
    """An unknown setting is named, and a near one offered."""
    settings.write_text(settings.read_text() + 'public_ulr = "x"\n')
    assert "public_ulr in sekisho.toml; did you mean public_url?" in refused("serve", cwd=settings.parent)


def test_serve_refuses_a_bad_value(settings: Path):
    """A bad value is named with what is expected."""
    said = refused("serve", cwd=settings.parent, variables={"SEKISHO_WORKERS": "two"})
    assert "SEKISHO_WORKERS has to be a whole number" in said


def test_serve_refuses_a_weak_master_key(settings: Path, master: Path):
    """A master key that can be guessed is refused."""
    master.write_text("A" * 43 + "\n")
    assert "is not random enough" in refused("serve", cwd=settings.parent)


def test_serve_refuses_a_master_key_that_others_can_read(settings: Path, master: Path):
    """A master key is its owner's alone."""
    master.chmod(0o644)
    assert "chmod 600 master.key" in refused("serve", cwd=settings.parent)


def test_serve_refuses_a_missing_master_key(settings: Path, master: Path):
    """A missing master key is not made silently: whoever made the database has it."""
    master.unlink()
    assert "master.key is missing; make one with" in refused("serve", cwd=settings.parent)


def test_serve_refuses_another_master_key(installation: Path, master: Path):
    """A master key that opens none of the keys is found at start, not at the first token."""
    master.write_text(secrets.token_urlsafe(32) + "\n")
    assert "not in its file any more" in refused("serve", cwd=installation)


def test_serve_refuses_an_unmigrated_schema(settings: Path):
    """A database without the schema is refused, with the command that makes it."""
    assert "sekisho migrate" in refused("serve", cwd=settings.parent)
    assert not (settings.parent / "production.db").exists()


def test_serve_refuses_a_database_that_does_not_answer(settings: Path):
    """A database that cannot be reached is found at start."""
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    said = refused("serve", cwd=settings.parent, variables={"SEKISHO_DATABASE_URL": url})
    assert "database" in said


def test_serve_refuses_a_file_that_is_no_database(settings: Path):
    """A file that is no database is refused, not repaired."""
    (settings.parent / "production.db").write_bytes(b"not a database at all" * 100)
    assert "The database refuses: file is not a database" in refused("serve", cwd=settings.parent)


def test_serve_refuses_certificates_that_are_not_there(installation: Path):
    """TLS files are read before the port listens."""
    tls = {"SEKISHO_TLS_CERT": "no.pem", "SEKISHO_TLS_KEY": "no.key"}
    assert "tls_cert no.pem and tls_key no.key cannot be used" in refused(
        "serve", cwd=installation, variables=tls
    )


@pytest.mark.parametrize("command", ["serve", "dev"])
def test_a_port_in_use_is_said(command: str, installation: Path):
    """A port that is taken is named, and nothing is touched."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        listen = {"SEKISHO_LISTEN": f"127.0.0.1:{port}"}
        words = ["serve"] if command == "serve" else ["dev", "--port", str(port)]
        said = refused(*words, cwd=installation, variables=listen if command == "serve" else None)
    assert f"Port {port} of 127.0.0.1 is in use" in said
    assert not (installation / ".sekisho").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tokn"], "No such command 'tokn'. Did you mean 'token'?"),
        (["dev", "--prot", "1"], "No such option '--prot'"),
        (["dev", "--port", "http"], "Invalid value for '--port'"),
        (["dev", "--host", "0.0.0.0"], "--host 0.0.0.0 needs --no-demo"),
        (["dev", "--host", "192.0.2.1", "--no-demo"], "This machine has no address 192.0.2.1"),
        (["dev", "--host", "0.0.0.0", "--no-demo", "--https"], "--https is for this machine only"),
        (["token"], "The setting database_url is missing"),
        (["token", "--data", "nowhere"], "There is no sekisho.db in nowhere"),
        (["token", "--data", "a", "--config", "b"], "Say either --data or --config"),
        (["client", "show"], "Missing argument 'CLIENT_ID'"),
    ],
)
def test_bad_input_is_said_in_one_line(words: list[str], said: str, tmp_path: Path):
    """Whatever is wrong with the words, one line says so."""
    assert said in refused(*words, cwd=tmp_path)


def test_a_damaged_dev_json_is_said(tmp_path: Path):
    """A dev.json that is not one is named with what to do."""
    (tmp_path / ".sekisho").mkdir()
    (tmp_path / ".sekisho" / "sekisho.db").touch()
    (tmp_path / ".sekisho" / "dev.json").write_text("{")
    assert "dev.json is damaged" in refused("token", cwd=tmp_path)


def test_two_installations_in_one_folder_need_a_word(settings: Path):
    """Where both kinds of installation are near, neither is guessed."""
    (settings.parent / ".sekisho").mkdir()
    assert "say --data .sekisho or --config sekisho.toml" in refused("token", cwd=settings.parent)
