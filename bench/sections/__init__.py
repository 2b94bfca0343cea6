"""What can be measured, in the order of the report."""

from collections.abc import Callable, Mapping

from bench.rig import Rig
from bench.sections import ceiling, clients, jwks, memory, start, token
from bench.table import Table

SECTIONS: Mapping[str, Callable[[Rig], list[Table]]] = {
    "ceiling": ceiling.measure,
    "token": token.measure,
    "jwks": jwks.measure,
    "clients": clients.measure,
    "start": start.measure,
    "memory": memory.measure,
}
