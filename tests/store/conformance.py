"""What every engine does, law by law; each engine's tests inherit these."""

import asyncio

import pytest
from msgspec.structs import replace

from sekisho.limits import Allowed, Bucket, Limits, Wait
from sekisho.model.artifact import AccessToken, Spent
from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.model.connection import TrustedIssuer
from sekisho.model.consent import Consent
from sekisho.model.event import moment
from sekisho.model.password import Password
from sekisho.model.role import NO_ROLE, Permission, Role, RoleAssignment
from sekisho.model.step import (
    Erase,
    Lost,
    Note,
    Put,
    PutOnce,
    Reseal,
    Save,
    Send,
    Settle,
    Step,
    Swap,
    Take,
    Why,
)
from sekisho.model.tenant import AccessPolicy, ClaimRule, TenantRecord
from sekisho.model.user import User
from sekisho.spec.conditional.terms import Terms, Which
from sekisho.store import EVERYWHERE, Engine, Window
from sekisho.store.nouns import FIRST_ADDRESSES, MOST_BROUGHT
from sekisho.store.outbox import KEEP_DONE
from sekisho.store.tombstone import LIFETIME
from sekisho.store.upkeep import Change, Changes
from tests.store.things import NOW, Clock, Code, client, code, event, grant, owner, sending, token

ALL = Window(limit=1_000)


def why(lost: Lost | None) -> str | None:
    return lost.why if lost else None


async def slipped(engine: Engine, clock: Clock, thing: Code, handle: str) -> None:
    """A row that its owner's revocation did not delete, as if it had slipped in beside it."""
    await engine.write(Put(thing, handle))
    clock.now = thing.expires_at
    assert await engine.revoke(thing.owner, NOW) == 0
    clock.now = NOW


class Artifacts:
    async def test_keeps_what_is_put(self, engine: Engine):
        """An artifact is read back as it was put."""
        thing = token("id", owner(grant="g", session="s", user="u", client="c"))
        assert await engine.write(Put(thing, "handle")) is None
        assert await engine.get(AccessToken, "handle") == thing

    async def test_knows_nothing_of_other_handles(self, engine: Engine):
        """A handle that was never put, or of another kind, is None; whatever text it is."""
        await engine.write(Put(token(), "handle"))
        for handle in ("other", "", "\0", "\ud800", "handle\0", "x" * 10_000):
            assert await engine.get(AccessToken, handle) is None
        assert await engine.get(Code, "handle") is None

    async def test_forgets_what_expired(self, engine: Engine, clock: Clock):
        """From its expiry on an artifact is None, spent or not, swept or not."""
        await engine.write(Put(code("1"), "live"), Put(code("2"), "spent"))
        await engine.write(Take(Code, "spent"))
        clock.now = NOW + 100
        assert await engine.get(Code, "live") is None
        assert await engine.get(Code, "spent") is None
        lost = await engine.write(Take(Code, "live"))
        assert why(lost) == "absent"

    async def test_takes_once(self, engine: Engine, clock: Clock):
        """An artifact is taken at most once; the second one learns what the first use was."""
        whose = owner(grant="g", session="s", user="u", client="c")
        await engine.write(Put(code("id", whose), "handle"))
        clock.now = NOW + 5
        assert await engine.write(Take(Code, "handle")) is None
        spent = Spent(id="id", owner=whose, at=NOW + 5)
        assert await engine.get(Code, "handle") == spent
        step = Take(Code, "handle")
        assert await engine.write(step) == Lost(step, "spent", spent)

    async def test_takes_nothing_that_is_absent(self, engine: Engine):
        """Taking what is not there is lost as absent."""
        step = Take(Code, "nothing")
        assert await engine.write(step) == Lost(step, "absent")

    async def test_swaps(self, engine: Engine):
        """A swap keeps handle and id, stores the new body and expiry, and counts the version."""
        await engine.write(Put(code("id", note="old"), "handle"))
        changed = code("id", owner(user="u"), note="new", expires_at=NOW + 200)
        assert await engine.write(Swap(changed)) is None
        kept = await engine.get(Code, "handle")
        assert kept == code("id", owner(user="u"), note="new", expires_at=NOW + 200, version=1)
        assert await engine.write(Swap(kept)) is None
        assert await engine.find(Code, owner(user="u"), None, 10) == [
            code("id", owner(user="u"), note="new", expires_at=NOW + 200, version=2)
        ]

    async def test_swaps_only_what_did_not_move(self, engine: Engine, clock: Clock):
        """A swap is lost when the artifact is of another version, spent, expired or not there."""
        await engine.write(Put(code("1"), "moved"), Put(code("2"), "spent"), Put(code("3"), "expired"))
        await engine.write(Swap(code("1")), Take(Code, "spent"))
        clock.now = NOW + 99
        whys = []
        for id in ("1", "2", "4"):
            lost = await engine.write(Swap(code(id)))
            whys.append(lost and (lost.why, lost.spent and lost.spent.id))
        clock.now = NOW + 100
        lost = await engine.write(Swap(code("3", expires_at=NOW + 300)))
        assert whys == [("stale", None), ("spent", "2"), ("absent", None)]
        assert why(lost) == "absent"

    async def test_swaps_in_its_own_tenant(self, engine: Engine):
        """An id of one tenant is nothing in another."""
        await engine.write(Put(code("1"), "handle"))
        lost = await engine.write(Swap(code("1", owner("other"))))
        assert why(lost) == "absent"
        assert await engine.write(Put(code("1", owner("other")), "another")) is None

    async def test_refuses_duplicates(self, engine: Engine, clock: Clock):
        """A handle and an id are used once, until what used them has expired."""
        await engine.write(Put(code("1"), "handle"))
        for step in (Put(code("2"), "handle"), Put(code("1"), "other")):
            assert await engine.write(step) == Lost(step, "duplicate")
        clock.now = NOW + 100
        fresh = code("1", expires_at=NOW + 200)
        assert await engine.write(Put(fresh, "other")) is None
        assert await engine.write(Put(code("2", expires_at=NOW + 200), "handle")) is None
        assert await engine.get(Code, "other") == fresh

    async def test_claims_a_key_once(self, engine: Engine, clock: Clock):
        """A key is claimed once until it expires; any text may be a key."""
        for key in ("key", "", "\0", "\ud800", "k" * 10_000):
            step = PutOnce(key, NOW + 10)
            assert await engine.write(step) is None
            assert await engine.write(step) == Lost(step, "duplicate")
        clock.now = NOW + 10
        assert await engine.write(PutOnce("key", NOW + 20)) is None
        lost = await engine.write(PutOnce("key", NOW + 30))
        assert why(lost) == "duplicate"

    @pytest.mark.parametrize(
        "losing",
        [
            Take(Code, "absent"),
            Take(Code, "spent"),
            Swap(code("absent")),
            Put(code("new"), "there"),
            PutOnce("claimed", NOW + 10),
            Note(event("noted")),
            Save(client("saved")),
            Erase(client("absent", version=1)),
        ],
        ids=lambda step: type(step).__name__,
    )
    async def test_makes_all_steps_or_none(self, engine: Engine, losing):
        """Nothing of a unit lands when one step is lost, and the first one that is lost is named."""
        await engine.write(Put(code("1"), "there"), Put(code("2"), "spent"), PutOnce("claimed", NOW + 10))
        await engine.write(Take(Code, "spent"), Note(event("noted")), Save(client("saved")))
        version = (await engine.changes(0)).version
        before = (
            Put(code("3"), "new"),
            PutOnce("free", NOW + 10),
            Take(Code, "there"),
            Note(event("2")),
            Save(client("2")),
        )
        for steps in (before, (before[0],), (before[1],), (before[2],), (Swap(code("1")), before[3])):
            lost = await engine.write(*steps, losing, Take(Code, "another"))
            assert lost is not None
            assert lost.step == losing
            assert await engine.get(Code, "new") is None
            assert await engine.get(Code, "there") == code("1")
            assert await engine.events("t", {}, ALL) == [event("noted")]
            assert await engine.record(Client, "t", "2") is None
            assert (await engine.changes(0)).version == version
        assert await engine.write(*before) is None

    async def test_makes_steps_in_their_order(self, engine: Engine):
        """A step sees what the steps before it in its unit did."""
        take, swap, once = Take(Code, "h"), Swap(code("1")), PutOnce("k", NOW + 10)
        assert await engine.write(Put(code("1"), "h"), swap, take, once) is None
        assert isinstance(await engine.get(Code, "h"), Spent)
        await engine.write(Put(code("2"), "2"))
        twice = Take(Code, "2")
        assert why(await engine.write(twice, twice)) == "spent"
        assert why(await engine.write(Swap(code("2")), Swap(code("2")))) == "stale"
        assert why(await engine.write(twice, Swap(code("2")))) == "spent"
        again = PutOnce("two", NOW + 10)
        assert await engine.write(again, again) == Lost(again, "duplicate")
        assert await engine.write(again) is None
        assert await engine.write(Swap(code("2")), twice) is None

    async def test_claims_all_keys_or_none(self, engine: Engine):
        """Of several keys none is claimed when one is not free."""
        free, claimed = PutOnce("free", NOW + 10), PutOnce("claimed", NOW + 10)
        await engine.write(claimed)
        assert await engine.write(free, claimed) == Lost(claimed, "duplicate")
        assert await engine.write(free, PutOnce("another", NOW + 10)) is None

    async def test_makes_nothing_of_nothing(self, engine: Engine):
        """A unit without steps lands."""
        assert await engine.write() is None

    async def test_lets_one_of_many_win(self, engine: Engine):
        """Of many who take, swap or claim the same thing at once, exactly one wins."""
        await engine.write(*(Put(code(id), id) for id in "abc"))
        races: list[list[Step]] = [
            [Take(Code, "a")] * 40,
            [Swap(code("b"))] * 40,
            [Take(Code, "c"), Swap(code("c"))] * 20,
            [PutOnce("key", NOW + 10)] * 40,
            [Put(code("d"), "d")] * 40,
            [Note(event("1"))] * 40,
            [Save(client("1"))] * 40,
        ]
        for steps in races:
            lost = await asyncio.gather(*(engine.write(step) for step in steps))
            assert lost.count(None) == 1

    async def test_spares_strangers(self, engine: Engine):
        """What cannot be kept fails for its caller only, whoever else is in the group."""
        poison: list[Step] = [
            Put(code("nul\0"), "p1"),
            Put(code("p2", owner(user="nul\0")), "p2"),
            Put(code("p3", owner(user="x" * 10_000)), "p3"),
            Put(code("p4", expires_at=float("nan")), "p4"),
            Put(code("p5", owner(user="\ud800")), "p5"),
            Note(event("e", slug="nul\0")),
            Save(client("c", client_id="nul\0")),
        ]
        units: list[Step] = [Put(code(str(n)), f"h{n}") for n in range(20)]
        results = await asyncio.gather(
            *(engine.write(step) for step in units[:10] + poison + units[10:]), return_exceptions=True
        )
        assert results[:10] + results[-10:] == [None] * 20
        assert all(isinstance(result, ValueError) for result in results[10:-10])
        assert len(await engine.find(Code, owner(), None, 100)) == 20

    async def test_finds_by_owner(self, engine: Engine, clock: Clock):
        """Every field of the owner that is set must match; what is spent or expired is not found."""
        whole = {"grant": "g", "session": "s", "user": "u", "client": "c"}
        await engine.write(Put(code("all", owner(**whole)), "all"), Put(code("none"), "none"))
        for field, value in whole.items():
            await engine.write(Put(code(field, owner(**{field: value})), field))
            found = await engine.find(Code, owner(**{field: value}), None, 10)
            assert [thing.id for thing in found] == ["all", field]
        await engine.write(
            Put(code("far", owner("other", **whole)), "far"), Put(token("t", owner(**whole)), "t")
        )
        await engine.write(Put(code("spent", owner(**whole)), "spent"))
        await engine.write(Put(code("expired", owner(**whole), expires_at=NOW + 1), "expired"))
        await engine.write(Take(Code, "spent"))
        clock.now = NOW + 1
        assert [thing.id for thing in await engine.find(Code, owner(**whole), None, 10)] == ["all"]
        assert len(await engine.find(Code, owner(), None, 10)) == 6

    async def test_finds_page_by_page(self, engine: Engine):
        """What is found comes by id, after the one last seen, at most as many as asked for."""
        ids = ["B", "a", "b", "z", "é", "日"]  # the order of code points
        for id in reversed(ids):
            await engine.write(Put(code(id, owner(user="u")), id))
        first = await engine.find(Code, owner(user="u"), None, 4)
        rest = await engine.find(Code, owner(user="u"), first[-1].id, 4)
        assert [thing.id for thing in first + rest] == ids


class Revocations:
    async def test_ends_a_grant_for_ever(self, engine: Engine):
        """A grant's revocation covers what is born later, too."""
        whose = owner(grant="g", user="u", client="c")
        await engine.write(Put(token("1", whose), "1"), Put(token("2", owner(user="u", client="c")), "2"))
        assert await engine.revoke(whose, NOW) == 1
        assert await engine.get(AccessToken, "1") is None
        assert await engine.get(AccessToken, "2") is not None
        step = Put(token("3", whose, born=NOW + 50), "3")
        assert await engine.write(step) == Lost(step, "revoked")

    @pytest.mark.parametrize(
        "fields", [{"session": "s"}, {"user": "u"}, {"client": "c"}, {"user": "u", "client": "c"}, {}]
    )
    async def test_ends_what_began_until_then(self, engine: Engine, fields):
        """Any other revocation covers what was born at or before it, not what begins afterwards."""
        whose = owner(**({"session": "s", "user": "u", "client": "c"} | fields))
        await engine.write(Put(token("1", whose, born=NOW - 1), "1"), Put(token("2", whose), "2"))
        await engine.write(Put(token("3", whose, born=NOW + 1), "3"))
        assert await engine.revoke(owner(**fields), NOW) == 2
        assert [thing.id for thing in await engine.find(AccessToken, whose, None, 10)] == ["3"]
        lost = await engine.write(Put(token("4", whose), "4"))
        assert why(lost) == "revoked"
        assert await engine.write(Put(token("5", whose, born=NOW + 1), "5")) is None

    @pytest.mark.parametrize(
        ("revoked", "ended"),
        [
            ({"grant": "g", "session": "s", "user": "u", "client": "c"}, {"g"}),
            ({"session": "s", "user": "u", "client": "c"}, {"s"}),
            ({"user": "u", "client": "c"}, {"uc"}),
            ({"user": "u"}, {"u", "uc"}),
            ({"client": "c"}, {"c", "uc"}),
            ({}, {"g", "s", "u", "c", "uc", "other"}),
        ],
    )
    async def test_ends_the_most_specific(self, engine: Engine, revoked, ended):
        """A revocation ends the most specific thing that its owner names, and nobody else's."""
        owners = {
            "g": owner(grant="g"),
            "s": owner(session="s"),
            "u": owner(user="u"),
            "c": owner(client="c"),
            "uc": owner(user="u", client="c"),
            "other": owner(grant="G", session="S", user="U", client="C"),
            "far": owner("far", grant="g", session="s", user="u", client="c"),
        }
        for id, whose in owners.items():
            await engine.write(Put(code(id, whose), id))
        assert await engine.revoke(owner(**revoked), NOW) == len(ended)
        for id, whose in owners.items():
            assert (await engine.get(Code, id) is None) == (id in ended)
            assert await engine.revoked(whose, NOW) == (id in ended)

    async def test_tells_pairs_apart(self, engine: Engine):
        """A user with a client is no other user with another client."""
        await engine.revoke(owner(user="ab", client="c"), NOW)
        for user, client_id in (("a", "bc"), ("abc", ""), ("", "abc"), ("2:ab", "c"), ("ab", "C")):
            assert await engine.write(Put(code(user, owner(user=user, client=client_id)), user)) is None
            assert not await engine.revoked(owner(user=user, client=client_id), NOW)
        lost = await engine.write(Put(code("x", owner(user="ab", client="c")), "x"))
        assert why(lost) == "revoked"

    @pytest.mark.parametrize("fields", [{"grant": "g"}, {"user": "日本", "client": "c"}, {"session": "s"}])
    async def test_hides_what_slipped_in(self, engine: Engine, clock: Clock, fields):
        """A row beside a revocation is invisible: it is neither read, found, taken nor swapped."""
        thing = code("1", owner(**fields))
        await slipped(engine, clock, thing, "h")
        assert await engine.get(Code, "h") is None
        assert await engine.find(Code, thing.owner, None, 10) == []
        for step in (Take(Code, "h"), Swap(thing)):
            assert await engine.write(step) == Lost(step, "revoked")
            assert await engine.write(Put(code("2"), "2"), step) == Lost(step, "revoked")

    async def test_swaps_into_no_revoked_owner(self, engine: Engine):
        """An artifact cannot be given to an owner who was revoked."""
        await engine.write(Put(code("1"), "h"))
        await engine.revoke(owner(session="s"), NOW)
        step = Swap(code("1", owner(session="s")))
        assert await engine.write(step) == Lost(step, "revoked")
        assert why(await engine.write(Swap(code("2", owner(session="s"))))) == "absent"

    async def test_remembers_what_was_spent(self, engine: Engine):
        """What was taken stays spent when its owner is revoked: a replay must be seen."""
        whose = owner(grant="g")
        await engine.write(Put(code("1", whose), "h"))
        await engine.write(Take(Code, "h"))
        assert await engine.revoke(whose, NOW) == 0
        assert await engine.get(Code, "h") == Spent(id="1", owner=whose, at=NOW)
        lost = await engine.write(Take(Code, "h"))
        assert why(lost) == "spent"

    async def test_never_goes_back(self, engine: Engine):
        """An earlier revocation that arrives later uncovers nothing."""
        await engine.revoke(owner(user="u"), NOW)
        await engine.revoke(owner(user="u"), NOW - 50)
        assert await engine.revoked(owner(user="u"), NOW)
        assert not await engine.revoked(owner(user="u"), NOW + 1)

    async def test_ends_many(self, engine: Engine):
        """A revocation ends more rows than one batch holds."""
        await asyncio.gather(
            *(
                engine.write(*(Put(code(f"{n}-{m}", owner(user="u")), f"{n}-{m}") for m in range(40)))
                for n in range(30)
            )
        )
        assert await engine.revoke(owner(user="u"), NOW) == 1_200
        assert await engine.find(Code, owner(user="u"), None, 10) == []

    async def test_outlives_what_it_covers(self, engine: Engine):
        """Tombstones live for 400 days."""
        await engine.revoke(owner(user="u"), NOW)
        assert await engine.sweep(NOW + LIFETIME - 1, 100) == 0
        assert await engine.revoked(owner(user="u"), NOW)
        assert await engine.sweep(NOW + LIFETIME, 100) == 1
        assert not await engine.revoked(owner(user="u"), NOW)


class Records:
    async def test_saves(self, engine: Engine):
        """A record is read back with its stored version, by id and by name; its times are the caller's."""
        fresh = client("1", created_at=5, updated_at=6, web_origins=("https://a.test",))
        assert await engine.write(Save(fresh)) is None
        kept = await engine.record(Client, "t", "1")
        assert kept == client("1", version=1, created_at=5, updated_at=6, web_origins=("https://a.test",))
        assert await engine.write(Save(kept)) is None
        named = await engine.named(Client, "t", "client-1")
        assert named is not None
        assert named.version == 2

    async def test_may_bring_what_is_asked_for_next(self, engine: Engine):
        """Who is met comes first, then only grants of its own; nobody brings the grants of who is gone."""
        grants = [grant(f"{n}") for n in range(9)]
        await engine.write(Save(client("1")), Save(client("2")), *map(Save, grants))
        await engine.write(Save(grant("other", client_id="client-2")), Save(grant("left", client_id="gone")))
        first, *brought = await engine.met(Client, "t", "client-1")
        assert first == client("1", version=1)
        assert all(each in [replace(one, version=1) for one in grants] for each in brought)
        assert len(brought) <= MOST_BROUGHT
        assert await engine.met(Client, "t", "gone") == []
        assert await engine.met(Client, "x", "client-1") == []
        (alone,) = await engine.met(ClientGrant, "t", "client-2 api-other")
        assert alone == grant("other", client_id="client-2", version=1)

    async def test_saves_what_did_not_move(self, engine: Engine):
        """A record is created once, and changed only by somebody who saw its latest version."""
        await engine.write(Save(client("1")))
        await engine.write(Save(client("1", version=1)))
        refused: list[tuple[Client, Why]] = [
            (client("1", client_id="free"), "duplicate"),
            (client("2", client_id="client-1"), "duplicate"),
            (client("1", version=1), "stale"),
            (client("1", version=3), "stale"),
            (client("2", version=1), "absent"),
        ]
        for record, because in refused:
            assert await engine.write(Save(record)) == Lost(Save(record), because)
        assert await engine.write(Erase(client("1", version=1))) == Lost(
            Erase(client("1", version=1)), "stale"
        )
        assert await engine.write(Erase(client("2", version=1))) == Lost(
            Erase(client("2", version=1)), "absent"
        )
        assert await engine.count(Client, "t", {}) == 1

    async def test_keeps_names_unique(self, engine: Engine):
        """A name belongs to one record of a kind and tenant; changing or erasing the record frees it."""
        user = User(tenant="t", id="1", user_id="u|1", connection="db", logins=("ann", "ann@x.test", "u|1"))
        await engine.write(Save(user))
        rival = User(tenant="t", id="2", user_id="u|2", connection="db", logins=("ann@x.test",))
        assert why(await engine.write(Save(rival))) == "duplicate"
        assert await engine.named(User, "t", "u|2") is None
        elsewhere = User(tenant="x", id="2", user_id="u|2", connection="db", logins=("ann@x.test",))
        assert await engine.write(Save(elsewhere)) is None
        renamed = User(tenant="t", id="1", user_id="u|1", connection="db", logins=("bob",), version=1)
        assert await engine.write(Save(renamed)) is None
        assert await engine.named(User, "t", "ann") is None
        found = await engine.named(User, "t", "bob")
        assert found is not None
        assert found.id == "1"
        assert await engine.write(Save(rival)) is None
        assert await engine.write(Erase(found)) is None
        assert await engine.named(User, "t", "bob") is None
        assert await engine.record(User, "t", "1") is None
        assert await engine.write(Save(user)) is not None  # ann@x.test is the rival's now

    async def test_swaps_names_between_records(self, engine: Engine):
        """A name that one step of a unit frees may be taken by the next."""
        await engine.write(Save(client("1", client_id="a")), Save(client("2", client_id="b")))
        steps = (Erase(client("1", version=1)), Save(client("2", client_id="a", version=1)))
        assert await engine.write(*steps) is None
        found = await engine.named(Client, "t", "a")
        assert found is not None
        assert found.id == "2"

    async def test_keeps_tenants_everywhere(self, engine: Engine):
        """A tenant's slug and domains are unique in the whole installation, and all tenants are one list."""
        one = TenantRecord(tenant="id1", id="id1", slug="one", domains=("one.test",))
        two = TenantRecord(tenant="id2", id="id2", slug="two", domains=("one.test",))
        assert await engine.write(Save(one)) is None
        assert why(await engine.write(Save(two))) == "duplicate"
        found = await engine.named(TenantRecord, EVERYWHERE, "one.test")
        assert found is not None
        assert found.id == "id1"
        assert await engine.record(TenantRecord, EVERYWHERE, "id1") == found
        assert await engine.records(TenantRecord, EVERYWHERE, {}, ALL) == [found]
        assert (await engine.changes(0)).changed == (Change("tenant", EVERYWHERE, "id1"),)

    async def test_lists(self, engine: Engine):
        """Records come by id; after an id, then skipping, at most as many as asked for; of one tenant."""
        ids = ["B", "a", "b", "z", "é", "日"]
        for id in reversed(ids):
            await engine.write(Save(client(id)))
        await engine.write(Save(client("far", tenant="other")))
        for window, expected in (
            (Window(), ids),
            (Window(limit=2), ids[:2]),
            (Window(limit=2, offset=1), ids[1:3]),
            (Window(limit=2, after="b"), ids[3:5]),
            (Window(limit=2, after="b", offset=1), ids[4:6]),
            (Window(limit=2, offset=6), []),
        ):
            assert [record.id for record in await engine.records(Client, "t", {}, window)] == expected
        assert await engine.count(Client, "t", {}) == 6

    async def test_filters(self, engine: Engine):
        """`where` names columns or a tag, and all of them must match; anything else is a KeyError."""
        await engine.write(
            Save(client("1", app_type="spa", web_origins=("https://a.test", "https://b.test")))
        )
        await engine.write(Save(client("2", app_type="spa", is_first_party=False)))
        await engine.write(Save(client("3", allowed_origins=("https://a.test",))))
        for where, expected in (
            ({"app_type": "spa"}, ["1", "2"]),
            ({"app_type": "spa", "is_first_party": "false"}, ["2"]),
            ({"tag": "https://a.test"}, ["1", "3"]),
            ({"tag": "https://a.test", "app_type": "spa"}, ["1"]),
            ({"is_first_party": "true", "tag": "https://b.test", "app_type": "spa"}, ["1"]),
            ({"tag": "nothing"}, []),
        ):
            assert [record.id for record in await engine.records(Client, "t", where, ALL)] == expected
            assert await engine.count(Client, "t", where) == len(expected)
        for key in ("doc", "id", "nothing", "app_type = app_type --", "TAG"):
            with pytest.raises(KeyError):
                await engine.records(Client, "t", {key: "x"}, ALL)
            with pytest.raises(KeyError):
                await engine.count(Client, "t", {key: "x"})
            with pytest.raises(KeyError):
                await engine.events("t", {key: "x"}, ALL)

    async def test_replaces_tags_and_columns(self, engine: Engine):
        """What a record is found by follows its changes."""
        await engine.write(Save(client("1", app_type="spa", web_origins=("https://a.test",))))
        await engine.write(Save(client("1", version=1, app_type="native", web_origins=("https://b.test",))))
        assert await engine.count(Client, "t", {"tag": "https://a.test"}) == 0
        assert await engine.count(Client, "t", {"tag": "https://b.test", "app_type": "native"}) == 1
        await engine.write(Erase(client("1", version=2)))
        assert await engine.count(Client, "t", {"tag": "https://b.test"}) == 0

    async def test_takes_any_text_as_a_value(self, engine: Engine):
        """Values never become statements, whatever they say."""
        hostile = "'; DROP TABLE client; --\"?1$1%s"
        record = client("1", client_id=hostile, app_type=hostile, web_origins=(hostile,))
        assert await engine.write(Save(record), Put(code(hostile, owner(user=hostile)), hostile)) is None
        assert await engine.named(Client, "t", hostile)
        assert await engine.count(Client, "t", {"tag": hostile, "app_type": hostile}) == 1
        assert [thing.id for thing in await engine.find(Code, owner(user=hostile), None, 10)] == [hostile]
        assert await engine.revoke(owner(user=hostile), NOW) == 1

    async def test_lists_consents_of_nobody(self, engine: Engine):
        """A column may be empty: a consent of everyone is nobody's in particular."""
        await engine.write(Save(Consent(tenant="t", id="1", user=None, client="c", api=None)))
        await engine.write(Save(Consent(tenant="t", id="2", user="u", client="c", api=None)))
        found = await engine.records(Consent, "t", {"user_id": "u"}, ALL)
        assert [record.id for record in found] == ["2"]
        assert await engine.count(Consent, "t", {"client_id": "c"}) == 2

    async def test_keeps_people(self, engine: Engine):
        """A user comes back as it was, and is found by its roles; only roles are configuration."""
        may = Permission(api="https://api.test", scope="read", id="7")
        clerk = Role(tenant="t", id="rol_1", name="clerk", permissions=(may,))
        claims = {"email": "ann@x.test", "email_verified": True, "address": {"country": "JP"}}
        ann = User(tenant="t", id="1", user_id="u|1", connection="db", roles=("rol_1",), claims=claims)
        ann = replace(ann, logins=("ann@x.test", "山田"), username="山田", permissions=(may,))
        password = Password(tenant="t", id="1", hash="$argon2id$", changed_at=NOW)
        before = (await engine.changes(0)).version
        assert await engine.write(Save(ann), Save(password)) is None
        assert (await engine.changes(0)).version == before
        assert await engine.write(Save(clerk)) is None
        assert (await engine.changes(0)).version == before + 1
        assert await engine.named(User, "t", "山田") == replace(ann, version=1)
        assert await engine.record(Password, "t", "1") == replace(password, version=1)
        for name in ("rol_1", "clerk"):
            assert await engine.named(Role, "t", name) == replace(clerk, version=1)
        rival = replace(clerk, id="rol_2")
        assert why(await engine.write(Save(rival))) == "duplicate"
        assert [user.id for user in await engine.records(User, "t", {"tag": "rol_1"}, Window())] == ["1"]
        assert await engine.write(Save(replace(ann, roles=(), version=1))) is None
        assert await engine.records(User, "t", {"tag": "rol_1"}, Window()) == []

    async def test_keeps_access_policies(self, engine: Engine):
        """A policy is configuration, with all that it says."""
        terms = Terms(users=Which(include=("山田",)), contexts=("c1",), max_age=60, second_factor=True)
        policy = AccessPolicy(tenant="t", id="1", name="山田", terms=terms)
        before = (await engine.changes(0)).version
        assert await engine.write(Save(policy)) is None
        assert (await engine.changes(before)).version == before + 1
        assert await engine.records(AccessPolicy, "t", {}, Window(limit=9)) == [replace(policy, version=1)]

    async def test_keeps_claim_rules(self, engine: Engine):
        """A rule is configuration, is found by its claim, and no other one of its tenant has that claim."""
        told = ClaimRule(tenant="t", id="clr_1", name="山田", claim="https://a.test/x", expression="user.id")
        rule = replace(told, tokens=("access_token", "userinfo"), enabled=False)
        before = (await engine.changes(0)).version
        assert await engine.write(Save(rule)) is None
        assert (await engine.changes(before)).version == before + 1
        assert await engine.named(ClaimRule, "t", "https://a.test/x") == replace(rule, version=1)
        assert await engine.records(ClaimRule, "t", {}, Window(limit=50)) == [replace(rule, version=1)]
        assert why(await engine.write(Save(replace(rule, id="clr_2")))) == "duplicate"
        assert await engine.write(Save(replace(rule, tenant="u"))) is None
        assert await engine.count(ClaimRule, "t", {}) == 1

    async def test_keeps_trusted_issuers(self, engine: Engine):
        """An issuer is configuration, is found by its address, and is trusted once in each tenant."""
        told = TrustedIssuer(
            tenant="t", id="tri_1", issuer="https://a.test/", clients=("山田",), names="email"
        )
        trusted = replace(told, jwks=({"kty": "EC", "x": 1},), names="email", enabled=False)
        before = (await engine.changes(0)).version
        assert await engine.write(Save(trusted)) is None
        assert (await engine.changes(before)).version == before + 1
        assert await engine.named(TrustedIssuer, "t", "https://a.test/") == replace(trusted, version=1)
        assert why(await engine.write(Save(replace(trusted, id="tri_2")))) == "duplicate"
        assert await engine.write(Save(replace(trusted, tenant="u"))) is None
        assert await engine.count(TrustedIssuer, "t", {}) == 1

    async def test_keeps_who_has_which_role(self, engine: Engine):
        """Found by whom it is of and by the API; given once, and no configuration: there are many."""
        given = RoleAssignment(tenant="t", id="1", principal="p", kind="User", api="a", role="r")
        more = (
            replace(given, id="2", role=NO_ROLE),
            replace(given, id="3", principal="q", kind="Group"),
            replace(given, id="4", api="b", kind="ServicePrincipal"),
            replace(given, tenant="u"),
        )
        before = (await engine.changes(0)).version
        assert await engine.write(Save(given), *map(Save, more)) is None
        assert (await engine.changes(0)).version == before
        assert await engine.named(RoleAssignment, "t", "p a r") == replace(given, version=1)
        for where, expected in (
            ({"principal": "p"}, ["1", "2", "4"]),
            ({"api": "a"}, ["1", "2", "3"]),
            ({"principal": "p", "api": "a"}, ["1", "2"]),
            ({"principal": "a"}, []),
            ({"tag": "a"}, ["3"]),
        ):
            found = await engine.records(RoleAssignment, "t", where, ALL)
            assert [each.id for each in found] == expected
            assert await engine.count(RoleAssignment, "t", where) == len(expected)
        assert why(await engine.write(Save(replace(given, id="5")))) == "duplicate"
        assert await engine.write(Erase(replace(given, version=1)), Save(replace(given, id="5"))) is None

    async def test_finds_by_names(self, engine: Engine):
        """A whole name, or how one with an @ begins: letter for letter, within one tenant and one kind."""
        for id, logins in (
            ("1", ("ann@x.test",)),
            ("2", ("anna@x.test", "ann")),
            ("3", ("bob@x.test", "日本@x.test")),
            ("4", ("a%_@x.test", "Ann@x.test")),
        ):
            user = User(tenant="t", id=id, user_id=f"ann|{id}", connection="db", logins=logins)
            assert await engine.write(Save(user)) is None
        far = User(tenant="x", id="9", user_id="ann|9", connection="db", logins=("ann@x.test",))
        assert await engine.write(Save(far), Save(client("7", client_id="ann@x.test"))) is None
        for where, expected in (
            ({"name": "ann"}, ["2"]),
            ({"name": "ann|1"}, ["1"]),
            ({"name": "ann@x.tes"}, []),
            ({"address": "ann"}, ["1", "2"]),
            ({"address": "ann@x.test"}, ["1"]),
            ({"address": "日"}, ["3"]),
            ({"address": "a%"}, ["4"]),
            ({"address": ""}, ["1", "2", "3", "4"]),
            ({"address": "ann", "name": "anna@x.test"}, ["2"]),
            ({"address": "ann", "connection": "db"}, ["1", "2"]),
            ({"address": "ann", "connection": "other"}, []),
            ({"address": "'; --"}, []),
        ):
            assert [user.id for user in await engine.records(User, "t", where, ALL)] == expected
            assert await engine.count(User, "t", where) == len(expected)
        assert [one.id for one in await engine.records(User, "t", {"address": ""}, Window(2, "1", 1))] == [
            *("3", "4")
        ]

    async def test_finds_the_first_addresses(self, engine: Engine):
        """Where many begin alike, those are found that come first by their address, and no others."""
        names = [f"{n:03}@x.test" for n in range(FIRST_ADDRESSES + 2)]
        for n, login in enumerate(names):
            user = User(tenant="t", id=f"{999 - n}", user_id=f"0|{n}", connection="db", logins=(login,))
            assert await engine.write(Save(user)) is None
        found = await engine.records(User, "t", {"first_addresses": "0"}, Window(limit=500))
        assert sorted(user.logins[0] for user in found) == names[:FIRST_ADDRESSES]
        for value, expected in (("001", ["998"]), ("1", ["898", "899"]), ("0|", [])):
            found = await engine.records(User, "t", {"first_addresses": value}, ALL)
            assert [user.id for user in found] == expected

    async def test_finds_by_a_piece(self, engine: Engine):
        """A piece of a name, a client id or a reply URL is enough, in letters of any size and any width."""
        urls = (ReplyUrl("https://shop.test/cb?a=100%25_x"), ReplyUrl("com.shop:/done", "public"))
        for one in (
            client("1", name="Example Orders", reply_urls=urls),
            client("2", name="注文アプリ ＡＢＣ", app_type="spa"),
            client("3", name="Straße ½!", client_id="oW3s8kTzv1"),
            client("4", name="Orders", registration=Registration(application="a", statement="s")),
            client(
                "5", name="n" * 3_000, reply_urls=tuple(ReplyUrl(f"https://{n}.test/") for n in range(100))
            ),
            client("6", name="Orders", tenant="x"),
        ):
            assert await engine.write(Save(one)) is None
        for piece, expected in (
            ("ORDERS", ["1"]),
            ("shop.test/cb?a=100%25_x", ["1"]),
            ("100_25", []),
            ("%", ["1"]),
            ("_", ["1"]),
            ("!", ["3"]),
            ("com.shop:/", ["1"]),
            ("文アプ", ["2"]),
            ("abc", ["2"]),
            ("STRASSE", ["3"]),
            ("w3S8K", ["3"]),
            ("99.test", ["5"]),
            ("client-", ["1", "2", "5"]),
            ("'; --", []),
            ("x" * 10_000, []),
            ("", ["1", "2", "3", "4", "5"]),
        ):
            found = await engine.records(Client, "t", {"words": piece}, ALL)
            assert [record.id for record in found] == expected, piece
            assert await engine.count(Client, "t", {"words": piece}) == len(expected)
        both = {"words": "client", "app_type": "spa", "application": ""}
        assert [one.id for one in await engine.records(Client, "t", both, ALL)] == ["2"]
        assert [one.id for one in await engine.records(Client, "t", {"words": "client"}, Window(1, "1"))] == [
            "2"
        ]
        assert await engine.write(Save(client("1", name="Renamed", version=1))) is None
        assert await engine.count(Client, "t", {"words": "orders"}) == 0
        with pytest.raises(KeyError):
            await engine.records(User, "t", {"words": "x"}, ALL)

    async def test_lists_events(self, engine: Engine):
        """The audit comes newest first, before the last one seen, filtered by slug, client and user."""
        for n in range(5):
            await engine.write(
                Note(event(f"{n}", slug=f"s{n % 2}", client="c" if n > 2 else None, user=f"u{n}"))
            )
        await engine.write(Note(event("far", tenant="other")))
        for where, window, expected in (
            ({}, ALL, "43210"),
            ({}, Window(limit=2, after="3"), "21"),
            ({}, Window(limit=2, offset=1), "32"),
            ({"slug": "s0"}, ALL, "420"),
            ({"slug": "s0", "client": "c"}, Window(after="5"), "4"),
            ({"user": "u1"}, ALL, "1"),
        ):
            assert "".join(line.id for line in await engine.events("t", where, window)) == expected
        step = Note(event("4"))
        assert await engine.write(step) == Lost(step, "duplicate")

    async def test_traces_a_request(self, engine: Engine):
        """A request's events are found in a window of all events, newest first, by its whole name alone."""
        for n, correlation in enumerate(("r-1", "r-2", "r-1", "r-10", "r-1")):
            named = event(f"{n}", correlation=correlation, detail={"name": "r-2"})
            assert await engine.write(Note(named)) is None
        await engine.write(Note(event("far", tenant="other", correlation="r-1")))
        for name, window, expected in (
            ("r-1", ALL, "420"),
            ("r-1", Window(limit=2), "4"),
            ("r-1", Window(limit=2, after="4"), "2"),
            ("r-1", Window(limit=1, offset=2), "2"),
            ("r-2", ALL, "1"),
            ("r", ALL, ""),
            ("%", ALL, ""),
            ('r-1"', ALL, ""),
        ):
            found = await engine.traced("t", name, window)
            assert "".join(line.id for line in found) == expected, (name, window)

    async def test_counts_events(self, engine: Engine):
        """Events are counted by slug between moments, the first one included, and people since a moment."""
        for n, user in enumerate(("a", "a", "b", None, "c")):
            id = f"{moment(100 + n)}{n:016x}"
            await engine.write(Note(event(id, slug=f"s{n % 2}", user=user, at=100.0 + n)))
        await engine.write(Note(event(f"{moment(101)}{9:016x}", tenant="other", slug="s1", user="z")))
        for slug, moments, expected in (
            ("s0", (100.0, 102.0, 105.0), [1, 2]),
            ("s0", (100.0, 101.0, 102.0, 103.0, 104.0, 105.0), [1, 0, 1, 0, 1]),
            ("s1", (102.0, 103.0), [0]),
            ("none", (0.0, 1_000.0), [0]),
        ):
            assert await engine.tally("t", slug, moments) == expected
        cases: tuple[tuple[str, tuple[float, ...], dict[str, list[int]]], ...] = (
            ("t", (100.0, 102.0, 105.0), {"s0": [1, 2], "s1": [1, 1]}),
            ("t", (101.0, 102.0, 103.0), {"s1": [1, 0], "s0": [0, 1]}),
            ("t", (105.0, 106.0), {}),
            ("other", tuple(101.0 + n for n in range(200)), {"s1": [1, *([0] * 198)]}),
            ("nobody", (0.0, 1_000.0), {}),
        )
        for tenant, edges, slugs in cases:
            assert await engine.counts(tenant, edges) == slugs
        for slug, since, people in (("s0", 0.0, 3), ("s0", 101.0, 2), ("s1", 0.0, 1), ("s1", 102.0, 0)):
            assert await engine.people("t", slug, since) == people
        assert await engine.people("other", "s1", 0.0) == 1

    async def test_skips_to_a_page(self, engine: Engine):
        """A page lies where its offset says, in the order of ids, with the same filters."""
        for n in range(9):
            await engine.write(Save(client(f"{n}", app_type="spa" if n % 2 else "native")))
        for where, window, expected in (
            ({}, Window(limit=3, offset=2), "234"),
            ({}, Window(limit=5, offset=7), "78"),
            ({}, Window(limit=2, offset=2, after="1"), "45"),
            ({"app_type": "spa"}, Window(limit=2, offset=1), "35"),
            ({"app_type": "spa"}, Window(limit=2, offset=9), ""),
        ):
            assert "".join(each.id for each in await engine.records(Client, "t", where, window)) == expected


class Upkeep:
    async def test_has_a_name(self, engine: Engine):
        """An engine says what people call its database."""
        assert engine.name in ("memory", "SQLite", "PostgreSQL")

    async def test_counts_changes_of_configuration(self, engine: Engine):
        """Every change of a config noun moves the version and is listed; other nouns do not."""
        assert await engine.changes(0) == Changes(0, ())
        await engine.write(Save(client("1")), Save(client("2")))
        await engine.write(Save(client("1")))  # lost
        await engine.write(Save(User(tenant="t", id="1", user_id="u|1", connection="db")))
        await engine.write(Erase(client("1", version=1)))
        one, two = Change("client", "t", "1"), Change("client", "t", "2")
        assert await engine.changes(0) == Changes(3, (one, two, one))
        assert await engine.changes(2) == Changes(3, (one,))
        assert await engine.changes(3) == Changes(3, ())
        assert await engine.changes(4) == Changes(3, None)
        assert await engine.changes(0) == Changes(3, (one, two, one))

    async def test_keeps_recent_changes(self, engine: Engine, clock: Clock):
        """History keeps ten minutes and a thousand changes; who asks for more learns that all may differ."""
        for start in range(0, 1_010, 101):
            await engine.write(*(Save(client(f"{n}")) for n in range(start, start + 101)))
        assert await engine.sweep(NOW + 600, 100) == 0
        assert await engine.sweep(NOW + 601, 4) == 4
        assert await engine.sweep(NOW + 601, 100) == 6
        assert await engine.sweep(NOW + 601, 100) == 0
        whole = await engine.changes(10)
        assert whole.version == 1_010
        assert whole.changed is not None
        assert len(whole.changed) == 1_000
        assert await engine.changes(9) == Changes(1_010, None)

    async def test_sweeps_in_batches(self, engine: Engine):
        """Sweeping deletes at most as many of each kind as it is told, and only what has expired."""
        for n in range(5):
            await engine.write(Put(code(f"{n}", expires_at=NOW + 10), f"{n}"), PutOnce(f"{n}", NOW + 10))
        await engine.write(Put(code("live"), "live"), PutOnce("live", NOW + 100), Note(event("1")))
        assert await engine.sweep(NOW + 9, 100) == 0
        assert [await engine.sweep(NOW + 10, 2) for _ in range(4)] == [4, 4, 2, 0]
        assert await engine.get(Code, "live") == code("live")
        assert await engine.get(Code, "0") is None
        assert len(await engine.events("t", {}, ALL)) == 1

    async def test_prunes_the_audit(self, engine: Engine):
        """Old events of one tenant go, the oldest first, at most as many as told; later ones stay."""
        ids = [f"{moment(NOW + n)}{n}" for n in range(5)]
        for id in reversed(ids):
            await engine.write(Note(event(id)), Note(event(id, tenant="other")))
        assert await engine.prune("t", NOW, 10) == 0
        assert await engine.prune("t", NOW + 3, 2) == 2
        assert [line.id for line in await engine.events("t", {}, ALL)] == ids[:1:-1]
        assert [await engine.prune("t", NOW + 3, 2) for _ in range(2)] == [1, 0]
        assert await engine.prune("t", -NOW, 10) == 0
        assert [line.id for line in await engine.events("t", {}, ALL)] == ids[:2:-1]
        assert len(await engine.events("other", {}, ALL)) == 5


class Deliveries:
    async def test_claims_what_is_due(self, engine: Engine, clock: Clock):
        """What a unit sent is claimed when it is due, the longest first, of the kinds that are asked for."""
        sent = [sending("2", next_at=NOW + 2), sending("1", next_at=NOW + 1), sending("x", kind="other")]
        assert await engine.write(*map(Send, sent)) is None
        assert await engine.claim(["test"], 10, 10) == []
        clock.now = NOW + 2
        under_lease = {"lease_until": NOW + 12, "attempts": 1}
        assert await engine.claim(["test", "more"], 10, 10) == [
            sending("1", next_at=NOW + 1, **under_lease),
            sending("2", next_at=NOW + 2, **under_lease),
        ]
        assert await engine.claim(["test"], 10, 10) == []
        assert [one.id for one in await engine.claim(["other"], 10, 10)] == ["x"]

    async def test_claims_few(self, engine: Engine):
        """At most as many are claimed as asked for."""
        await engine.write(*(Send(sending(f"{n}")) for n in range(5)))
        claimed = [[one.id for one in await engine.claim(["test"], 10, 2)] for _ in range(4)]
        assert claimed == [["0", "1"], ["2", "3"], ["4"], []]

    async def test_sends_with_its_cause_or_not_at_all(self, engine: Engine):
        """A unit that is lost sends nothing, and one delivery is sent once."""
        assert await engine.write(Send(sending()), Take(Code, "nothing")) is not None
        assert await engine.claim(["test"], 10, 10) == []
        step = Send(sending())
        assert await engine.write(step) is None
        assert await engine.write(Note(event("1")), step) == Lost(step, "duplicate")
        assert await engine.events("t", {}, ALL) == []

    async def test_a_lease_ends(self, engine: Engine, clock: Clock):
        """Who does not settle before the lease ends loses the delivery to the next who asks."""
        await engine.write(Send(sending()))
        (first,) = await engine.claim(["test"], 10, 10)
        clock.now = NOW + 9
        assert await engine.claim(["test"], 10, 10) == []
        clock.now = NOW + 10
        (second,) = await engine.claim(["test"], 10, 10)
        assert second.attempts == 2
        late = Settle(replace(first, done_at=NOW + 11))
        assert await engine.write(late, Note(event("1"))) == Lost(late, "stale")
        assert await engine.write(Settle(replace(second, done_at=NOW + 11))) is None
        again = Settle(replace(second, done_at=NOW + 12))
        assert await engine.write(again) == Lost(again, "stale")
        clock.now = NOW + 100
        assert await engine.claim(["test"], 10, 10) == []
        unknown = Settle(sending("unknown"))
        assert await engine.write(unknown) == Lost(unknown, "absent")

    async def test_comes_again_when_it_is_told(self, engine: Engine, clock: Clock):
        """A delivery that did not arrive is due again at the moment it was given, and says why."""
        await engine.write(Send(sending(body=b"\0\xff", target="https://x.test/?a='")))
        (one,) = await engine.claim(["test"], 100, 10)
        assert await engine.write(Settle(replace(one, next_at=NOW + 5, last_error="busy"))) is None
        clock.now = NOW + 4
        assert await engine.claim(["test"], 10, 10) == []
        clock.now = NOW + 5
        (again,) = await engine.claim(["test"], 10, 10)
        assert again == replace(one, next_at=NOW + 5, last_error="busy", attempts=2, lease_until=NOW + 15)

    async def test_lists_those_of_a_tenant(self, engine: Engine):
        """Deliveries of a tenant come by id, after an id, at most as many as asked for, done ones too."""
        sent = [sending(id) for id in ("b", "a", "c")]
        await engine.write(*map(Send, (*sent, replace(sending("x"), tenant="other"))))
        (first, *_) = await engine.claim(["test"], 10, 1)
        await engine.write(Settle(replace(first, done_at=NOW)))
        assert [one.id for one in await engine.deliveries(first.tenant, None, 2)] == ["a", "b"]
        assert [one.id for one in await engine.deliveries(first.tenant, "b", 2)] == ["c"]
        assert await engine.deliveries("other", None, 9) == [replace(sending("x"), tenant="other")]
        assert await engine.deliveries("nobody", None, 9) == []

    async def test_changes_a_seal_and_nothing_else(self, engine: Engine, clock: Clock):
        """A body is kept under another seal if it still is what was read, even while it is delivered."""
        await engine.write(Send(replace(sending("a"), body=b"old")))
        (claimed,) = await engine.claim(["test"], 10, 1)
        fresh = replace(claimed, body=b"new", last_error="not kept")
        assert await engine.write(Reseal(fresh, b"old")) is None
        assert await engine.deliveries("t", None, 9) == [replace(claimed, body=b"new")]
        late = Reseal(replace(claimed, body=b"newer"), b"old")
        assert await engine.write(late) == Lost(late, "stale")
        unknown = Reseal(sending("unknown"), b"old")
        assert await engine.write(unknown) == Lost(unknown, "absent")
        assert await engine.write(Settle(replace(claimed, done_at=NOW + 1))) is None

    async def test_nobody_claims_the_same(self, engine: Engine):
        """Of many who claim at once nobody gets what another got."""
        await engine.write(*(Send(sending(f"{n:02}")) for n in range(40)))
        claimed = await asyncio.gather(*(engine.claim(["test"], 10, 3) for _ in range(30)))
        ids = [one.id for each in claimed for one in each]
        assert sorted(ids) == [f"{n:02}" for n in range(40)]

    async def test_sweeps_what_came_to_an_end(self, engine: Engine):
        """Deliveries that ended are swept after a week, in batches; those that did not stay."""
        await engine.write(*(Send(sending(f"{n}")) for n in range(4)))
        claimed = await engine.claim(["test"], 10, 3)
        await engine.write(*(Settle(replace(one, done_at=NOW)) for one in claimed))
        assert await engine.sweep(NOW + KEEP_DONE - 1, 10) == 0
        assert [await engine.sweep(NOW + KEEP_DONE, 2) for _ in range(3)] == [2, 1, 0]

    @pytest.mark.parametrize("fields", [{"id": "\0"}, {"kind": "x" * 3_000}, {"next_at": float("nan")}])
    async def test_spares_strangers_of_its_group(self, engine: Engine, fields):
        """What cannot be kept fails for its sender only."""
        results = await asyncio.gather(
            engine.write(Send(sending(**fields))), engine.write(Send(sending("good"))), return_exceptions=True
        )
        assert isinstance(results[0], ValueError)
        assert results[1] is None


class Buckets:
    async def test_allows_the_burst(self, limits: Limits):
        """A bucket gives its burst at once, then a token when one has been refilled."""
        bucket = Bucket(rate=0.5, burst=2)
        assert await limits.spend("k", bucket, NOW) == Allowed(1)
        assert await limits.spend("k", bucket, NOW) == Allowed(0)
        assert await limits.spend("k", bucket, NOW) == Wait(2)
        assert await limits.spend("k", bucket, NOW + 1) == Wait(1)
        assert await limits.spend("k", bucket, NOW + 2) == Allowed(0)
        assert await limits.spend("k", bucket, NOW + 100) == Allowed(1)
        assert await limits.spend("other", bucket, NOW) == Allowed(1)

    async def test_gives_back(self, limits: Limits):
        """A refund gives one token back, never more than the burst, and nothing to an unknown bucket."""
        bucket = Bucket(rate=0.1, burst=2)
        await limits.refund("k", bucket, NOW)
        assert await limits.spend("k", bucket, NOW) == Allowed(1)
        await limits.refund("k", bucket, NOW)
        await limits.refund("k", bucket, NOW)
        assert await limits.spend("k", bucket, NOW) == Allowed(1)

    async def test_takes_as_many_as_it_costs(self, limits: Limits):
        """A spend takes all of its cost or none, and waits for all of it; a refund gives as many back."""
        bucket = Bucket(rate=2, burst=10)
        assert await limits.spend("k", bucket, NOW, 4) == Allowed(6)
        assert await limits.spend("k", bucket, NOW, 7) == Wait(0.5)
        assert await limits.spend("k", bucket, NOW, 6) == Allowed(0)
        assert await limits.spend("k", bucket, NOW, 2) == Wait(1)
        assert await limits.spend("k", bucket, NOW + 1, 2) == Allowed(0)
        await limits.refund("k", bucket, NOW + 1, 7)
        assert await limits.spend("k", bucket, NOW + 1) == Allowed(6)
        await limits.refund("k", bucket, NOW + 1, 100)
        assert await limits.spend("k", bucket, NOW + 1, 10) == Allowed(0)
        assert await limits.sweep(NOW + 5, 10) == 0
        assert await limits.sweep(NOW + 6, 10) == 1

    async def test_never_has_more_than_the_burst(self, limits: Limits):
        """What costs more than a burst is never allowed, and takes nothing."""
        bucket = Bucket(rate=1, burst=2)
        assert isinstance(await limits.spend("k", bucket, NOW, 3), Wait)
        assert isinstance(await limits.spend("k", bucket, NOW + 100, 3), Wait)
        assert await limits.spend("k", bucket, NOW + 100, 2) == Allowed(0)

    async def test_never_runs_back(self, limits: Limits):
        """A process whose clock is behind neither gains nor loses tokens."""
        bucket = Bucket(rate=1, burst=2)
        assert await limits.spend("k", bucket, NOW) == Allowed(1)
        assert await limits.spend("k", bucket, NOW - 10) == Allowed(0)
        assert await limits.spend("k", bucket, NOW) == Wait(1)

    async def test_takes_any_key_and_rate(self, limits: Limits):
        """Any text is a key, and a bucket may never be refilled."""
        bucket = Bucket(rate=0, burst=1)
        for key in ("", "\0", "\ud800", "k" * 10_000):
            assert await limits.spend(key, bucket, NOW) == Allowed(0)
            waiting = await limits.spend(key, bucket, NOW)
            assert isinstance(waiting, Wait)
            assert waiting.seconds > 1e9

    async def test_forgets_full_buckets(self, limits: Limits):
        """Buckets that are full again are forgotten, some at a time; others are not."""
        bucket = Bucket(rate=1, burst=2)
        for n in range(3):
            await limits.spend(f"{n}", bucket, NOW)
        await limits.spend("slow", Bucket(rate=0.01, burst=2), NOW)
        assert await limits.sweep(NOW + 0.5, 10) == 0
        assert [await limits.sweep(NOW + 1, 2) for _ in range(3)] == [2, 1, 0]
        spent = await limits.spend("slow", Bucket(rate=0.01, burst=2), NOW + 1)
        assert isinstance(spent, Allowed)
        assert spent.left == pytest.approx(0.01)

    async def test_is_atomic(self, limits: Limits):
        """Of many who spend at once, exactly as many as the burst are allowed."""
        results = await asyncio.gather(*(limits.spend("k", Bucket(rate=0, burst=7), NOW) for _ in range(50)))
        assert sum(isinstance(result, Allowed) for result in results) == 7

    async def test_is_atomic_whatever_it_costs(self, limits: Limits):
        """Spends and refunds of several tokens at once: no more is taken than there is, none is lost."""
        bucket = Bucket(rate=0, burst=20)
        results = await asyncio.gather(*(limits.spend("k", bucket, NOW, 3) for _ in range(50)))
        assert sum(isinstance(result, Allowed) for result in results) == 6
        await asyncio.gather(*(limits.refund("k", bucket, NOW, 2) for _ in range(5)))
        assert await limits.spend("k", bucket, NOW, 12) == Allowed(0)
