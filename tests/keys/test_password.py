"""Passwords: hashed in a bounded pool, verified whoever hashed them, refused when they cost too much."""

import asyncio
import threading
from base64 import b64encode

import bcrypt
import pytest
from argon2.low_level import Type, hash_secret

from sekisho.keys import guessable, password, password_hash
from sekisho.keys.password import Passwords, is_weaker, nobodys
from sekisho.spec.password import Cost
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.spec.refusals.people import HASH_UNSUPPORTED

CHEAP = Cost(memory=64, passes=1)


def base64(plain: bytes) -> str:
    return b64encode(plain).decode().rstrip("=")


SCRYPT = bytes.fromhex(
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)
PBKDF2_SHA1 = bytes.fromhex("3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038")
PBKDF2_SALT = base64(b"saltSALTsaltSALTsaltSALTsaltSALTsalt")
ARGON2 = "m=65536,t=2,p=1$c29tZXNhbHQ"
OTHERS = [
    ("password", f"$argon2i$v=19${ARGON2}$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"),
    ("password", f"$argon2id$v=19${ARGON2}$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    ("password", f"$argon2i${ARGON2}$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ"),
    ("password", hash_secret(b"password", b"somesalt", 1, 64, 2, 32, Type.D).decode()),
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("passwordPASSWORDpassword", f"$pbkdf2-sha1$i=4096,l=25${PBKDF2_SALT}${base64(PBKDF2_SHA1)}"),
    ("passwordPASSWORDpassword", f"$pbkdf2$4096${PBKDF2_SALT}${base64(PBKDF2_SHA1)}=="),
    ("password", "$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE"),
    ("pleaseletmein", f"$scrypt$ln=14,r=8,p=1${base64(b'SodiumChloride')}${base64(SCRYPT)}"),
]
SHORT, LONG, GOOD = base64(b"a" * 15), base64(b"a" * 65), base64(b"a" * 32)
UNSUPPORTED = [
    *("", "password", "$", "5f4dcc3b5aa765d61d8327deb882cf99", "$1$salt$hash", "$2b$10$short", "$5$a$b"),
    *(f"$argon2x$v=19$m=64,t=1,p=1${GOOD}${GOOD}", f"$argon2id$v=18$m=64,t=1,p=1${GOOD}${GOOD}"),
    f"$argon2id$v=19$m=262145,t=1,p=1${GOOD}${GOOD}",
    f"$argon2id$v=19$m=64,t=999999999,p=1${GOOD}${GOOD}",
    f"$argon2id$v=19$m=262144,t=9,p=1${GOOD}${GOOD}",
    f"$argon2id$v=19$m=64,t=0,p=1${GOOD}${GOOD}",
    f"$argon2id$v=19$m=0,t=1,p=0${GOOD}${GOOD}",
    f"$argon2id$v=19$m=65536,t=1,p=17${GOOD}${GOOD}",
    f"$argon2id$v=19$m=64,t=1,p=9${GOOD}${GOOD}",
    f"$argon2id$v=19$m=64,t=1,p=1${GOOD}${SHORT}",
    f"$argon2id$v=19$m=64,t=1,p=1${GOOD}${LONG}",
    f"$argon2id$v=19$m=64,t=1,p=1$a${GOOD}",
    f"$2b$16${'a' * 53}",
    f"$2b$03${'a' * 53}",
    f"$2x$10${'a' * 53}",
    f"$pbkdf2-sha256$i=2000001,l=32${GOOD}${GOOD}",
    f"$pbkdf2-sha1$i=1000001,l=32${GOOD}${GOOD}",
    f"$pbkdf2-sha256$i=0,l=32${GOOD}${GOOD}",
    f"$pbkdf2-sha256$i=1000,l=31${GOOD}${GOOD}",
    f"$pbkdf2-md5$i=1000,l=32${GOOD}${GOOD}",
    f"$pbkdf2-sha256$i=1000${GOOD}${SHORT}",
    f"$pbkdf2-sha256$i=1000${base64(b'a' * 129)}${GOOD}",
    f"$scrypt$ln=21,r=8,p=1${GOOD}${GOOD}",
    f"$scrypt$ln=20,r=8,p=1${GOOD}${GOOD}",
    f"$scrypt$ln=0,r=8,p=1${GOOD}${GOOD}",
    f"$scrypt$ln=14,r=33,p=1${GOOD}${GOOD}",
    f"$scrypt$ln=14,r=8,p=0${GOOD}${GOOD}",
    f"$scrypt$ln=17,r=8,p=5${GOOD}${GOOD}",
    f"$scrypt$ln=4,r=8,p=1${base64(b'a' * 129)}${GOOD}",
    f"$scrypt$ln=4,r=8,p=1${GOOD}${LONG}",
    f"$argon2id$v=19$m=64,t=1,p=1${'a' * 480}${GOOD}",
]


@pytest.fixture
def passwords():
    """A pool of one thread, with room for one more."""
    pool = Passwords(threads=1, queue=1)
    yield pool
    pool.close()


async def test_verifies_what_it_hashed(passwords: Passwords):
    """A password matches its hash and no other; two hashes of it differ. RFC 9106."""
    first, second = [await passwords.hash("seven grey herons", CHEAP) for _ in range(2)]
    assert first != second
    assert first.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await passwords.matches("seven grey herons", first)
    assert not await passwords.matches("Seven grey herons", first)


async def test_keyboards_make_no_difference(passwords: Passwords):
    """Decomposed letters and wide spaces are the password that others type. RFC 8265 section 4.2.2."""
    hashed = await passwords.hash("がく\u3000が", CHEAP)
    assert await passwords.matches("か\u3099く か\u3099", hashed)
    # An imported hash was made of the text as it was typed.
    typed = bcrypt.hashpw("か\u3099く".encode(), bcrypt.gensalt(4)).decode()
    assert await passwords.matches("か\u3099く", typed)


@pytest.mark.parametrize(("text", "hashed"), OTHERS, ids=lambda value: value[:16])
async def test_verifies_what_others_hashed(passwords: Passwords, text: str, hashed: str):
    """Argon2, bcrypt, PBKDF2 and scrypt match their published vectors, and nothing else."""
    assert await passwords.matches(text, hashed)
    assert not await passwords.matches(text + "x", hashed)
    assert is_weaker(hashed, CHEAP) is not hashed.startswith("$argon2id")


def test_bcrypt_reads_no_further_than_ever():
    """What a bcrypt hash was made from ended at 72 bytes: the same password still matches."""
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert password_hash.read(hashed)(b"x" * 90)
    assert not password_hash.read(hashed)(b"x" * 71)


@pytest.mark.parametrize("text", UNSUPPORTED, ids=lambda value: value[:40])
async def test_refuses_hashes_that_cost_too_much(passwords: Passwords, text: str):
    """Whoever brings hashes cannot make us work for hours, nor bring one that anything matches."""
    with pytest.raises(Refused) as caught:
        await passwords.matches("password", text)
    assert caught.value.reason is HASH_UNSUPPORTED


def test_a_hash_with_broken_bits_matches_nothing():
    """Base64 that ends in stray bits passes the form, and no password."""
    assert not password_hash.read(f"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHR${GOOD}")(b"password")


@pytest.mark.parametrize(
    ("cost", "weaker"),
    [
        (CHEAP, False),
        (Cost(memory=65, passes=1), True),
        (Cost(memory=64, passes=2), True),
        (Cost(memory=8, passes=1), False),
    ],
)
async def test_knows_what_has_to_be_hashed_anew(passwords: Passwords, cost: Cost, weaker: bool):
    """A hash is weaker when memory or passes have risen since, and not when they fell."""
    assert is_weaker(await passwords.hash("seven grey herons", CHEAP), cost) is weaker


async def test_nobody_has_a_password(passwords: Passwords):
    """The hash of nobody has the cost of any other, is another each time, and nothing matches it."""
    first, second = nobodys(CHEAP), nobodys(CHEAP)
    assert first != second
    assert not is_weaker(first, CHEAP)
    assert not await passwords.matches("", first)


async def test_a_full_queue_refuses_at_once(passwords: Passwords):
    """What could not be done soon is refused with 503 and a time to come back; what was taken is done."""
    gate = threading.Event()
    taken = [asyncio.ensure_future(passwords._run(gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as caught:
        await passwords.hash("seven grey herons", CHEAP)
    assert caught.value.reason is OVERLOADED
    assert caught.value.headers == {"retry-after": "2"}
    gate.set()
    assert await asyncio.gather(*taken) == [True, True]
    assert await passwords.matches("x", await passwords.hash("x", CHEAP))


async def test_nobody_waits_for_ever(passwords: Passwords, monkeypatch: pytest.MonkeyPatch):
    """Who waited too long is refused, and makes room for others."""
    monkeypatch.setattr(password, "PATIENCE", 0.01)
    gate = threading.Event()
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            await passwords._run(gate.wait)
        assert caught.value.reason is OVERLOADED
    gate.set()
    monkeypatch.setattr(password, "PATIENCE", 5.0)
    assert await passwords.hash("x", CHEAP)


async def test_the_loop_goes_on_meanwhile(passwords: Passwords):
    """Hashing is no work of the event loop."""
    hashing = asyncio.ensure_future(passwords.hash("x", Cost(memory=65_536, passes=2)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 5


def test_the_table_of_guessable_passwords_is_whole():
    """At least ten thousand, sorted, each once."""
    step = guessable.WIDTH
    rows = [guessable.TABLE[n : n + step] for n in range(0, len(guessable.TABLE), step)]
    assert len(rows) >= 10_000
    assert len(rows[-1]) == step
    assert rows == sorted(set(rows))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("password", True),
        ("PassWord1", True),
        ("12345678", True),
        ("qwertyuiop", True),
        ("iloveyou1", True),
        ("seven grey herons", False),
        ("", False),
        ("ひみつのことば", False),
    ],
)
def test_knows_what_is_guessed_first(text: str, known: bool):
    """The passwords that everybody tries are known without asking anybody, in whatever case."""
    assert guessable.is_guessable(text) is known


def test_looks_beyond_both_ends_of_the_table(monkeypatch: pytest.MonkeyPatch):
    """What sorts before the first or after the last is not there."""
    monkeypatch.setattr(guessable, "TABLE", b"\x7f" * guessable.WIDTH)
    assert not any(guessable.is_guessable(f"{n}") for n in range(20))
