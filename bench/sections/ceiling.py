"""The load generator against a server that does nothing: no figure above this means anything."""

import sys

from bench import ceiling, load, table, wire
from bench.footprint import reading, tree
from bench.leg import Leg
from bench.machine import ROOT
from bench.rig import Rig
from bench.series import alternate
from bench.server import Command, Running, running
from bench.subject import SCOPE, TOKEN_PATH
from bench.table import Table

PAIRS = 3
NAME = "do-nothing server"
NOTE = "the load generator's limit; a server near it is faster than its figure says"


def measure(rig: Rig) -> list[Table]:
    rig.say("ceiling of the load generator")
    port = wire.free_port()
    argv = (sys.executable, "-m", "bench.ceiling", str(port))
    command = Command("ceiling", argv, {"PYTHONPATH": str(ROOT)}, rig.folder, port, "/")
    with running(command, rig.cores.server) as server:
        series = alternate({NAME: lambda: _leg(rig, server)}, PAIRS)
    return [table.of_rates("Ceiling of the load generator", series.values(), notes=[NOTE])]


def _leg(rig: Rig, server: Running) -> Leg:
    fields = {"client_id": "x" * 32, "client_secret": "x" * 64, "scope": SCOPE}
    request = wire.post_form(server.port, TOKEN_PATH, fields)
    pids = tree(server.pid)
    aim = load.Aim(server.port, (request,), ceiling.MARK)
    return load.drive(aim, rig.window, lambda: reading(rig.cores, pids))[0]
