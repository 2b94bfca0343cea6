"""Portal tokens: a short signed word about whoever is signed in to a portal, for an API elsewhere."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from sekisho.keys.signer import Signer, segment
from sekisho.model.user import User

ALG = "RS256"
NO_DATE: Mapping[str, int] = {"day": 0, "month": 0, "year": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """What a token says besides the person."""

    tenant: str
    host: str
    client_id: str
    nonce: str
    at: int
    lifetime: int
    engagement_as_text: bool


def mint(user: User, portal: Portal, signer: Signer) -> str:
    """The claims in the vendor's order; the header names no key, because its validators have just one."""
    claims = user.standard
    name = user.username or user.email or user.user_id
    phone = str(claims.get("phone_number", ""))
    engagement = [_engagement(user.id, name, phone)]
    said: dict[str, object] = {
        "sub": user.id,
        "preferred_username": name,
        "phone_number": phone,
        "given_name": str(claims.get("given_name", "")),
        "family_name": str(claims.get("family_name", "")),
        "email": user.email,
        "lp_sdes": msgspec.json.encode(engagement).decode() if portal.engagement_as_text else engagement,
        "aud": portal.client_id,
        "appid": portal.client_id,
        # Constant for a portal; what it means was never published.
        "scp": str(uuid.uuid5(uuid.NAMESPACE_URL, portal.tenant)),
        "iat": portal.at,
        "nbf": portal.at,
        "exp": portal.at + portal.lifetime,
        "iss": portal.host,
    }
    if portal.nonce:
        said["nonce"] = portal.nonce
    head = segment({"alg": ALG, "typ": "JWT", "nonce": portal.nonce})
    return signer.compact(head, msgspec.json.encode(said))


def _engagement(subject: str, name: str, phone: str) -> dict[str, object]:
    """What chat products read about a visitor."""
    return {
        "type": "ctmrinfo",
        "info": {
            "cstatus": None,
            "ctype": "contact",
            "customerId": subject,
            "balance": None,
            "socialId": None,
            "imei": phone,
            "userName": name,
            "companySize": None,
            "accountName": None,
            "role": None,
            "lastPaymentDate": NO_DATE,
            "registrationDate": NO_DATE,
        },
    }
