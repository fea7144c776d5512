"""RDS, and DocumentDB, which shares its interface."""

import uuid

from moto.core.responses import ActionResult
from moto.rds import models
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.responses import RDSResponse

DOCUMENTDB = "docdb"
# What AWS documents as the certificate authority of a new instance when none is asked for.
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"


def give_instances_their_own_resource_id():
    """moto gives every instance the same DbiResourceId. The provider reads instances back by it, finds two as
    soon as there are two databases, and reports that the resource does not exist."""
    build = models.DBInstance.__init__

    def init(self, *args, **kwargs):
        build(self, *args, **kwargs)
        self.dbi_resource_id = f"db-{uuid.uuid4().hex[:26].upper()}"

    models.DBInstance.__init__ = init


def return_monitoring_settings():
    """moto accepts enhanced monitoring and Performance Insights and forgets them. AWS returns both with the
    instance; seven days is the documented retention when none is given."""
    build, change = models.DBInstance.__init__, models.DBInstance.update

    def remember(instance, settings):
        if settings.get("monitoring_interval") is not None:
            instance.monitoring_interval = settings["monitoring_interval"]
            instance.monitoring_role_arn = settings.get("monitoring_role_arn")
        enabled = settings.get("enable_performance_insights")
        if enabled is not None:
            instance.performance_insights_enabled = enabled
            key, days = "performance_insights_kms_key_id", "performance_insights_retention_period"
            setattr(instance, key, settings.get(key) if enabled else None)
            setattr(instance, days, settings.get(days, 7) if enabled else None)

    def init(self, *args, **kwargs):
        build(self, *args, **kwargs)
        remember(self, kwargs)

    def update(self, *args, **kwargs):
        change(self, *args, **kwargs)
        remember(self, kwargs)

    models.DBInstance.__init__, models.DBInstance.update = init, update


def scale_only_what_is_serverless():
    """moto returns an empty scaling configuration for every cluster. AWS returns one for serverless clusters alone."""
    said = models.DBCluster.scaling_configuration_info.fget
    models.DBCluster.scaling_configuration_info = property(lambda self: said(self) if self.scaling_configuration else None)


def name_the_certificate_authority():
    """moto answers `rds-ca-default`, a name that AWS does not have, where no certificate authority is asked for."""
    build = models.DBInstance.__init__

    def init(self, *args, **kwargs):
        kwargs["ca_certificate_identifier"] = kwargs.get("ca_certificate_identifier") or CERTIFICATE_AUTHORITY
        build(self, *args, **kwargs)

    models.DBInstance.__init__ = init


def return_parameters_that_were_set():
    """moto returns a parameter group's parameters without their source, and the provider keeps only those whose
    source is `user`: what AWS says of parameters that were changed."""

    def describe_db_parameters(self):
        name = self.params.get("DBParameterGroupName")
        groups = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
        if not groups:
            raise DBParameterGroupNotFoundError(name)
        return changed(groups[0].parameters)

    def describe_db_cluster_parameters(self):
        name = self.params.get("DBClusterParameterGroupName")
        [group] = self.backend.describe_db_cluster_parameter_groups(name)
        return changed(group.parameters)

    def changed(parameters):
        said = [{"ParameterName": name, **value, "Source": "user"} for name, value in parameters.items()]
        return ActionResult({"Parameters": said})

    RDSResponse.describe_db_parameters = describe_db_parameters
    RDSResponse.describe_db_cluster_parameters = describe_db_cluster_parameters


def accept_documentdb():
    """moto's RDS refuses the engine `docdb`, although DocumentDB's interface is RDS's and the provider's
    requests for both arrive at the same address. DocumentDB returns no storage type where it is the usual one."""
    build = models.DBCluster.__init__

    def init(self, *args, **kwargs):
        build(self, *args, **kwargs)
        if self.engine == DOCUMENTDB and not kwargs.get("storage_type"):
            self.storage_type = None

    models.DBCluster.__init__ = init
    defaults = {
        "default_engine_version": lambda: "5.0.0",
        "default_port": lambda: 27017,
        "default_allocated_storage": lambda: 1,
    }
    for name, answer in defaults.items():
        setattr(models.DBCluster, name, with_documentdb(getattr(models.DBCluster, name), answer))
        if hasattr(models.DBInstance, name):
            setattr(models.DBInstance, name, with_documentdb(getattr(models.DBInstance, name), answer))
    clusters = models.ClusterEngine.list_cluster_engines()
    instances = models.DbInstanceEngine.valid_db_instance_engine()
    models.ClusterEngine.list_cluster_engines = classmethod(lambda cls: [*clusters, DOCUMENTDB])
    models.DbInstanceEngine.valid_db_instance_engine = classmethod(lambda cls: [*instances, DOCUMENTDB])


def with_documentdb(default, answer):
    def chosen(engine, *rest, **named):
        return answer() if engine == DOCUMENTDB else default(engine, *rest, **named)

    return staticmethod(chosen)
