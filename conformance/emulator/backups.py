"""AWS Backup."""

import json
import uuid
from urllib.parse import unquote

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time


def keep_selections():
    """moto has plans and no selections: what a plan backs up."""

    def create_backup_selection(self):
        plan, _ = names(self)
        request = json.loads(self.body)
        selection = {
            "BackupPlanId": plan,
            "SelectionId": str(uuid.uuid4()),
            "CreationDate": unix_time(),
            "CreatorRequestId": request.get("CreatorRequestId"),
            "BackupSelection": request["BackupSelection"],
        }
        selections(self)[plan, selection["SelectionId"]] = selection
        return json.dumps({k: selection[k] for k in ("BackupPlanId", "SelectionId", "CreationDate")})

    def get_backup_selection(self):
        found = selections(self).get(names(self))
        if found is None:
            raise ResourceNotFoundException(f"Cannot find Backup selection {self.path}")
        return json.dumps(found)

    def delete_backup_selection(self):
        selections(self).pop(names(self), None)
        return ""

    def list_backup_selections(self):
        plan, _ = names(self)
        kept = [s for (owner, _), s in selections(self).items() if owner == plan]
        return json.dumps({"BackupSelectionsList": [{**s, **s["BackupSelection"]} for s in kept]})

    def selections(response):
        return response.backup_backend.__dict__.setdefault("selections", {})

    def names(response):
        """`/backup/plans/PLAN/selections/SELECTION`; the second is empty where the operation is about all."""
        parts = response.path.strip("/").split("/")
        return parts[2], "/".join(parts[4:])

    BackupResponse.create_backup_selection = create_backup_selection
    BackupResponse.get_backup_selection = get_backup_selection
    BackupResponse.delete_backup_selection = delete_backup_selection
    BackupResponse.list_backup_selections = list_backup_selections


def update_plans():
    """moto cannot change a plan. AWS replaces its rules and gives it a new version."""

    def update_backup_plan(self):
        plan = self.backup_backend.plans.get(self.path.strip("/").split("/")[-1])
        if plan is None:
            raise ResourceNotFoundException(f"Cannot find Backup plan {self.path}")
        plan.backup_plan = json.loads(self.body)["BackupPlan"]
        plan.version_id = uuid.uuid4().hex
        return json.dumps(plan.to_dict())

    BackupResponse.update_backup_plan = update_backup_plan


def find_tags_by_name():
    """moto takes the resource from a fixed place in the path, and misses it where the path has no last slash."""

    def resource(response):
        return unquote(response.path.split("/tags/", 1)[-1]).strip("/")

    def list_tags(self):
        return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=resource(self))})

    def tag_resource(self):
        self.backup_backend.tag_resource(resource_arn=resource(self), tags=json.loads(self.body).get("Tags"))
        return "{}"

    BackupResponse.list_tags, BackupResponse.tag_resource = list_tags, tag_resource
