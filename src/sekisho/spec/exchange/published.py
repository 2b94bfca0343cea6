"""What an issuer elsewhere publishes of itself (OpenID Connect Discovery 1.0 section 4, RFC 8414)."""

from sekisho.spec import jose

PATH = "/.well-known/openid-configuration"


def address(issuer: str) -> str:
    """Where its metadata is."""
    return issuer.removesuffix("/") + PATH


def jwks_uri(body: bytes, issuer: str) -> str:
    """Where its keys are, or ValueError; the document is that of this issuer. Section 4.3."""
    told = jose.members(body)
    if told.get("issuer") != issuer:
        raise ValueError("the metadata is of another issuer")
    found = told.get("jwks_uri")
    if not jose.is_text(found):
        raise ValueError("the metadata has no jwks_uri")
    return str(found)
