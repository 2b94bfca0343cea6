"""Applications, and what they are given, in the shape of Microsoft Graph."""

from sekisho.api import samples
from sekisho.api.operation import Body, Operation, Page, Words
from sekisho.api.resources.entra import (
    application_keys,
    applications,
    federated_credentials,
    permission_grants,
    role_assignments,
    saml,
)
from sekisho.api.resources.entra.federated_credentials import FederatedCredentialSeen
from sekisho.api.resources.entra.permission_grants import PermissionGrantSeen
from sekisho.api.resources.entra.role_assignments import RoleAssignmentSeen
from sekisho.api.resources.entra.saml import SamlCertificateSeen, SamlSeen, SamlTurnFields
from sekisho.api.resources.entra.shape import (
    EntraApplicationSeen,
    KeyCredentialSeen,
    PasswordCredentialSeen,
)
from sekisho.api.view import CUT
from sekisho.people.entra.permission_grants import PermissionGrantFields
from sekisho.registry.applications.fields import (
    AddKeyFields,
    AddPasswordFields,
    EntraApplicationFields,
    FederatedFields,
    KeyIdFields,
)
from sekisho.registry.applications.role_assignments import RoleAssignmentFields
from sekisho.registry.applications.saml import SamlFields
from sekisho.spec.refusals.entra import ASSIGNMENT_ABSENT, PERMISSION_ENABLED, SAML_ABSENT
from sekisho.spec.refusals.management import (
    ALREADY_EXISTS,
    API_ABSENT,
    CLIENT_ABOVE,
    CLIENT_ABSENT,
    CREDENTIAL_ABSENT,
    CREDENTIALS_MANY,
    GRANT_ABSENT,
    KEY_BOUND,
    SECRET_UNUSED,
    SYSTEM_CLIENT,
)
from sekisho.spec.refusals.people import RANK_TOO_LOW, ROLE_ABSENT, USER_ABSENT
from sekisho.spec.refusals.registration import REGISTRATION_DECIDES

# Whoever is changed: it is there, nobody's who may do more, and nobody registered it.
CHANGED = (CLIENT_ABSENT, CLIENT_ABOVE, SYSTEM_CLIENT, REGISTRATION_DECIDES)
KEYS = "/applications/{id}/federatedIdentityCredentials"
SAML = "/applications/{id}/saml"

# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation(method="GET", path="/applications", endpoint=applications.every,
              title=Words("List applications", "アプリケーションの一覧"),
              scopes=("read:clients",), takes=applications.APPLICATIONS.takes,
              gives=Page(EntraApplicationSeen, "applications")),
    Operation(method="POST", path="/applications", endpoint=applications.create,
              title=Words("Create an application", "アプリケーションの作成"),
              scopes=("create:clients",), body=Body(EntraApplicationFields, samples.ENTRA, makes=True),
              status=201, gives=EntraApplicationSeen, versioned=True,
              refuses=(ALREADY_EXISTS, CREDENTIALS_MANY)),
    Operation(method="GET", path="/applications/{id}", endpoint=applications.get,
              title=Words("Read an application", "アプリケーションの取得"),
              scopes=("read:clients",), takes=CUT, gives=EntraApplicationSeen,
              refuses=(CLIENT_ABSENT,), versioned=True),
    Operation(method="PATCH", path="/applications/{id}", endpoint=applications.change,
              title=Words("Change an application", "アプリケーションの変更"),
              scopes=("update:clients",), body=Body(EntraApplicationFields, samples.ENTRA_CHANGE),
              gives=EntraApplicationSeen, versioned=True, guarded=True,
              refuses=(*CHANGED, ALREADY_EXISTS, CREDENTIALS_MANY, PERMISSION_ENABLED)),
    Operation(method="DELETE", path="/applications/{id}", endpoint=applications.delete,
              title=Words("Delete an application", "アプリケーションの削除"),
              scopes=("delete:clients",), status=204, refuses=CHANGED[:3], guarded=True),

    Operation(method="POST", path="/applications/{id}/addPassword", endpoint=application_keys.add_password,
              title=Words("Add a secret to an application", "シークレットの追加"),
              scopes=("update:client_keys",), body=Body(AddPasswordFields, samples.PASSWORD, optional=True),
              gives=PasswordCredentialSeen, guarded=True,
              refuses=(*CHANGED, CREDENTIALS_MANY, SECRET_UNUSED)),
    Operation(method="POST", path="/applications/{id}/removePassword",
              endpoint=application_keys.remove_password,
              title=Words("Remove a secret of an application", "シークレットの削除"),
              scopes=("update:client_keys",), body=Body(KeyIdFields, samples.KEY_ID, makes=True),
              status=204, guarded=True, refuses=(*CHANGED, CREDENTIAL_ABSENT)),
    Operation(method="POST", path="/applications/{id}/addKey", endpoint=application_keys.add_key,
              title=Words("Add a certificate to an application", "証明書の追加"),
              scopes=("create:client_credentials",), body=Body(AddKeyFields, samples.KEY, makes=True),
              gives=KeyCredentialSeen, guarded=True, refuses=(*CHANGED, CREDENTIALS_MANY)),
    Operation(method="POST", path="/applications/{id}/removeKey", endpoint=application_keys.remove_key,
              title=Words("Remove a certificate of an application", "アプリケーションの証明書の削除"),
              scopes=("delete:client_credentials",), body=Body(KeyIdFields, samples.KEY_ID, makes=True),
              status=204, guarded=True, refuses=(*CHANGED, CREDENTIAL_ABSENT)),

    Operation(method="GET", path=KEYS, endpoint=federated_credentials.every,
              title=Words("List the federated credentials of an application",
                          "フェデレーション資格情報の一覧"),
              scopes=("read:client_credentials",), takes=CUT, gives=list[FederatedCredentialSeen],
              refuses=(CLIENT_ABSENT,), versioned=True),
    Operation(method="POST", path=KEYS, endpoint=federated_credentials.create,
              title=Words("Add a federated credential to an application", "フェデレーション資格情報の追加"),
              scopes=("create:client_credentials",),
              body=Body(FederatedFields, samples.FEDERATED, makes=True),
              status=201, gives=FederatedCredentialSeen, versioned=True, guarded=True,
              refuses=(*CHANGED, ALREADY_EXISTS, CREDENTIALS_MANY)),
    Operation(method="GET", path=KEYS + "/{credential_id}", endpoint=federated_credentials.get,
              title=Words("Read a federated credential", "フェデレーション資格情報の取得"),
              scopes=("read:client_credentials",), takes=CUT, gives=FederatedCredentialSeen,
              refuses=(CLIENT_ABSENT, CREDENTIAL_ABSENT), versioned=True),
    Operation(method="DELETE", path=KEYS + "/{credential_id}", endpoint=federated_credentials.delete,
              title=Words("Remove a federated credential", "フェデレーション資格情報の削除"),
              scopes=("delete:client_credentials",), status=204, guarded=True,
              refuses=(*CHANGED, CREDENTIAL_ABSENT)),

    Operation(method="GET", path=SAML, endpoint=saml.get,
              title=Words("Read the SAML settings of an application", "SAML 設定の取得"),
              scopes=("read:clients",), takes=CUT, gives=SamlSeen, versioned=True,
              refuses=(CLIENT_ABSENT, SAML_ABSENT)),
    Operation(method="PUT", path=SAML, endpoint=saml.put,
              title=Words("Decide on the SAML assertions for an application", "SAML 設定の変更"),
              scopes=("update:clients",), body=Body(SamlFields, samples.SAML),
              gives=SamlSeen, versioned=True, guarded=True, refuses=(*CHANGED, ALREADY_EXISTS)),
    Operation(method="DELETE", path=SAML, endpoint=saml.delete,
              title=Words("Forget the SAML settings of an application", "SAML 設定の削除"),
              scopes=("update:clients",), status=204, guarded=True, refuses=(*CHANGED, SAML_ABSENT)),
    Operation(method="GET", path=SAML + "/certificates", endpoint=saml.certificates,
              title=Words("List the SAML certificates of an application", "SAML 証明書の一覧"),
              scopes=("read:clients",), takes=CUT, gives=list[SamlCertificateSeen],
              refuses=(CLIENT_ABSENT,)),
    Operation(method="POST", path=SAML + "/certificates/rotate", endpoint=saml.rotate,
              title=Words("Rotate the SAML certificates of an application", "SAML 証明書の切り替え"),
              scopes=("update:client_keys",), body=Body(SamlTurnFields, samples.SAML_TURN, optional=True),
              gives=list[SamlCertificateSeen], refuses=(*CHANGED, SAML_ABSENT, KEY_BOUND)),

    Operation(method="GET", path="/oauth2PermissionGrants", endpoint=permission_grants.every,
              title=Words("List permission grants", "アクセス許可の一覧"),
              scopes=("read:grants",), takes=permission_grants.GRANTS.takes,
              gives=Page(PermissionGrantSeen, "oauth2PermissionGrants")),
    Operation(method="POST", path="/oauth2PermissionGrants", endpoint=permission_grants.create,
              title=Words("Create a permission grant", "アクセス許可の作成"),
              scopes=("create:grants",),
              body=Body(PermissionGrantFields, samples.PERMISSION_GRANT, makes=True),
              status=201, gives=PermissionGrantSeen, versioned=True,
              refuses=(CLIENT_ABSENT, API_ABSENT, USER_ABSENT, RANK_TOO_LOW, SYSTEM_CLIENT, ALREADY_EXISTS)),
    Operation(method="GET", path="/oauth2PermissionGrants/{id}", endpoint=permission_grants.get,
              title=Words("Read a permission grant", "アクセス許可の取得"),
              scopes=("read:grants",), takes=CUT, gives=PermissionGrantSeen, refuses=(GRANT_ABSENT,),
              versioned=True),
    Operation(method="PATCH", path="/oauth2PermissionGrants/{id}", endpoint=permission_grants.change,
              title=Words("Change a permission grant", "アクセス許可の変更"),
              scopes=("update:grants",), body=Body(PermissionGrantFields, samples.PERMISSION_GRANT_CHANGE),
              gives=PermissionGrantSeen, versioned=True, guarded=True,
              refuses=(GRANT_ABSENT, API_ABSENT, RANK_TOO_LOW)),
    Operation(method="DELETE", path="/oauth2PermissionGrants/{id}", endpoint=permission_grants.delete,
              title=Words("Delete a permission grant", "アクセス許可の削除"),
              scopes=("delete:grants",), status=204, guarded=True, refuses=(GRANT_ABSENT, RANK_TOO_LOW)),

    Operation(method="GET", path="/appRoleAssignments", endpoint=role_assignments.every,
              title=Words("List app role assignments", "アプリロール割り当ての一覧"),
              scopes=("read:app_role_assignments",), takes=role_assignments.ASSIGNMENTS.takes,
              gives=Page(RoleAssignmentSeen, "appRoleAssignments")),
    Operation(method="POST", path="/appRoleAssignments", endpoint=role_assignments.create,
              title=Words("Assign an app role", "アプリロール割り当ての作成"),
              scopes=("create:app_role_assignments",),
              body=Body(RoleAssignmentFields, samples.ROLE_ASSIGNMENT, makes=True),
              status=201, gives=RoleAssignmentSeen, versioned=True,
              refuses=(API_ABSENT, USER_ABSENT, ROLE_ABSENT, CLIENT_ABSENT, CLIENT_ABOVE, SYSTEM_CLIENT,
                       ALREADY_EXISTS)),
    Operation(method="GET", path="/appRoleAssignments/{id}", endpoint=role_assignments.get,
              title=Words("Read an app role assignment", "アプリロール割り当ての取得"),
              scopes=("read:app_role_assignments",), takes=CUT, gives=RoleAssignmentSeen,
              refuses=(ASSIGNMENT_ABSENT,), versioned=True),
    Operation(method="DELETE", path="/appRoleAssignments/{id}", endpoint=role_assignments.delete,
              title=Words("Delete an app role assignment", "アプリロール割り当ての削除"),
              scopes=("delete:app_role_assignments",), status=204, guarded=True,
              refuses=(ASSIGNMENT_ABSENT, CLIENT_ABOVE, SYSTEM_CLIENT)),
)
# fmt: on
