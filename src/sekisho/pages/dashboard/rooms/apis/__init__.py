"""APIs: what tokens are for, and who may ask for them. The table of the room."""

from sekisho.pages.dashboard.rooms.apis import create, delete, every, machine, machines, permissions, settings
from sekisho.pages.dashboard.rooms.apis import permission as one_permission
from sekisho.pages.dashboard.row import Row

READ, UPDATE = "read:resource_servers", "update:resource_servers"
PERMISSION, MACHINE = "/apis/{api}/permissions/{scope}", "/apis/{api}/machines/{grant}"
CHOSEN = "/apis/{api}/new-machine/{client_id}"

ROWS: tuple[Row, ...] = (
    Row("GET", "/apis", every.show, READ),
    Row("GET", "/apis/new", create.show, READ),
    Row("POST", "/apis/new", create.make, "create:resource_servers"),
    Row("GET", "/apis/{api}/settings", settings.show, READ),
    Row("POST", "/apis/{api}/settings", settings.save, UPDATE),
    Row("GET", "/apis/{api}/delete", delete.question, READ),
    Row("POST", "/apis/{api}/delete", delete.delete, "delete:resource_servers", recent=True),
    Row("GET", "/apis/{api}/permissions", permissions.show, READ),
    Row("POST", "/apis/{api}/permissions", permissions.add, UPDATE),
    Row("GET", PERMISSION, one_permission.show, READ),
    Row("POST", PERMISSION, one_permission.save, UPDATE),
    Row("GET", f"{PERMISSION}/remove", one_permission.question, READ),
    Row("POST", f"{PERMISSION}/remove", one_permission.remove, UPDATE, recent=True),
    Row("GET", "/apis/{api}/machines", machines.show, "read:client_grants"),
    Row("GET", "/apis/{api}/new-machine", machines.choose, "read:clients"),
    Row("GET", CHOSEN, machine.begin, "read:client_grants"),
    Row("POST", CHOSEN, machine.give, "create:client_grants"),
    Row("GET", MACHINE, machine.show, "read:client_grants"),
    Row("POST", MACHINE, machine.save, "update:client_grants"),
    Row("GET", f"{MACHINE}/remove", machine.question, "read:client_grants"),
    Row("POST", f"{MACHINE}/remove", machine.remove, "delete:client_grants"),
)
