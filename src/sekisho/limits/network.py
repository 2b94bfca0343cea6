"""Who is behind an address, as far as limits are concerned."""

import socket

# Whoever has an address of IPv6 has at least a network of this size (RFC 6177 section 2).
NETWORK = 8
MAPPED = b"\0" * 10 + b"\xff\xff"


def network(address: str) -> str:
    """The network of an IPv6 address; the address itself, also where IPv6 only dresses one of IPv4."""
    if ":" not in address:
        return address
    try:
        raw = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except OSError:
        return address
    if raw.startswith(MAPPED):
        return socket.inet_ntoa(raw[len(MAPPED) :])
    return raw[:NETWORK].hex()
