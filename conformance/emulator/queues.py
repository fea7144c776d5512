"""SQS."""

import json

from moto.sqs import models


def print_compact_policies():
    """moto prints the redrive policy with blanks after its separators. AWS prints none, and the provider
    compares the text."""
    attributes = models.Queue.attributes.fget

    def compact(self):
        said = attributes(self)
        if self.redrive_policy:
            said["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        return said

    models.Queue.attributes = property(compact)


def keep_policies():
    """moto accepts which queues may use a dead-letter queue and never returns it; and it forgets a queue's access
    policy whenever another attribute is set. AWS keeps both until they are set themselves, and one that is set to
    nothing is gone."""
    change = models.Queue._set_attributes
    models.Queue.BASE_ATTRIBUTES = [*models.Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    models.Queue.redrive_allow_policy = None

    def _set_attributes(self, attributes, *rest):
        change(self, {"Policy": getattr(self, "policy", None), **attributes}, *rest)
        self.redrive_allow_policy = self.redrive_allow_policy or None

    models.Queue._set_attributes = _set_attributes
