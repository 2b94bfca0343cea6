"""Bodies of deliveries that are secrets."""

import pytest

from sekisho.keys import delivery
from sekisho.keys.master import Master
from sekisho.keys.seal import CannotOpen, Sealer
from sekisho.model.delivery import Delivery

OLD = Master((bytes(range(64, 96)),))
NEW = Master((bytes(range(100, 132)), *OLD.keys))
SEALED = delivery.sealed(
    Delivery(id="1", tenant="t", kind="mail", target="x", body=b"", next_at=0), b"hush", Sealer.of(OLD)
)


def test_a_body_is_read_by_who_delivers_it():
    """A sealed body is not the text, and opens to it."""
    assert b"hush" not in SEALED.body
    assert delivery.opened(SEALED, Sealer.of(OLD)) == b"hush"


@pytest.mark.parametrize("elsewhere", [{"id": "2"}, {"tenant": "u"}])
def test_a_body_opens_in_its_delivery_alone(elsewhere):
    """A body that was moved to another delivery or tenant stays shut."""
    moved = {name: getattr(SEALED, name) for name in SEALED.__struct_fields__} | elsewhere
    with pytest.raises(CannotOpen):
        delivery.opened(Delivery(**moved), Sealer.of(OLD))


def test_a_new_master_key_seals_anew():
    """Under a new first line the body is sealed anew, once."""
    fresh = delivery.resealed(SEALED, Sealer.of(NEW))
    assert Sealer.of(NEW).is_current(fresh.body)
    assert delivery.opened(fresh, Sealer.of(NEW)) == b"hush"
    assert delivery.resealed(fresh, Sealer.of(NEW)) is fresh


@pytest.mark.parametrize("body", [b"", b"\x01", b'{"to": "x"}', b"\x01" + bytes(60)])
def test_what_is_no_secret_stays_as_it_is(body):
    """A body that nobody sealed is left alone, whatever it begins with."""
    plain = Delivery(id="1", tenant="t", kind="mail", target="x", body=body, next_at=0)
    assert delivery.resealed(plain, Sealer.of(NEW)) is plain
