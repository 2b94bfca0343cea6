"""The metadata document (OpenID Connect Discovery 1.0, RFC 8414), generated from what is really served."""

from collections.abc import Mapping


def metadata(
    issuer: str, addresses: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]
) -> dict[str, object]:
    """The document for an issuer: `addresses` are paths by the member that names them."""
    root = issuer.removesuffix("/")
    return {
        "issuer": issuer,
        **{member: f"{root}{path}" for member, path in addresses.items()},
        **{member: list(values) for member, values in lists.items()},
    }
