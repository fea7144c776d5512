"""AWS Budgets."""

import json

from moto.budgets.responses import BudgetsResponse


def answer_subscribers_and_tags():
    """moto keeps who is told of a budget and has no way to ask; tags it has none. The provider asks for both
    after every change and retries for minutes when the emulator has no answer."""
    create = BudgetsResponse.create_budget

    def create_budget(self):
        name = self._get_param("Budget")["BudgetName"]
        said = create(self)
        tags(self)[f"budget/{name}"] = {t["Key"]: t["Value"] for t in self._get_param("ResourceTags") or []}
        return said

    def describe_subscribers_for_notification(self):
        budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
        asked = self._get_param("Notification")
        same = lambda kept: all(kept.get(k) == v for k, v in asked.items() if k != "NotificationState")
        found = [n.subscribers for n in budget.notifications if same(n.details)]
        return json.dumps({"Subscribers": found[0] if found else []})

    def list_tags_for_resource(self):
        kept = tags(self).get(resource(self), {})
        return json.dumps({"ResourceTags": [{"Key": k, "Value": v} for k, v in kept.items()]})

    def tag_resource(self):
        added = {t["Key"]: t["Value"] for t in self._get_param("ResourceTags")}
        tags(self).setdefault(resource(self), {}).update(added)
        return "{}"

    def untag_resource(self):
        for key in self._get_param("ResourceTagKeys"):
            tags(self).get(resource(self), {}).pop(key, None)
        return "{}"

    def tags(response):
        return response.backend.__dict__.setdefault("resource_tags", {})

    def resource(response):
        return response._get_param("ResourceARN").split(":", 5)[5]

    BudgetsResponse.create_budget = create_budget
    BudgetsResponse.describe_subscribers_for_notification = describe_subscribers_for_notification
    BudgetsResponse.list_tags_for_resource = list_tags_for_resource
    BudgetsResponse.tag_resource = tag_resource
    BudgetsResponse.untag_resource = untag_resource
