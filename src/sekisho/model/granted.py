"""A decision: what a grant gives. Only a grant makes one, only `tokens.issue` accepts one."""

import msgspec

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.step import Step


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets what from whom, since when and for how long; `spends` is what the decision uses up."""

    id: str
    grant_type: str
    client: Client
    api: Api
    audience: str
    issuer: str
    subject: str
    scopes: tuple[str, ...]
    lifetime: int
    at: float
    spends: tuple[Step, ...] = ()
