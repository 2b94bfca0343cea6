"""Site settings: how the portal of a tenant behaves, and what it signs with. The table of the room."""

from sekisho.pages.dashboard.rooms.site_settings import certificates, clients, names, portal, upload
from sekisho.pages.dashboard.row import Row

READ, UPDATE = "read:site_settings", "update:site_settings"
CLIENT, NAME = "/site-settings/clients/{client_id}", "/site-settings/names/{setting}"
CERTIFICATE = "/site-settings/certificates/{thumbprint}/delete"

ROWS: tuple[Row, ...] = (
    Row("GET", "/site-settings", portal.show, READ),
    Row("POST", "/site-settings", portal.save, UPDATE),
    Row("GET", "/site-settings/new-client", clients.ask_for, UPDATE),
    Row("POST", "/site-settings/new-client", clients.make, UPDATE),
    Row("GET", CLIENT, clients.show, READ),
    Row("POST", CLIENT, clients.save, UPDATE),
    Row("GET", f"{CLIENT}/remove", clients.doubt, UPDATE),
    Row("POST", f"{CLIENT}/remove", clients.remove, UPDATE, recent=True),
    Row("GET", "/site-settings/names", names.every, READ),
    Row("GET", "/site-settings/new-name", names.ask_for, UPDATE),
    Row("POST", "/site-settings/new-name", names.make, UPDATE),
    Row("GET", NAME, names.show, READ),
    Row("POST", NAME, names.save, UPDATE),
    Row("GET", f"{NAME}/delete", names.doubt, UPDATE),
    Row("POST", f"{NAME}/delete", names.delete, UPDATE, recent=True),
    Row("GET", "/site-settings/certificates", certificates.every, "read:certificates"),
    Row("GET", "/site-settings/certificates/upload", upload.ask_for, "create:certificates", recent=True),
    Row("POST", "/site-settings/certificates/upload", upload.take, "create:certificates", recent=True),
    Row("GET", CERTIFICATE, certificates.doubt, "delete:certificates", recent=True),
    Row("POST", CERTIFICATE, certificates.delete, "delete:certificates", recent=True),
)
