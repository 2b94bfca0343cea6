"""Token exchange as rules: chains of actors, kinds of tokens, assertions of others (RFC 8693, RFC 7523)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.exchange import audience, chain, grant_assertion, published, token_type, vouched
from sekisho.spec.exchange.token_type import ACCESS_TOKEN, JWT, Wish
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused

NOW = 1_000_000.0


def slug(rule: Any, *facts: Any, **more: Any) -> str:
    """The slug of the refusal; empty where the rule holds."""
    try:
        rule(*facts, **more)
    except Refused as refused:
        return refused.reason.slug
    return ""


@given(st.lists(st.text("abc|@:", min_size=1, max_size=9), max_size=chain.MOST))
def test_a_chain_is_read_as_it_was_said(actors):
    """Who acts now is outermost. RFC 8693 section 4.1."""
    told = chain.said(tuple(actors))
    assert chain.read(told or None) == tuple(actors)
    if actors:
        assert told["sub"] == actors[-1]


@pytest.mark.parametrize(
    "claim",
    [
        *("orders", 7, [], {}, True, {"sub": ""}, {"sub": 7}, {"act": {"sub": "a"}}, {"sub": "a\n"}),
        *({"sub": "a", "act": "b"}, {"sub": "a", "act": {}}, {"sub": "a", "iss": "b"}, {"sub": "x" * 3_000}),
        chain.said(tuple("abcdefghijk")),
    ],
)
def test_what_is_no_chain(claim):
    """Names within names, nothing else, and an end to it (attack class 53)."""
    assert slug(chain.read, claim) == "token_invalid"


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (None, None),
        ({"sub": "orders"}, "orders"),
        *(("orders", ""), ({}, ""), ({"sub": 7}, ""), ({"sub": ""}, ""), ([], ""), (0, "")),
        ({"sub": "a", "iss": "b"}, ""),
    ],
)
def test_who_may_act(claim, found):
    """One name; what cannot be read lets nobody act. RFC 8693 section 4.4."""
    assert chain.may_act(claim) == found


def test_a_chain_is_short():
    """So many as the tenant allows. RFC 8693 section 5."""
    assert slug(chain.is_short, ("a", "b"), 2) == ""
    assert slug(chain.is_short, ("a", "b", "c"), 2) == "exchange_deep"


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ((), "usual"),
        ((("audience", "a"),), "a"),
        ((("resource", "a"),), "a"),
        ((("audience", "a"), ("resource", "a"), ("audience", "a")), "a"),
        ((("audience", ""),), "usual"),
    ],
)
def test_one_audience(form, found):
    """By either word, as often as one likes. RFC 8707 section 2."""
    assert audience.one(form, "usual") == found


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ((), "missing_parameter"),
        ((("audience", "a"), ("resource", "b")), "audience_ambiguous"),
        ((("audience", "a" * 601),), "audience_unknown"),
        ((("audience", "a\0"),), "audience_unknown"),
    ],
)
def test_audiences_that_are_none(form, why):
    """One API has to be named, in a name that there can be. RFC 8693 section 2.1."""
    assert slug(audience.one, form, "") == why


def test_a_wish():
    """What is shown and what is wanted; an access token where nothing is said. RFC 8693 section 2.1."""
    form = (("subject_token", "a.b.c"), ("subject_token_type", JWT))
    assert token_type.read(form) == Wish("a.b.c", None, ACCESS_TOKEN)
    more = (("actor_token", "x"), ("actor_token_type", ACCESS_TOKEN), ("requested_token_type", JWT))
    assert token_type.read((*form, *more)) == Wish("a.b.c", "x", JWT)
    assert slug(token_type.can_be_made, JWT, is_opaque=False) == ""
    assert slug(token_type.can_be_made, ACCESS_TOKEN, is_opaque=True) == ""
    assert slug(token_type.can_be_made, JWT, is_opaque=True) == "token_type_unknown"


def test_where_an_issuer_publishes():
    """The well-known part goes behind the issuer. OpenID Connect Discovery 1.0 section 4."""
    for issuer in ("https://a.example", "https://a.example/"):
        assert published.address(issuer) == "https://a.example/.well-known/openid-configuration"
    assert published.jwks_uri(b'{"issuer":"i","jwks_uri":"https://k"}', "i") == "https://k"
    for body in (
        b"",
        b"[]",
        b"{}",
        b'{"issuer":"x","jwks_uri":"k"}',
        b'{"issuer":"i"}',
        b'{"issuer":"i","jwks_uri":1}',
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - each says something else
            published.jwks_uri(body, "i")


def compact(**claims: object) -> Compact:
    """An assertion that was read."""
    return Compact({"alg": "RS256"}, {"jti": "j", "exp": NOW, **claims}, b"head.body", b"tail")


def test_an_assertion_is_remembered_by_its_name():
    """However long the name is, until the last moment at which it could be accepted."""
    mark, until = grant_assertion.once(compact(jti="x" * 2_000))
    assert (len(mark), until) == (64, NOW + grant_assertion.LEEWAY)
    assert mark != grant_assertion.once(compact())[0]


def test_the_first_rule_that_fails_is_told():
    """Audience, then end, then beginning: always the same one of several faults."""
    expected = grant_assertion.Expected(("us",), NOW)
    assert slug(grant_assertion.hold, compact(), expected) == "subject_audience"
    assert slug(grant_assertion.hold, compact(aud="us", exp=1, nbf=NOW + 99), expected) == "subject_expired"
    assert slug(grant_assertion.hold, compact(aud="us", exp=NOW + 60, nbf=NOW + 99), expected) == (
        "subject_expired"
    )
    assert slug(grant_assertion.hold, compact(aud=["us"], exp=NOW + 60), expected) == ""


def test_the_audience_of_a_workload():
    """One of the credential's names, alone or among others, letter for letter. RFC 7523 section 3."""
    right: tuple[object, ...] = ("api://x", ["api://x"], ["other", "api://x"])
    for said in right:
        assert slug(vouched.audience_is_of_the_credential, compact(aud=said), ("api://x", "y")) == ""
    wrong: tuple[object, ...] = ("api://X", [], None, "api://x/")
    for said in wrong:
        rule = vouched.audience_is_of_the_credential
        assert slug(rule, compact(aud=said), ("api://x", "y")) == "assertion_audience"
