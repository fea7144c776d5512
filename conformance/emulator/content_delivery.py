"""CloudFront."""

import uuid

from moto.cloudfront import models
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.responses import CloudFrontResponse
from moto.cloudfront.urls import url_paths
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow


def keep_functions():
    """moto has no CloudFront functions. AWS keeps one in development, and publishing copies it to live."""

    def create_function(self):
        name = self._get_param("Name")
        if name in functions(self):
            raise CloudFrontException("FunctionAlreadyExists", f"The function {name} already exists.")
        functions(self)[name] = {"DEVELOPMENT": version(self, name)}
        return answer(self, name, "DEVELOPMENT")

    def update_function(self):
        name = self._get_param("Name")
        find(self, name, "DEVELOPMENT")
        functions(self)[name]["DEVELOPMENT"] = version(self, name)
        return answer(self, name, "DEVELOPMENT")

    def publish_function(self):
        name = self._get_param("Name")
        functions(self)[name]["LIVE"] = find(self, name, "DEVELOPMENT")
        return answer(self, name, "LIVE")

    def describe_function(self):
        return answer(self, self._get_param("Name"), self._get_param("Stage") or "DEVELOPMENT")

    def get_function(self):
        found = find(self, self._get_param("Name"), self._get_param("Stage") or "DEVELOPMENT")
        headers = {"ETag": found["etag"], "Content-Type": "application/octet-stream"}
        return 200, headers, found["code"]

    def delete_function(self):
        find(self, self._get_param("Name"), "DEVELOPMENT")
        functions(self).pop(self._get_param("Name"))
        return EmptyResult()

    def version(response, name):
        return {
            "arn": f"arn:aws:cloudfront::{response.current_account}:function/{name}",
            "code": response._get_param("FunctionCode"),
            "config": response._get_param("FunctionConfig"),
            "etag": f"ETV{uuid.uuid4().hex[:11].upper()}",
            "at": utcnow(),
        }

    def answer(response, name, stage):
        found = find(response, name, stage)
        summary = {
            "Name": name,
            "Status": "UNASSOCIATED",
            "FunctionConfig": found["config"],
            "FunctionMetadata": {
                "FunctionARN": found["arn"],
                "Stage": stage,
                "CreatedTime": found["at"],
                "LastModifiedTime": found["at"],
            },
        }
        return ActionResult({"FunctionSummary": summary, "ETag": found["etag"], "Location": found["arn"]})

    def find(response, name, stage):
        found = functions(response).get(name, {}).get(stage)
        if found is None:
            raise CloudFrontException("NoSuchFunctionExists", "The specified function does not exist.")
        return found

    def functions(response):
        return response.backend.__dict__.setdefault("functions", {})

    one = "/(?P<name>[^/]+)"
    for path in ("", one, f"{one}/describe", f"{one}/publish"):
        url_paths[f"{{0}}/2020-05-31/function{path}$"] = CloudFrontResponse.dispatch
    operations = (create_function, update_function, publish_function, describe_function, get_function, delete_function)
    for operation in operations:
        setattr(CloudFrontResponse, operation.__name__, operation)


def return_what_a_distribution_has():
    """moto leaves functions out of a cache behaviour and access controls out of an origin, and adds forwarded values
    beside a cache policy, which replaces them, and empty certificates beside CloudFront's own."""
    behave, originate = models.DefaultCacheBehaviour.__init__, models.Origin.__init__
    certify = models.ViewerCertificate.__init__

    def behaviour(self, config):
        behave(self, config)
        items = (config.get("FunctionAssociations") or {}).get("Items") or []
        self.function_associations = {"Quantity": len(items), "Items": items}
        if self.cache_policy_id and "ForwardedValues" not in config:
            self.forwarded_values = None

    def origin(self, config):
        originate(self, config)
        self.origin_access_control_id = config.get("OriginAccessControlId") or ""

    def certificate(self, config):
        certify(self, config)
        self.iam_certificate_id = config.get("IAMCertificateId") or None
        self.acm_certificate_arn = config.get("ACMCertificateArn") or None

    models.DefaultCacheBehaviour.__init__, models.Origin.__init__ = behaviour, origin
    models.ViewerCertificate.__init__ = certificate
