"""The AWS emulator that bundles are applied to: moto's server with what it gets wrong put right.

    python3 emulator.py -H HOST -p PORT

Only what makes a correct configuration fail is repaired here, each with its reason.
"""

import uuid

from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.rds import models
from moto.server import main


def give_instances_their_own_resource_id():
    """moto 5.2.1 gives every RDS instance the same DbiResourceId. The provider reads instances back by it,
    finds two as soon as there are two databases, and reports that the resource does not exist."""
    build = models.DBInstance.__init__

    def init(self, *args, **kwargs):
        build(self, *args, **kwargs)
        self.dbi_resource_id = f"db-{uuid.uuid4().hex[:26].upper()}"

    models.DBInstance.__init__ = init


def leave_conditional_statements_alone():
    """moto 5.2.1 checks bucket policies without the values that conditions are about, and refuses whatever a
    conditional statement names. A policy that denies plain HTTP then denies everything."""
    permitted = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self, action, resource="*", principal=None, incoming_condition_values=None):
        if self._statement.get("Condition") and incoming_condition_values is None:
            return PermissionResult.NEUTRAL
        return permitted(self, action, resource, principal, incoming_condition_values)

    IAMPolicyStatement.is_action_permitted = is_action_permitted


if __name__ == "__main__":
    leave_conditional_statements_alone()
    give_instances_their_own_resource_id()
    main()
