"""Class 37: one assertion is used twice, or its name fills the memory that would tell."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sekisho.model.step import Lost, PutOnce, Step
from sekisho.spec.jose import decode, encode
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store.memory import MemoryEngine
from tests.attacks.assertions import PLACES, TOKEN, Signing, is_refused, signing
from tests.attacks.double import Double
from tests.attacks.flood import flood, posted
from tests.attacks.house import Attacked
from tests.attacks.target import ORIGIN, Target
from tests.oauth.test_client_assertion import key
from tests.outside import free_port
from tests.servers import Installation, Server

MANY = 24
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def client(target: Target) -> Signing:
    """A client that signs."""
    return signing(target)


@pytest.fixture(scope="module")
def beside(house: Attacked) -> Iterator[Server]:
    """A second process of the same installation."""
    first = house.server.installation
    with Installation(first.folder, first.database_url, ORIGIN).serving(free_port()) as second:
        yield second


def remembered(house: Attacked) -> int:
    """How many names of assertions are kept."""
    with closing(sqlite3.connect(f"file:{house.database}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM once").fetchone()[0])


def test_once_is_once(target: Target, client: Signing) -> None:
    """An assertion is used once: not again, not at another endpoint, not in another shape of the request."""
    for first in PLACES:
        with target.web() as web:
            text = client.assertion()
            assert client.ask(web, text, first).status_code in (200, 403)
            for place in (*PLACES, first):
                is_refused(client.ask(web, text, place))
            is_refused(web.post(TOKEN, json=client.form(text)))
            is_refused(web.post(TOKEN, data=client.form(text, client_id=client.client_id, scope="")))


def test_a_race_has_one_winner(target: Target, client: Signing) -> None:
    """Of many who use one assertion at the same time, one gets a token."""

    def use(text: str) -> int:
        with target.web() as web:
            return client.ask(web, text).status_code

    with ThreadPoolExecutor(MANY) as pool:
        for _ in range(3):
            found = sorted(pool.map(use, [client.assertion()] * MANY))
            assert found == [200] + [401] * (MANY - 1)


def test_another_process_remembers_too(target: Target, client: Signing, beside: Server) -> None:
    """What one process took is known to the next one: the memory is the store, not the process."""
    with target.web() as web, beside.web() as other:
        for here, there in ((web, other), (other, web)):
            text = client.assertion()
            assert client.ask(here, text).status_code == 200
            is_refused(client.ask(there, text))


def test_the_name_is_what_was_used(target: Target, client: Signing) -> None:
    """Another signature, other times or another padding do not make a used name new."""
    with target.web() as web:
        text, name = client.assertion(jti="one-name"), "one-name"
        assert client.ask(web, text).status_code == 200
        head, _, tail = text.rpartition(".")
        raw = decode(tail.encode())
        r, s = raw[:32], int.from_bytes(raw[32:])
        turned = encode(r + (ORDER - s).to_bytes(32)).decode()
        der = encode_dss_signature(int.from_bytes(r), ORDER - s)
        key("p256").public_key().verify(
            der, head.encode(), ec.ECDSA(SHA256())
        )  # it is a signature of the text
        assert decode_dss_signature(der)[1] != s
        for again in (
            f"{head}.{turned}",
            client.assertion(jti=name, exp=client.clock() + 61),
            client.assertion("iat", jti=name),
            f"{text}=",
            f"{text}==",
            f" {text}",
        ):
            is_refused(client.ask(web, again))


NAMES = (None, "", "x" * 65, 1, True, ["a"], {"a": 1}, "a\0", 1.5)


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_name_is_a_short_text(target: Target, client: Signing, name: object) -> None:
    """An assertion without a name, or with one that is no short text, is no assertion."""
    with target.web() as web:
        is_refused(client.ask(web, client.assertion(jti=name)))
        is_refused(client.ask(web, client.assertion("jti")))


NO_END: tuple[object, ...] = (None, "", "9999999999", True, [], {}, -1, 0)
FOREVER = (86_400, 400, 4e9, 1e15, 1e300, 2**63, 10**40)


def test_no_name_is_kept_for_ever(house: Attacked, client: Signing) -> None:
    """An assertion that would be good for long is refused and not remembered (cache filling)."""
    before = remembered(house)
    with house.target.web() as web:
        for ahead in FOREVER:
            is_refused(client.ask(web, client.assertion(exp=client.clock() + ahead)))
        for end in NO_END:
            is_refused(client.ask(web, client.assertion(exp=end)))
        is_refused(client.ask(web, client.assertion("exp")))
    assert remembered(house) == before


def test_strangers_fill_nothing(house: Attacked, client: Signing) -> None:
    """Forged assertions leave no name behind: neither room nor somebody else's name can be used up."""
    before, text = remembered(house), client.assertion()
    head = text.rpartition(".")[0]
    with house.target.web() as web:
        for n in range(40):
            is_refused(client.ask(web, f"{head}.{encode(bytes([n]) * 64).decode()}"))
        assert remembered(house) == before
        assert client.ask(web, text).status_code == 200
    assert remembered(house) == before + 1


def test_a_flood_pushes_nothing_out(house: Attacked, client: Signing) -> None:
    """However many other assertions come in between, a used one stays used."""
    text = client.assertion()
    with house.target.web() as web:
        assert client.ask(web, text).status_code == 200
        others = (urlencode(client.form(client.assertion())).encode() for _ in range(1_500))
        assert flood(house.target.port, (posted(TOKEN, body) for body in others)) == {200: 1_500}
        is_refused(client.ask(web, text))


def test_the_memory_is_what_refuses(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails makes nobody believed; where its word is ignored, an assertion works twice."""
    client, honest = signing(double.target, clock=double.clock), MemoryEngine.write

    async def failing(self: MemoryEngine, *steps: Step) -> Lost | None:
        if any(isinstance(step, PutOnce) for step in steps):
            raise Refused(STORE_UNAVAILABLE)
        return await honest(self, *steps)

    async def ignored(self: MemoryEngine, *steps: Step) -> Lost | None:
        lost = await honest(self, *steps)
        return None if lost and isinstance(lost.step, PutOnce) else lost

    with double.target.web() as web:
        text = client.assertion()
        with monkeypatch.context() as broken:
            broken.setattr(MemoryEngine, "write", failing)
            answer = client.ask(web, text)
            assert answer.status_code == 503
            assert "access_token" not in answer.text
        assert client.ask(web, text).status_code == 200
        is_refused(client.ask(web, text))
        with monkeypatch.context() as mutant:
            mutant.setattr(MemoryEngine, "write", ignored)
            assert client.ask(web, text).status_code == 200
