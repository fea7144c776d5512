"""CodeDeploy."""

import json
from datetime import datetime

from moto.codedeploy import models
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.utils import camelcase_to_underscores

# What a request names after the group rather than after what it changes.
NAMES = ("applicationName", "currentDeploymentGroupName", "newDeploymentGroupName")


def change_and_delete():
    """moto makes applications and deployment groups and cannot change or remove them."""

    def update_application(self):
        backend, name = self.codedeploy_backend, self._get_param("applicationName")
        application = backend.get_application(name)
        application.application_name = self._get_param("newApplicationName") or name
        backend.applications[application.application_name] = backend.applications.pop(name)
        backend.deployment_groups[application.application_name] = backend.deployment_groups.pop(name, {})
        return ""

    def delete_application(self):
        backend, name = self.codedeploy_backend, self._get_param("applicationName")
        backend.applications.pop(name, None)
        backend.deployment_groups.pop(name, None)
        return ""

    def update_deployment_group(self):
        application, name = self._get_param("applicationName"), self._get_param("currentDeploymentGroupName")
        group = self.codedeploy_backend.get_deployment_group(application, name)
        for key, value in json.loads(self.body).items():
            if key not in NAMES:
                setattr(group, camelcase_to_underscores(key), value)
        group.deployment_group_name = self._get_param("newDeploymentGroupName") or name
        groups = self.codedeploy_backend.deployment_groups[application]
        groups[group.deployment_group_name] = groups.pop(name)
        return json.dumps({"hooksNotCleanedUp": []})

    def delete_deployment_group(self):
        groups = self.codedeploy_backend.deployment_groups.get(self._get_param("applicationName"), {})
        groups.pop(self._get_param("deploymentGroupName"), None)
        return json.dumps({"hooksNotCleanedUp": []})

    for operation in (update_application, delete_application, update_deployment_group, delete_deployment_group):
        setattr(CodeDeployResponse, operation.__name__, operation)


def tell_times_as_numbers():
    """moto prints when an application was made as text. The protocol's timestamps are seconds, and a client that
    decodes strictly refuses anything else."""
    describe = models.Application.to_dict

    def to_dict(self):
        made = datetime.fromisoformat(self.create_time.replace("Z", "+00:00"))
        return {**describe(self), "createTime": made.timestamp()}

    models.Application.to_dict = to_dict


def return_alarms():
    """moto keeps the alarms that stop a deployment and answers that there are none."""
    describe = models.DeploymentGroup.to_dict

    def to_dict(self):
        return {**describe(self), "alarmConfiguration": self.alarm_configuration or {}}

    models.DeploymentGroup.to_dict = to_dict
