"""Class 47: a token says that it needs no signature, and is believed."""

from itertools import product

import pytest

from sekisho.keys.signer import Verifier
from sekisho.spec.jose import Compact
from tests.attacks.double import Double
from tests.attacks.forgery import forged, intrude, is_refused, nobody_came_in, segment, wished
from tests.attacks.target import Target

NONES = ["".join(letters) for letters in product(*zip("none", "NONE", strict=True))]


def unsigned(target: Target, alg: object, **header: object) -> list[str]:
    """The same wish with no signature, an empty one, an invented one, and without its segment."""
    honest, claims = wished(target)
    head = {**honest, "alg": alg, **header}
    text = f"{segment(head)}.{segment(claims)}"
    return [f"{text}.", f"{text}.AA", text, f"{text}..", forged(head, claims, bytes(256)), f"{text}.."[:-1]]


@pytest.mark.parametrize("alg", NONES)
def test_none_is_no_algorithm(target: Target, alg: str) -> None:
    """No token is good without a signature, however it spells `none`."""
    with target.web() as web:
        for token in unsigned(target, alg):
            is_refused(intrude(web, token))
    nobody_came_in(target)


@pytest.mark.parametrize(
    "alg", ["", " none", "none ", "none\t", "nоne", "n\u200bone", None, [], ["none"], 0, False]
)
def test_nothing_else_is_none(target: Target, alg: object) -> None:
    """Nor is an absent, empty, padded or disguised algorithm."""
    with target.web() as web:
        for token in unsigned(target, alg):
            is_refused(intrude(web, token))
    nobody_came_in(target)


def test_a_stripped_signature_is_missed(target: Target) -> None:
    """An honest header does not vouch for a signature that was emptied, cut or filled with zeros."""
    with target.web() as web:
        for alg in ("RS256", "PS256", "ES256", "EdDSA"):
            for token in unsigned(target, alg):
                is_refused(intrude(web, token))
        token = target.token("reader", "https://id.example.com/api/v2/")
        for cut in (1, 2, 10, 100, 342, 343):
            is_refused(intrude(web, token[:-cut]))
    nobody_came_in(target)


def test_none_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a verifier that lets `none` pass, the same token opens the management API."""
    honest = Verifier.signed

    def trusting(self: Verifier, compact: Compact) -> bool:
        return compact.alg.lower() == "none" or honest(self, compact)

    target = double.target
    token = unsigned(target, "nOnE")[1]
    with target.web() as web:
        is_refused(intrude(web, token))
        monkeypatch.setattr(Verifier, "signed", trusting)
        is_refused(intrude(web, token))  # the list of algorithms is the first guard
        monkeypatch.setattr("sekisho.spec.jose.alg_is_allowed", lambda *_: None)
        assert intrude(web, token).status_code == 201
