"""IAM and resource policies."""

from moto.core.config import default_user_config
from moto.iam.access_control import IAMPolicyStatement, PermissionResult


def leave_conditional_statements_alone():
    """moto checks bucket policies without the values that conditions are about, and refuses whatever a
    conditional statement names. A policy that denies plain HTTP then denies everything."""
    permitted = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self, action, resource="*", principal=None, incoming_condition_values=None):
        if self._statement.get("Condition") and incoming_condition_values is None:
            return PermissionResult.NEUTRAL
        return permitted(self, action, resource, principal, incoming_condition_values)

    IAMPolicyStatement.is_action_permitted = is_action_permitted


def know_the_managed_policies():
    """moto leaves out the policies that AWS keeps in every account, and refuses to attach one."""
    default_user_config.setdefault("iam", {})["load_aws_managed_policies"] = True
