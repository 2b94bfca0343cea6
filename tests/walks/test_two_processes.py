"""Several processes share one database and hold no state that matters."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.outside import free_port
from tests.servers import AUDIENCE, Installation, a_machine, token_form


def test_a_client_disabled_here_is_refused_there(installation: Installation) -> None:
    """A change of configuration in one process is believed by every other one within a second."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        manage, web = here.manage(), there.web()
        client = a_machine(manage)
        assert web.post("/oauth/token", data=token_form(client)).status_code == 200
        disabled = manage.patch(f"/api/v2/clients/{client['client_id']}", json={"enabled": False})
        assert disabled.status_code == 200, disabled.text
        changed = time.monotonic()
        # Here at once, there within the second.
        assert here.web().post("/oauth/token", data=token_form(client)).status_code == 401
        while web.post("/oauth/token", data=token_form(client)).status_code != 401:
            assert time.monotonic() - changed < 1.0, "the other process still believes the old value"
            time.sleep(0.02)
        assert (
            manage.patch(f"/api/v2/clients/{client['client_id']}", json={"enabled": True}).status_code == 200
        )
        time.sleep(1.0)
        assert web.post("/oauth/token", data=token_form(client)).status_code == 200


def test_what_one_process_made_the_other_one_knows(installation: Installation) -> None:
    """A client that was unknown a moment ago is known everywhere within a second of its creation."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        manage, web = here.manage(), there.web()
        first = a_machine(manage)
        assert web.post("/oauth/token", data=token_form(first) | {"client_id": "nobody"}).status_code == 401
        second = a_machine(manage)
        time.sleep(1.0)
        assert web.post("/oauth/token", data=token_form(second)).status_code == 200
        keys = [server.web().get("/.well-known/jwks.json").json() for server in (here, there)]
        assert keys[0] == keys[1]


def test_an_algorithm_that_is_new_here_signs_there_at_once(installation: Installation) -> None:
    """Keys come with the API that first wants them: whoever sees the API can sign for it, in any process."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        manage, web = here.manage(), there.web()
        for alg in ("ES256", "EdDSA"):
            audience = f"{AUDIENCE}/{alg}"
            client = a_machine(manage, identifier=audience, signing_alg=alg)
            answer = web.post("/oauth/token", data=token_form(client, audience=audience))
            assert answer.status_code == 200, there.log[-2000:]


def test_two_processes_that_race_make_one_pair_of_keys(installation: Installation) -> None:
    """The first API of an algorithm, made in two processes at once, brings one key that signs. RFC 7517."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        asked = {"name": "Things", "signing_alg": "ES256"}
        desks = [here.manage(), there.manage()]
        with ThreadPoolExecutor(8) as racers:
            answers = racers.map(
                lambda n: desks[n % 2].post(
                    "/api/v2/resource-servers", json={**asked, "identifier": f"{AUDIENCE}/{n}"}
                ),
                range(8),
            )
        assert [answer.status_code for answer in answers] == [201] * 8
        time.sleep(1.0)
        for server in (here, there):
            keys = server.web().get("/.well-known/jwks.json").json()["keys"]
            assert sorted(key["alg"] for key in keys) == ["ES256", "ES256", "RS256", "RS256"]
