"""Users and their roles: who there is, what they may do, where they are signed in. The table of the room."""

from sekisho.pages.dashboard.rooms.users import (
    applications,
    block,
    create,
    delete,
    every,
    password,
    profile,
    rights,
    role,
    roles,
    sessions,
)
from sekisho.pages.dashboard.row import Row

# The people's own addresses come after those of roles, which look like theirs.
ROWS: tuple[Row, ...] = (
    Row("GET", "/users", every.show, "read:users"),
    Row("GET", "/users/new", create.show, "create:users"),
    Row("POST", "/users/new", create.save, "create:users"),
    Row("GET", "/users/roles", roles.show, "read:roles"),
    Row("GET", "/users/roles/new", roles.form, "create:roles"),
    Row("POST", "/users/roles/new", roles.save, "create:roles"),
    Row("GET", "/users/roles/{role}", role.show, "read:roles"),
    Row("POST", "/users/roles/{role}", role.save, "update:roles"),
    Row("POST", "/users/roles/{role}/permissions", role.change, "update:roles"),
    Row("GET", "/users/roles/{role}/permissions", role.show, "read:roles"),
    Row("GET", "/users/roles/{role}/delete", role.asks, "read:roles"),
    Row("POST", "/users/roles/{role}/delete", role.delete, "delete:roles", recent=True),
    Row("GET", "/users/{user}", profile.show, "read:users"),
    Row("POST", "/users/{user}", profile.save, "update:users"),
    Row("GET", "/users/{user}/rights", rights.show, "read:role_members"),
    Row("POST", "/users/{user}/rights", rights.change, "update:users"),
    Row("GET", "/users/{user}/sessions", sessions.show, "read:sessions"),
    Row("POST", "/users/{user}/sessions", sessions.end, "delete:sessions"),
    Row("GET", "/users/{user}/applications", applications.show, "read:grants"),
    Row("POST", "/users/{user}/applications", applications.withdraw, "delete:grants"),
    Row("GET", "/users/{user}/password", password.asks, "read:users"),
    Row("POST", "/users/{user}/password", password.save, "update:users", recent=True),
    Row("GET", "/users/{user}/block", block.asks, "read:users"),
    Row("POST", "/users/{user}/block", block.save, "update:users", recent=True),
    Row("GET", "/users/{user}/delete", delete.asks, "read:users"),
    Row("POST", "/users/{user}/delete", delete.save, "delete:users", recent=True),
)
