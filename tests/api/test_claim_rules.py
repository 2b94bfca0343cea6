"""/api/v2/claim-rules."""

from sekisho.model.tenant import ClaimRule

COLOR = "https://app.example.com/favorite_color"
BODY = {"name": "Color", "claim": COLOR, "expression": "user.user_metadata.favorite_color"}


async def test_a_rule_comes_and_goes(desk):
    """Made, read, listed, changed at its version, deleted; a deleted one is absent."""
    made = await desk.made("POST /claim-rules", {**BODY, "tokens": ["id_token", "access_token"]})
    assert {name: made[name] for name in BODY} == BODY
    assert (made["tokens"], made["enabled"]) == (["id_token", "access_token"], True)
    one = f"/claim-rules/{made['id']}"
    assert (await desk.ask(f"GET {one}")).json == made
    assert (await desk.ask(f"GET {one}?fields=claim")).json == {"claim": COLOR}
    assert (await desk.ask("GET /claim-rules")).json == [made]
    assert (await desk.ask("GET /claim-rules?include_totals=true")).json["claim_rules"] == [made]
    changed = await desk.made(f"PATCH {one}", {"enabled": False, "tokens": ["userinfo"]})
    assert (changed["enabled"], changed["tokens"], changed["claim"]) == (False, ["userinfo"], COLOR)
    assert (await desk.ask(f"PATCH {one}", {"name": "x"}, if_match='"1"')).status == 412
    assert (await desk.ask(f"DELETE {one}", if_match='"1"')).status == 412
    assert (await desk.ask(f"DELETE {one}")).status == 204
    for line in (f"GET {one}", f"PATCH {one}", f"DELETE {one}", "GET /claim-rules/x"):
        answer = await desk.ask(line, {} if line.startswith("PATCH") else None)
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_claim_rule")
    assert await desk.tenant.store.count(ClaimRule, desk.tenant.id, {}) == 0


async def test_what_is_wrong_is_said(desk):
    """The answer names the claim, or the place in the expression."""
    for wrong, code, said in (
        ({"claim": "sub"}, "invalid_body", "'sub'"),
        ({"claim": "a b"}, "invalid_body", "'a b'"),
        ({"expression": "user.name +"}, "invalid_body", "Syntax error"),
        ({"expression": "[null]"}, "invalid_body", "null"),
        ({"tokens": []}, "invalid_body", "tokens"),
        ({"tokens": ["refresh_token"]}, "invalid_body", "tokens"),
        ({"order": 1}, "invalid_body", "order"),
        ({"expression": None}, "invalid_body", "expression"),
        ({"enabled": "yes"}, "invalid_body", "enabled"),
    ):
        answer = await desk.ask("POST /claim-rules", {**BODY, **wrong})
        assert (answer.status, answer.json["errorCode"]) == (400, code), wrong
        assert said in answer.json["message"]
    await desk.made("POST /claim-rules", BODY)
    assert (await desk.ask("POST /claim-rules", BODY)).status == 409


async def test_each_verb_has_its_scope(desk):
    """Who may read them may not change them."""
    token = desk.token("read:claim_rules")
    assert (await desk.ask("GET /claim-rules", token=token)).status == 200
    for line, scope in (
        ("POST /claim-rules", "create:claim_rules"),
        ("PATCH /claim-rules/x", "update:claim_rules"),
        ("DELETE /claim-rules/x", "delete:claim_rules"),
    ):
        answer = await desk.ask(line, BODY, token=token)
        assert answer.status == 403
        assert answer.json["message"].endswith(scope)


async def test_the_audit_knows(desk):
    """Who made which, and which fields were changed."""
    made = await desk.made("POST /claim-rules", BODY)
    await desk.made(f"PATCH /claim-rules/{made['id']}", {"enabled": False})
    await desk.ask(f"DELETE /claim-rules/{made['id']}")
    logs = (await desk.ask("GET /logs")).json
    told = [each["description"] for each in logs if "claim rule" in each["description"]]
    assert told == ["Delete a claim rule", "Change a claim rule", "Create a claim rule"]
