"""What can be measured, in the order of the report."""

from collections.abc import Callable, Mapping

from bench.rig import Rig
from bench.sections import (
    adobe,
    behalf,
    ceiling,
    clients,
    dashboard,
    introspect,
    jwks,
    lists,
    memory,
    overload,
    people,
    start,
    token,
)
from bench.table import Table

SECTIONS: Mapping[str, Callable[[Rig], list[Table]]] = {
    "ceiling": ceiling.measure,
    "token": token.measure,
    "introspect": introspect.measure,
    "jwks": jwks.measure,
    "people": people.measure,
    "clients": clients.measure,
    "lists": lists.measure,
    "dashboard": dashboard.measure,
    "adobe": adobe.measure,
    "behalf": behalf.measure,
    "overload": overload.measure,
    "start": start.measure,
    "memory": memory.measure,
}
