"""ECS."""

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse as Response

# What a service is asked for and moto does not keep, as the interface names it.
SETTINGS = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
)


def keep_service_settings():
    """moto forgets most of what a service is asked for, and gives a service with capacity providers the launch
    type EC2. AWS returns the settings, and no launch type beside a capacity provider strategy."""
    create, update = Response.create_service, Response.update_service

    def create_service(self):
        create(self)
        return keep(self, self._get_param("serviceName"))

    def update_service(self):
        update(self)
        return keep(self, self._get_param("service"))

    def keep(response, name):
        [service], _ = response.ecs_backend.describe_services(response._get_param("cluster", "default"), [name])
        for setting in SETTINGS:
            value = response._get_param(setting)
            if value is not None:
                setattr(service, xform_name(setting), value)
        if getattr(service, "capacity_provider_strategy", None):
            service.launch_type = None
            service.platform_version = service.platform_version or "LATEST"
        return ActionResult({"service": service})

    Response.create_service, Response.update_service = create_service, update_service
