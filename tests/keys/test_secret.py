"""Client secrets under a new master key."""

from msgspec.structs import replace

from sekisho.keys import secret
from sekisho.keys.master import Master
from sekisho.keys.seal import Sealer
from tests.tenants import MASTER, NOW, client

NEW = Master((bytes(range(100, 132)), *MASTER.keys))


def test_sealed_secrets_follow_the_master_key():
    """A secret that is sealed for an HMAC method is sealed anew, and opens to the same text; others stay."""
    old, fresh = Sealer.of(MASTER), Sealer.of(NEW)
    text, made = secret.make(NOW)
    plain = client()
    tenant = plain.tenant
    holder = replace(plain, secrets=(*plain.secrets, secret.sealed(made, text, tenant, old)))
    again = secret.resealed(holder, fresh, NOW)
    first, second = again.secrets
    assert first == plain.secrets[0]
    assert second.sealed is not None
    assert fresh.is_current(second.sealed)
    assert fresh.open(second.sealed, secret.place(tenant, second)) == text.encode()


def test_what_is_current_is_left_alone():
    """A client without sealed secrets, or with current ones, is not written again."""
    sealer = Sealer.of(MASTER)
    text, made = secret.make(NOW)
    for each in (client(), client(secrets=(secret.sealed(made, text, client().tenant, sealer),))):
        assert secret.resealed(each, sealer, NOW) is each
