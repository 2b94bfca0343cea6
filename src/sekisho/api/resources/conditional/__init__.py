"""Conditional access: its policies, and what they would say."""

from sekisho.api import samples
from sekisho.api.operation import Body, Operation, Page, Words
from sekisho.api.resources.conditional import access_policies, simulation
from sekisho.api.resources.conditional.shape import AccessPolicySeen
from sekisho.api.view import CUT
from sekisho.registry.access_policies.fields import AccessPolicyFields
from sekisho.spec.refusals.conditional import ACCESS_POLICIES_MANY, ACCESS_POLICY_ABSENT
from sekisho.spec.refusals.management import API_ABSENT, CLIENT_ABSENT
from sekisho.spec.refusals.people import USER_ABSENT

PATH = "/conditional-access-policies"
# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    Operation(method="GET", path=PATH, endpoint=access_policies.every,
              title=Words("List policies of conditional access", "条件付きアクセスポリシーの一覧"),
              scopes=("read:access_policies",), takes=access_policies.POLICIES.takes,
              gives=Page(AccessPolicySeen, "access_policies")),
    Operation(method="POST", path=PATH, endpoint=access_policies.create,
              title=Words("Create a policy of conditional access", "条件付きアクセスポリシーの作成"),
              scopes=("create:access_policies",),
              body=Body(AccessPolicyFields, samples.ACCESS_POLICY, makes=True),
              status=201, gives=AccessPolicySeen, versioned=True, refuses=(ACCESS_POLICIES_MANY,)),
    Operation(method="POST", path=f"{PATH}/simulate", endpoint=access_policies.simulate,
              title=Words("Simulate policies of conditional access",
                          "条件付きアクセスポリシーのシミュレーション"),
              scopes=("read:access_policies",), also=("read:users",),
              body=Body(simulation.SimulationFields, samples.SIMULATION, makes=True),
              gives=simulation.SimulatedSeen, refuses=(USER_ABSENT, CLIENT_ABSENT, API_ABSENT)),
    Operation(method="GET", path=f"{PATH}/{{id}}", endpoint=access_policies.get,
              title=Words("Read a policy of conditional access", "条件付きアクセスポリシーの取得"),
              scopes=("read:access_policies",), takes=CUT, gives=AccessPolicySeen,
              refuses=(ACCESS_POLICY_ABSENT,), versioned=True),
    Operation(method="PATCH", path=f"{PATH}/{{id}}", endpoint=access_policies.change,
              title=Words("Change a policy of conditional access", "条件付きアクセスポリシーの変更"),
              scopes=("update:access_policies",),
              body=Body(AccessPolicyFields, samples.ACCESS_POLICY_CHANGE),
              gives=AccessPolicySeen, versioned=True, guarded=True, refuses=(ACCESS_POLICY_ABSENT,)),
    Operation(method="DELETE", path=f"{PATH}/{{id}}", endpoint=access_policies.delete,
              title=Words("Delete a policy of conditional access", "条件付きアクセスポリシーの削除"),
              scopes=("delete:access_policies",), status=204, refuses=(ACCESS_POLICY_ABSENT,), guarded=True),
)
# fmt: on
