"""ElastiCache."""

from moto.core.responses import EmptyResult
from moto.elasticache import models
from moto.elasticache.exceptions import CacheSubnetGroupNotFound
from moto.elasticache.responses import ElastiCacheResponse

Backend = models.ElastiCacheBackend


def create_member_clusters():
    """moto ignores the number of clusters a replication group should have, and names members that do not exist.
    AWS makes one cache cluster a member; the provider reads engine, network, encryption and
    parameters from the first."""
    create = Backend.create_replication_group

    def create_replication_group(self, **settings):
        wanted = settings.get("num_cache_clusters")
        if wanted and not settings.get("replicas_per_node_group"):
            settings["replicas_per_node_group"] = wanted - 1
        group = create(self, **settings)
        for name in group.member_clusters:
            self.cache_clusters[name] = member(self, name, group)
        return group

    def member(backend, name, group):
        cluster = models.CacheCluster(
            account_id=backend.account_id,
            region_name=backend.region_name,
            cache_cluster_id=name,
            cache_node_type=group.cache_node_type,
            replication_group_id=group.replication_group_id,
            az_mode="single-az",
            preferred_availability_zone=f"{backend.region_name}a",
            num_cache_nodes=1,
            engine=group.engine,
            engine_version=group.engine_version,
            cache_parameter_group_name=group.cache_parameter_group_name,
            cache_subnet_group_name=group.cache_subnet_group_name,
            transit_encryption_enabled=group.transit_encryption_enabled,
            network_type=group.network_type,
            ip_discovery=group.ip_discovery,
            snapshot_name=group.snapshot_name,
            preferred_maintenance_window=group.preferred_maintenance_window,
            port=group.port,
            notification_topic_arn=group.notification_topic_arn,
            auto_minor_version_upgrade=group.auto_minor_version_upgrade,
            snapshot_retention_limit=group.snapshot_retention_limit,
            snapshot_window=group.snapshot_window,
            auth_token=None,
            outpost_mode=None,
            preferred_outpost_arn=None,
            preferred_availability_zones=None,
            cache_security_group_names=group.cache_security_group_names,
            security_group_ids=group.security_group_ids,
            tags=group.tags,
            snapshot_arns=group.snapshot_arns,
            preferred_outpost_arns=None,
            log_delivery_configurations=group.log_delivery_configurations,
            cache_node_ids_to_remove=None,
            cache_node_ids_to_reboot=None,
        )
        cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
        return cluster

    Backend.create_replication_group = create_replication_group


def name_groups_and_networks():
    """moto leaves out of a cache cluster the parameter group and the security groups it was made with."""
    build = models.CacheCluster.__init__

    def init(self, *args, **kwargs):
        build(self, *args, **kwargs)
        self.security_groups = [{"SecurityGroupId": id, "Status": "active"} for id in self.security_group_ids]
        if self.cache_parameter_group_name:
            self.cache_parameter_group = {
                "CacheParameterGroupName": self.cache_parameter_group_name,
                "ParameterApplyStatus": "in-sync",
            }

    models.CacheCluster.__init__ = init


def forget_deleted_groups():
    """moto keeps deleted clusters and groups in the state `deleting` for ever. AWS stops finding them."""
    delete_group, delete_cluster = Backend.delete_replication_group, Backend.delete_cache_cluster

    def delete_replication_group(self, replication_group_id, retain_primary_cluster=None):
        members = list(self.replication_groups[replication_group_id].member_clusters)
        group = delete_group(self, replication_group_id, retain_primary_cluster)
        for name in members:
            self.cache_clusters.pop(name, None)
        self.replication_groups.pop(replication_group_id)
        return group

    def delete_cache_cluster(self, cache_cluster_id):
        cluster = delete_cluster(self, cache_cluster_id)
        self.cache_clusters.pop(cache_cluster_id)
        return cluster

    Backend.delete_replication_group = delete_replication_group
    Backend.delete_cache_cluster = delete_cache_cluster


def delete_subnet_groups():
    """moto makes subnet groups and cannot remove them."""

    def delete_cache_subnet_group(self):
        name = self._get_param("CacheSubnetGroupName")
        if self.elasticache_backend.cache_subnet_groups.pop(name, None) is None:
            raise CacheSubnetGroupNotFound(name)
        return EmptyResult()

    ElastiCacheResponse.delete_cache_subnet_group = delete_cache_subnet_group
