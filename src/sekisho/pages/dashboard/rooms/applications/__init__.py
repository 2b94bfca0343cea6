"""Applications: everything that may ask for tokens. The table of the room."""

from sekisho.pages.dashboard.rooms.applications import (
    credentials,
    ending,
    every,
    federated,
    granted,
    grants,
    making,
    passwords,
    pem,
    secret,
    settings,
)
from sekisho.pages.dashboard.row import Row

AT = "/applications/{client_id}"
SECRET = f"{AT}/credentials/secrets/{{secret}}"
FEDERATED = f"{AT}/credentials/federated/{{federated}}"

ROWS: tuple[Row, ...] = (
    Row("GET", "/applications", every.show, "read:clients"),
    Row("GET", "/applications/new", making.ask_for, "create:clients", recent=True),
    Row("POST", "/applications/new", making.make, "create:clients", recent=True),
    Row("GET", f"{AT}/settings", settings.show, "read:clients"),
    Row("POST", f"{AT}/settings", settings.save, "update:clients"),
    Row("GET", f"{AT}/credentials", credentials.show, "read:client_credentials"),
    # Another method may come with a new secret, and whoever puts a key here is the application.
    Row("POST", f"{AT}/credentials", credentials.save, "update:client_credentials", recent=True),
    Row("GET", f"{AT}/credentials/add", pem.ask_for, "create:client_credentials", recent=True),
    Row("POST", f"{AT}/credentials/add", pem.add, "create:client_credentials", recent=True),
    Row(
        "GET", f"{AT}/credentials/{{credential}}/delete", pem.doubt, "delete:client_credentials", recent=True
    ),
    Row(
        "POST",
        f"{AT}/credentials/{{credential}}/delete",
        pem.delete,
        "delete:client_credentials",
        recent=True,
    ),
    Row("GET", f"{AT}/credentials/new-secret", passwords.ask_for, "update:client_keys", recent=True),
    Row("POST", f"{AT}/credentials/new-secret", passwords.make, "update:client_keys", recent=True),
    Row("GET", f"{SECRET}/remove", passwords.doubt, "update:client_keys", recent=True),
    Row("POST", f"{SECRET}/remove", passwords.remove, "update:client_keys", recent=True),
    Row(
        "GET", f"{AT}/credentials/new-federated", federated.ask_for, "create:client_credentials", recent=True
    ),
    Row("POST", f"{AT}/credentials/new-federated", federated.add, "create:client_credentials", recent=True),
    Row("GET", f"{FEDERATED}/remove", federated.doubt, "delete:client_credentials", recent=True),
    Row("POST", f"{FEDERATED}/remove", federated.remove, "delete:client_credentials", recent=True),
    Row("GET", f"{AT}/rotate-secret", secret.doubt, "update:client_keys", recent=True),
    Row("POST", f"{AT}/rotate-secret", secret.rotate, "update:client_keys", recent=True),
    Row("GET", f"{AT}/apis", grants.show, "read:client_grants"),
    Row("GET", f"{AT}/apis/add", grants.ask_for, "create:client_grants"),
    Row("POST", f"{AT}/apis/add", grants.add, "create:client_grants"),
    Row("GET", f"{AT}/apis/{{grant}}", granted.show, "update:client_grants"),
    Row("POST", f"{AT}/apis/{{grant}}", granted.save, "update:client_grants"),
    Row("GET", f"{AT}/apis/{{grant}}/delete", granted.doubt, "delete:client_grants", recent=True),
    Row("POST", f"{AT}/apis/{{grant}}/delete", granted.delete, "delete:client_grants", recent=True),
    Row("GET", f"{AT}/delete", ending.doubt, "delete:clients", recent=True),
    Row("POST", f"{AT}/delete", ending.delete, "delete:clients", recent=True),
)
