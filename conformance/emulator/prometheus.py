"""Amazon Managed Service for Prometheus."""

import json
import time
from urllib.parse import unquote

from moto.amp.responses import PrometheusServiceResponse
from moto.amp.urls import url_paths
from moto.core.exceptions import JsonRESTError


class NoDefinition(JsonRESTError):
    code = 404

    def __init__(self):
        super().__init__("ResourceNotFoundException", "Alert manager definition not found")


def keep_alert_manager_definitions():
    """moto has no alert manager. AWS keeps one definition a workspace, refuses a second creation, and says that it
    is active once it has read it."""

    def workspace(self):
        return self.amp_backend.describe_workspace(unquote(self.path).split("/")[-3])

    def status(code):
        return json.dumps({"status": {"statusCode": code}})

    def written(self):
        now = int(time.time())
        kept = workspace(self).__dict__
        before = kept.get("alert_manager_definition", {})
        kept["alert_manager_definition"] = {
            "data": json.loads(self.body)["data"],
            "createdAt": before.get("createdAt", now),
            "modifiedAt": now,
            "status": {"statusCode": "ACTIVE"},
        }

    def create_alert_manager_definition(self):
        if "alert_manager_definition" in workspace(self).__dict__:
            raise JsonRESTError("ConflictException", "Alert manager definition already exists")
        written(self)
        return status("CREATING")

    def put_alert_manager_definition(self):
        written(self)
        return status("UPDATING")

    def describe_alert_manager_definition(self):
        kept = workspace(self).__dict__.get("alert_manager_definition")
        if kept is None:
            raise NoDefinition
        return json.dumps({"alertManagerDefinition": kept})

    def delete_alert_manager_definition(self):
        workspace(self).__dict__.pop("alert_manager_definition", None)
        return "{}"

    for action in (
        create_alert_manager_definition,
        put_alert_manager_definition,
        describe_alert_manager_definition,
        delete_alert_manager_definition,
    ):
        setattr(PrometheusServiceResponse, action.__name__, action)
    way = "{0}/workspaces/(?P<workspace_id>[^/]+)/alertmanager/definition$"
    url_paths[way] = PrometheusServiceResponse.dispatch
