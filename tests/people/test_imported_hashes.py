"""Hashes in the shape of Auth0's user import."""

from base64 import b64encode

import msgspec
import pytest

from sekisho.keys import password_hash
from sekisho.people.imported_hashes import CustomHash, kept
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import HASH_UNSUPPORTED

SCRYPT = bytes.fromhex(
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
PBKDF2 = "$pbkdf2-sha256$i=8000,l=32$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE"
ARGON2 = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
SALTS = [
    {"value": "SodiumChloride"},
    {"value": b"SodiumChloride".hex(), "encoding": "hex"},
    {"value": b64encode(b"SodiumChloride").decode(), "encoding": "base64"},
]
HASHES = [
    {"value": SCRYPT.hex(), "encoding": "hex"},
    {"value": b64encode(SCRYPT).decode(), "encoding": "base64"},
]


def asked(**members: object) -> CustomHash:
    """A custom_password_hash."""
    return msgspec.convert(members, CustomHash)


@pytest.mark.parametrize(
    ("algorithm", "value", "text"),
    [("bcrypt", BCRYPT, "U*U"), ("pbkdf2", PBKDF2, "password"), ("argon2", ARGON2, "password")],
)
def test_takes_hashes_that_say_everything(algorithm: str, value: str, text: str):
    """Argon2, bcrypt and PBKDF2 come as one text, which is kept as it is."""
    found = kept(asked(algorithm=algorithm, hash={"value": value, "encoding": "utf8"}))
    assert found == value
    assert password_hash.read(found)(text.encode())


@pytest.mark.parametrize("salt", SALTS)
@pytest.mark.parametrize("hash", HASHES)
def test_takes_scrypt_in_its_parts(salt: dict[str, str], hash: dict[str, str]):
    """Scrypt comes in parts, each in whichever encoding it says. RFC 7914 section 12."""
    found = kept(
        asked(algorithm="scrypt", hash=hash, salt=salt, keylen=64, cost=16384, blockSize=8, parallelization=1)
    )
    assert password_hash.read(found)(b"pleaseletmein")


@pytest.mark.parametrize(
    "members",
    [
        {"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}},
        {"algorithm": "sha512", "hash": {"value": "aa", "encoding": "hex"}, "salt": {"value": "a"}},
        {"algorithm": "bcrypt", "hash": {"value": BCRYPT, "encoding": "base64"}},
        {"algorithm": "bcrypt", "hash": {"value": BCRYPT}, "salt": {"value": "a"}},
        {"algorithm": "bcrypt", "hash": {"value": "plain"}},
        {"algorithm": "pbkdf2", "hash": {"value": PBKDF2.replace("8000", "90000000")}},
        {"algorithm": "scrypt", "hash": HASHES[0]},
        {"algorithm": "scrypt", "hash": HASHES[0], "salt": SALTS[0], "keylen": 32},
        {"algorithm": "scrypt", "hash": HASHES[0], "salt": SALTS[0], "cost": 16383},
        {"algorithm": "scrypt", "hash": HASHES[0], "salt": SALTS[0], "cost": 2**20},
        {"algorithm": "scrypt", "hash": {"value": "xyz", "encoding": "hex"}, "salt": SALTS[0]},
        {"algorithm": "scrypt", "hash": {"value": "???", "encoding": "base64"}, "salt": SALTS[0]},
    ],
)
def test_refuses_hashes_that_cannot_be_verified(members: dict[str, object]):
    """A hash that could never be verified, or at too high a cost, is refused when it comes."""
    with pytest.raises(Refused) as caught:
        kept(asked(**members))
    assert caught.value.reason is HASH_UNSUPPORTED


@pytest.mark.parametrize(
    "members", [{"password": {"encoding": "utf16le"}}, {"cost": 2**21}, {"blockSize": 0}, {"extra": 1}]
)
def test_refuses_what_it_would_misread(members: dict[str, object]):
    """An encoding of passwords that this server does not speak is refused, not guessed."""
    with pytest.raises(msgspec.ValidationError):
        asked(algorithm="bcrypt", hash={"value": BCRYPT}, **members)
