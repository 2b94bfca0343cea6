"""Who is behind an address."""

import pytest

from sekisho.limits.network import network


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "20010db800000000"),
        ("2001:db8::ffff:1", "20010db800000000"),
        ("2001:db8:0:1::1", "20010db800000001"),
        ("fe80::1%eth0", "fe80000000000000"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("no:address", "no:address"),
        ("", ""),
    ],
)
def test_says_who_is_behind_an_address(address: str, found: str):
    """IPv6 counts as its /64 network, IPv4 as itself however it is dressed. RFC 6177 section 2."""
    assert network(address) == found
