"""The metadata document (OpenID Connect Discovery 1.0, RFC 8414), generated from what is really served."""

from collections.abc import Mapping

Lists = Mapping[str, tuple[str, ...]]


def authentication(endpoint: str, methods: tuple[str, ...], algs: tuple[str, ...]) -> Lists:
    """How clients prove themselves at an endpoint, and what may sign their assertions. RFC 8414 section 2."""
    return {
        f"{endpoint}_auth_methods_supported": methods,
        f"{endpoint}_auth_signing_alg_values_supported": algs,
    }


def metadata(issuer: str, addresses: Mapping[str, str], lists: Lists) -> dict[str, object]:
    """The document for an issuer: `addresses` are paths by the member that names them."""
    root = issuer.removesuffix("/")
    return {
        "issuer": issuer,
        **{member: f"{root}{path}" for member, path in addresses.items()},
        **{member: list(values) for member, values in lists.items()},
    }
