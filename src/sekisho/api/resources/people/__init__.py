"""What the management API says of single people, beside who they are and what they may do."""

from sekisho.api.listing import PAGES
from sekisho.api.operation import Operation, Page, Words
from sekisho.api.resources.people import authentication_methods
from sekisho.spec.refusals.factors import FACTOR_ABSENT
from sekisho.spec.refusals.people import RANK_TOO_LOW, USER_ABSENT

# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation(method="GET", path="/users/{id}/authentication-methods", endpoint=authentication_methods.every,
              title=Words("List the second factors of a user", "ユーザーの 2 段階認証の一覧"),
              scopes=("read:authentication_methods",), takes=PAGES, refuses=(USER_ABSENT,),
              gives=Page(authentication_methods.FactorSeen, "authenticators", steps=False)),
    Operation(method="DELETE", path="/users/{id}/authentication-methods",
              endpoint=authentication_methods.delete_all,
              title=Words("Reset the second factor of a user", "ユーザーの 2 段階認証のリセット"),
              scopes=("delete:authentication_methods",), status=204, refuses=(USER_ABSENT, RANK_TOO_LOW)),
    Operation(method="GET", path="/users/{id}/authentication-methods/{authentication_method_id}",
              endpoint=authentication_methods.get,
              title=Words("Read a second factor", "2 段階認証の取得"),
              scopes=("read:authentication_methods",), gives=authentication_methods.FactorSeen,
              refuses=(USER_ABSENT, FACTOR_ABSENT)),
    Operation(method="DELETE", path="/users/{id}/authentication-methods/{authentication_method_id}",
              endpoint=authentication_methods.delete,
              title=Words("Take a second factor away", "2 段階認証の削除"),
              scopes=("delete:authentication_methods",), status=204,
              refuses=(USER_ABSENT, FACTOR_ABSENT, RANK_TOO_LOW)),
    Operation(method="DELETE", path="/users/{id}/multifactor/{provider}",
              endpoint=authentication_methods.delete_provider,
              title=Words("Reset the second factor of a user, by its provider",
                          "プロバイダー名による 2 段階認証のリセット"),
              scopes=("update:users",), status=204, refuses=(USER_ABSENT, FACTOR_ABSENT, RANK_TOO_LOW)),
    Operation(method="POST", path="/users/{id}/recovery-code-regeneration",
              endpoint=authentication_methods.regenerate,
              title=Words("Replace the recovery codes of a user by one", "リカバリーコードの再発行"),
              scopes=("update:users",), gives=authentication_methods.CodeSeen,
              refuses=(USER_ABSENT, FACTOR_ABSENT, RANK_TOO_LOW)),
)
# fmt: on
