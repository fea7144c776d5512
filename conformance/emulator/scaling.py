"""Application Auto Scaling."""

import json

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response


def keep_tags():
    """moto ignores the tags of a scalable target and has no answer to the question for them."""
    register = Response.register_scalable_target

    def register_scalable_target(self):
        said = json.loads(register(self) or "{}")
        names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
        namespace, resource, dimension = (self._get_param(name) for name in names)
        found = self.applicationautoscaling_backend.describe_scalable_targets(namespace, [resource], dimension)
        arn = found[0].arn
        tags(self).setdefault(arn, {}).update(self._get_param("Tags") or {})
        return json.dumps({**said, "ScalableTargetARN": arn})

    def list_tags_for_resource(self):
        return json.dumps({"Tags": tags(self).get(self._get_param("ResourceARN"), {})})

    def tag_resource(self):
        tags(self).setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self):
        for key in self._get_param("TagKeys"):
            tags(self).get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    def tags(response):
        return response.applicationautoscaling_backend.__dict__.setdefault("target_tags", {})

    for operation in (register_scalable_target, list_tags_for_resource, tag_resource, untag_resource):
        setattr(Response, operation.__name__, operation)
