"""Writes `crates/catalog/data/schemas/arm.jsonl`: what types of Azure Resource Manager hold, one line a type.

The classes of Microsoft's packages `azure-mgmt-*` (MIT) are generated from the interface's own descriptions. Only what maps and
printers ask for is kept. Run with the packages
installed, and `six`: `python3 xtask/arm_types.py`. Of `azure-mgmt-monitor` version 6: later ones are several packages.
"""

import enum
import importlib
import inspect
import json
import pathlib
import re
import typing

HERE = pathlib.Path(__file__).resolve().parent.parent

# Type: package, class. A version behind the package is the package's own folder or the interface's version.
TYPES = {
    "Microsoft.ApiManagement/service": ("apimanagement", "ApiManagementServiceResource"),
    "Microsoft.App/containerApps": ("appcontainers", "ContainerApp"),
    "Microsoft.App/jobs": ("appcontainers", "Job"),
    "Microsoft.App/managedEnvironments": ("appcontainers", "ManagedEnvironment"),
    "Microsoft.App/managedEnvironments/storages": ("appcontainers", "ManagedEnvironmentStorage"),
    "Microsoft.AppConfiguration/configurationStores": ("appconfiguration", "ConfigurationStore"),
    "Microsoft.Authorization/locks": (None, {"level": "string(CanNotDelete|NotSpecified|ReadOnly)", "notes": "string"}),
    "Microsoft.Authorization/roleAssignments": (
        None,
        {
            "roleDefinitionId": "required string",
            "principalId": "required string",
            "principalType": "string(Device|ForeignGroup|Group|ServicePrincipal|User)",
            "description": "string",
            "condition": "string",
            "conditionVersion": "string",
            "delegatedManagedIdentityResourceId": "string",
        },
    ),
    "Microsoft.Authorization/roleDefinitions": ("authorization.v2022_04_01", "RoleDefinition"),
    "Microsoft.Cache/redis": ("redis", "RedisCreateParameters"),
    "Microsoft.Cache/redisEnterprise": ("redisenterprise", "Cluster"),
    "Microsoft.Cache/redisEnterprise/databases": ("redisenterprise", "Database"),
    "Microsoft.Cdn/profiles": ("cdn", "Profile"),
    "Microsoft.Cdn/profiles/afdEndpoints": ("cdn", "AFDEndpoint"),
    "Microsoft.Cdn/profiles/afdEndpoints/routes": ("cdn", "Route"),
    "Microsoft.Cdn/profiles/customDomains": ("cdn", "AFDDomain"),
    "Microsoft.Cdn/profiles/originGroups": ("cdn", "AFDOriginGroup"),
    "Microsoft.Cdn/profiles/originGroups/origins": ("cdn", "AFDOrigin"),
    "Microsoft.Cdn/profiles/ruleSets": (None, {}),
    "Microsoft.Cdn/profiles/ruleSets/rules": ("cdn", "Rule"),
    "Microsoft.Cdn/profiles/securityPolicies": ("cdn", "SecurityPolicy"),
    "Microsoft.CognitiveServices/accounts": ("cognitiveservices", "Account"),
    "Microsoft.Compute/availabilitySets": ("compute", "AvailabilitySet"),
    "Microsoft.Compute/disks": ("compute", "Disk"),
    "Microsoft.Compute/virtualMachineScaleSets": ("compute", "VirtualMachineScaleSet"),
    "Microsoft.Compute/virtualMachines": ("compute", "VirtualMachine"),
    "Microsoft.Consumption/budgets": ("consumption", "Budget"),
    "Microsoft.ContainerInstance/containerGroups": ("containerinstance", "ContainerGroup"),
    "Microsoft.ContainerRegistry/registries": ("containerregistry", "Registry"),
    "Microsoft.ContainerService/managedClusters": ("containerservice", "ManagedCluster"),
    "Microsoft.ContainerService/managedClusters/agentPools": ("containerservice", "AgentPool"),
    "Microsoft.DBforMySQL/flexibleServers": ("mysqlflexibleservers", "Server"),
    "Microsoft.DBforMySQL/flexibleServers/configurations": ("mysqlflexibleservers", "Configuration"),
    "Microsoft.DBforMySQL/flexibleServers/databases": ("mysqlflexibleservers", "Database"),
    "Microsoft.DBforPostgreSQL/flexibleServers": ("postgresqlflexibleservers", "Server"),
    "Microsoft.DBforPostgreSQL/flexibleServers/administrators": (
        "postgresqlflexibleservers",
        "AdministratorMicrosoftEntra",
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers/configurations": ("postgresqlflexibleservers", "Configuration"),
    "Microsoft.DBforPostgreSQL/flexibleServers/databases": ("postgresqlflexibleservers", "Database"),
    "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules": ("postgresqlflexibleservers", "FirewallRule"),
    "Microsoft.DataProtection/backupVaults": ("dataprotection", "BackupVaultResource"),
    "Microsoft.DataProtection/backupVaults/backupInstances": ("dataprotection", "BackupInstanceResource"),
    "Microsoft.DataProtection/backupVaults/backupPolicies": ("dataprotection", "BaseBackupPolicyResource"),
    "Microsoft.DocumentDB/databaseAccounts": ("cosmosdb", "DatabaseAccountCreateUpdateParameters"),
    "Microsoft.DocumentDB/databaseAccounts/mongodbDatabases": ("cosmosdb", "MongoDBDatabaseCreateUpdateParameters"),
    "Microsoft.DocumentDB/databaseAccounts/mongodbDatabases/collections": (
        "cosmosdb",
        "MongoDBCollectionCreateUpdateParameters",
    ),
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases": ("cosmosdb", "SqlDatabaseCreateUpdateParameters"),
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers": (
        "cosmosdb",
        "SqlContainerCreateUpdateParameters",
    ),
    "Microsoft.EventGrid/eventSubscriptions": ("eventgrid", "EventSubscription"),
    "Microsoft.EventGrid/systemTopics": ("eventgrid", "SystemTopic"),
    "Microsoft.EventGrid/topics": ("eventgrid", "Topic"),
    "Microsoft.EventHub/namespaces": ("eventhub", "EHNamespace"),
    "Microsoft.EventHub/namespaces/eventhubs": ("eventhub", "Eventhub"),
    "Microsoft.Insights/actionGroups": ("monitor.v2023_01_01", "ActionGroupResource"),
    "Microsoft.Insights/autoscalesettings": ("monitor.v2022_10_01", "AutoscaleSettingResource"),
    "Microsoft.Insights/components": ("applicationinsights.v2020_02_02", "ApplicationInsightsComponent"),
    "Microsoft.Insights/diagnosticSettings": ("monitor.v2021_05_01_preview", "DiagnosticSettingsResource"),
    "Microsoft.Insights/metricAlerts": ("monitor.v2018_03_01", "MetricAlertResource"),
    "Microsoft.Insights/scheduledQueryRules": ("monitor.v2022_08_01_preview", "ScheduledQueryRuleResource"),
    "Microsoft.KeyVault/vaults": ("keyvault", "Vault"),
    "Microsoft.KeyVault/vaults/keys": ("keyvault", "Key"),
    "Microsoft.KeyVault/vaults/secrets": ("keyvault", "Secret"),
    "Microsoft.Logic/workflows": ("logic", "Workflow"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("msi.v2024_11_30", "Identity"),
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": (
        "msi.v2024_11_30",
        "FederatedIdentityCredential",
    ),
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies": ("network", "WebApplicationFirewallPolicy"),
    "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies": ("frontdoor", "WebApplicationFirewallPolicy"),
    "Microsoft.Network/applicationGateways": ("network", "ApplicationGateway"),
    "Microsoft.Network/azureFirewalls": ("network", "AzureFirewall"),
    "Microsoft.Network/bastionHosts": ("network", "BastionHost"),
    "Microsoft.Network/dnsZones": ("dns", "Zone"),
    "Microsoft.Network/dnsZones/A": ("dns", "RecordSet"),
    "Microsoft.Network/dnsZones/CNAME": ("dns", "RecordSet"),
    "Microsoft.Network/dnsZones/TXT": ("dns", "RecordSet"),
    "Microsoft.Network/loadBalancers": ("network", "LoadBalancer"),
    "Microsoft.Network/loadBalancers/backendAddressPools": ("network", "BackendAddressPool"),
    "Microsoft.Network/natGateways": ("network", "NatGateway"),
    "Microsoft.Network/networkInterfaces": ("network", "NetworkInterface"),
    "Microsoft.Network/networkSecurityGroups": ("network", "NetworkSecurityGroup"),
    "Microsoft.Network/networkSecurityGroups/securityRules": ("network", "SecurityRule"),
    "Microsoft.Network/privateDnsZones": ("privatedns", "PrivateZone"),
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": ("privatedns", "VirtualNetworkLink"),
    "Microsoft.Network/privateEndpoints": ("network", "PrivateEndpoint"),
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": ("network", "PrivateDnsZoneGroup"),
    "Microsoft.Network/publicIPAddresses": ("network", "PublicIPAddress"),
    "Microsoft.Network/routeTables": ("network", "RouteTable"),
    "Microsoft.Network/virtualNetworks": ("network", "VirtualNetwork"),
    "Microsoft.Network/virtualNetworks/subnets": ("network", "Subnet"),
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings": ("network", "VirtualNetworkPeering"),
    "Microsoft.OperationalInsights/workspaces": ("loganalytics", "Workspace"),
    "Microsoft.Portal/dashboards": ("portal", "Dashboard"),
    "Microsoft.RecoveryServices/vaults": ("recoveryservices", "Vault"),
    "Microsoft.RecoveryServices/vaults/backupPolicies": ("recoveryservicesbackup", "ProtectionPolicyResource"),
    "Microsoft.Resources/resourceGroups": ("resource.resources", "ResourceGroup"),
    "Microsoft.Search/searchServices": ("search", "SearchService"),
    "Microsoft.ServiceBus/namespaces": ("servicebus", "SBNamespace"),
    "Microsoft.ServiceBus/namespaces/queues": ("servicebus", "SBQueue"),
    "Microsoft.ServiceBus/namespaces/topics": ("servicebus", "SBTopic"),
    "Microsoft.ServiceBus/namespaces/topics/subscriptions": ("servicebus", "SBSubscription"),
    "Microsoft.SignalRService/signalR": ("signalr", "SignalRResource"),
    "Microsoft.Sql/servers": ("sql", "Server"),
    "Microsoft.Sql/servers/databases": ("sql", "Database"),
    "Microsoft.Sql/servers/firewallRules": ("sql", "FirewallRule"),
    "Microsoft.Storage/storageAccounts": ("storage", "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices": ("storage", "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ("storage", "BlobContainer"),
    "Microsoft.Storage/storageAccounts/fileServices/shares": ("storage", "FileShare"),
    "Microsoft.Storage/storageAccounts/managementPolicies": ("storage", "ManagementPolicy"),
    "Microsoft.Storage/storageAccounts/queueServices/queues": ("storage", "StorageQueue"),
    "Microsoft.Web/serverfarms": ("web", "AppServicePlan"),
    "Microsoft.Web/sites": ("web", "Site"),
    "Microsoft.Web/sites/slots": ("web", "Site"),
    "Microsoft.Web/staticSites": ("web", "StaticSiteARMResource"),
}

# Versions that a package's own default does not say, because it holds several.
VERSIONS = {
    "Microsoft.Authorization/locks": "2020-05-01",
    "Microsoft.Authorization/roleAssignments": "2022-04-01",
    "Microsoft.Cdn/profiles/ruleSets": "2025-06-01",
    "Microsoft.Compute/availabilitySets": "2024-11-01",
    "Microsoft.Compute/disks": "2025-01-02",
    "Microsoft.Compute/virtualMachineScaleSets": "2024-11-01",
    "Microsoft.Compute/virtualMachines": "2024-11-01",
    "Microsoft.Insights/actionGroups": "2023-01-01",
    "Microsoft.Insights/autoscalesettings": "2022-10-01",
    "Microsoft.Insights/diagnosticSettings": "2021-05-01-preview",
    "Microsoft.Insights/metricAlerts": "2018-03-01",
    "Microsoft.Insights/scheduledQueryRules": "2022-08-01-preview",
    "Microsoft.Logic/workflows": "2019-05-01",
}

# What lies on another resource rather than in a group.
EXTENSIONS = {
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.Consumption/budgets",
    "Microsoft.EventGrid/eventSubscriptions",
    "Microsoft.Insights/diagnosticSettings",
}

# Resources of their own: where another one holds them it names them.
NAMED = {
    "ApplicationGateway", "AvailabilitySet", "BackendAddressPool", "Disk", "LoadBalancer", "NatGateway", "NetworkInterface",
    "NetworkSecurityGroup", "PrivateEndpoint", "PublicIPAddress", "PublicIPPrefix", "RouteTable", "Subnet", "SubResource",
    "VirtualNetwork", "VirtualNetworkPeering", "VirtualNetworkTap", "FrontendIPConfiguration", "InboundNatRule",
    "ApplicationSecurityGroup", "ServiceEndpointPolicy", "IPConfiguration", "IPConfigurationProfile", "VirtualMachine",
    "NetworkInterfaceTapConfiguration", "PrivateLinkService", "PrivateEndpointConnection", "DdosProtectionPlan",
    "NetworkInterfaceIPConfiguration", "FlowLog",
}  # fmt: skip
INLINE = {
    "Microsoft.Network/networkInterfaces": {"NetworkInterfaceIPConfiguration"},
    "Microsoft.Network/loadBalancers": {"FrontendIPConfiguration"},
    "Microsoft.Network/applicationGateways": set(),
}


class Extract:
    """A type that is being shortened: the objects that were met, by name."""

    def __init__(self, kind, models):
        self.kind, self.models, self.objects = kind, models, {}

    def fields(self, model):
        """Name there, type, required, read-only: of every field of a class."""
        if hasattr(model, "_attribute_map"):
            checks = getattr(model, "_validation", {})
            for name, entry in model._attribute_map.items():
                check = checks.get(name, {})
                path = entry["key"].replace("\\.", "\0").split(".")
                yield [p.replace("\0", ".") for p in path], entry["type"], check.get("required"), check.get("readonly")
            return
        space = {"_models": self.models, **vars(typing), "datetime": importlib.import_module("datetime")}
        for owner in reversed(model.__mro__):
            fields = {n: f for n, f in vars(owner).items() if type(f).__name__ == "_RestField"}
            if not fields:
                continue
            module = inspect.getmodule(owner)
            for name, field in fields.items():
                hint = owner.__annotations__.get(name)
                if hint is None:
                    continue
                hint = eval(hint, {**vars(module), **space}) if isinstance(hint, str) else hint
                visible = field._visibility
                fixed = bool(visible) and set(visible) == {"read"}
                required = type(None) not in typing.get_args(hint)
                yield [field._rest_name_input or name], hint, required and not fixed, fixed

    def model(self, model, depth):
        """An object by its name."""
        name = model.__name__
        if depth and name in NAMED and name not in INLINE.get(self.kind, ()):
            self.objects["Named"] = {"id": "string"}
            return "Named"
        if depth and name not in self.objects:
            self.objects[name] = {}
            self.objects[name] = self.properties(model, depth)[0]
        return name

    def properties(self, model, depth):
        """What can be set, and what can only be read."""
        out, read = {}, []
        subclasses = [c for c in vars(self.models).values() if inspect.isclass(c) and issubclass(c, model) and c is not model]
        for one in [model] + (subclasses if depth else []):
            for path, hint, required, fixed in self.fields(one):
                if path[0] in ("systemData", "etag") or (depth and path[0] in ("provisioningState",)):
                    continue
                if fixed:
                    read.append(".".join(path))
                    continue
                shape = self.shape(hint, depth + 1)
                place = out
                for step in path[:-1]:
                    inner = place.setdefault(step, f"{model.__name__}{step[:1].upper()}{step[1:]}")
                    place = self.objects.setdefault(inner.removeprefix("required "), {})
                place.setdefault(path[-1], ("required " if required and one is model else "") + shape)
        return dict(sorted(out.items())), read

    def shape(self, hint, depth):
        if isinstance(hint, str):
            return self.old_shape(hint, depth)
        if isinstance(hint, typing.ForwardRef):
            return self.shape(getattr(self.models, hint.__forward_arg__.split(".")[-1]), depth)
        origin, args = typing.get_origin(hint), [a for a in typing.get_args(hint) if a is not type(None)]
        if origin is typing.Union:
            args = [getattr(self.models, a.__forward_arg__.split(".")[-1], a) if isinstance(a, typing.ForwardRef) else a for a in args]
            enums = [a for a in args if inspect.isclass(a) and issubclass(a, enum.Enum)]
            return self.shape(enums[0] if enums else args[0], depth)
        if origin is list:
            return f"list({self.shape(args[0], depth)})"
        if origin is dict:
            return f"map({self.shape(args[1], depth)})"
        if origin is typing.Literal:
            return "string"
        if inspect.isclass(hint) and issubclass(hint, enum.Enum):
            values = [str(v.value) for v in hint]
            return f"string({'|'.join(values)})" if not any(set(v) & set("|()") for v in values) else "string"
        if hint in (int,):
            return "integer"
        plain = {str: "string", bool: "boolean", float: "number", bytes: "string"}
        if hint in plain:
            return plain[hint]
        if inspect.isclass(hint) and hasattr(hint, "__mro__") and hint.__module__.startswith("azure"):
            return self.model(hint, depth)
        if inspect.isclass(hint) and hint.__module__ == "datetime":
            return "string"
        return "json"

    def old_shape(self, text, depth):
        if text.startswith("["):
            return f"list({self.old_shape(text[1:-1], depth)})"
        if text.startswith("{"):
            return f"map({self.old_shape(text[1:-1], depth)})"
        plain = {"str": "string", "int": "integer", "long": "integer", "bool": "boolean", "float": "number", "object": "json"}
        if text in plain:
            return plain[text]
        found = getattr(self.models, text.removeprefix("_models."), None)
        if inspect.isclass(found) and not issubclass(found, enum.Enum):
            return self.model(found, depth)
        if inspect.isclass(found):
            return self.shape(found, depth)
        return "string"


def version(kind, package):
    if kind in VERSIONS:
        return VERSIONS[kind]
    folder = pathlib.Path(importlib.import_module(f"azure.mgmt.{package}").__file__).parent
    for file in ["_configuration.py", "operations/_operations.py"]:
        if (folder / file).exists():
            found = re.findall(r'"api[_-]version", *"(\d{4}-[^"]*)"', (folder / file).read_text())
            if found:
                return max(set(found), key=found.count)
    raise SystemExit(f"no version of {kind}")


def line(kind):
    package, name = TYPES[kind]
    if package is None:
        objects = {"Properties": dict(sorted(name.items()))}
        properties, read = {"properties": "Properties"}, ["id"]
        extract = Extract(kind, None)
        extract.objects = objects
    else:
        models = importlib.import_module(f"azure.mgmt.{package}.models")
        extract = Extract(kind, models)
        properties, read = extract.properties(getattr(models, name), 0)
        used, todo = {}, [properties]
        while todo:
            for text in todo.pop().values():
                for found in re.findall(r"\b([A-Z]\w*)\b", re.sub(r"string\([^)]*\)", "", text)):
                    if found in extract.objects and found not in used:
                        used[found] = extract.objects[found]
                        todo.append(used[found])
        extract.objects = used
    inner = properties.get("properties", "").removeprefix("required ")
    model = getattr(extract.models, inner, None)
    if model is not None:
        read += [f"properties.{r}" for r in extract.properties(model, 1)[1]]
    identity = properties.get("identity", "").removeprefix("required ")
    if identity in extract.objects:
        read += ["identity.principalId", "identity.tenantId"]
    for own in ("id", "type"):
        properties.pop(own, None)
    properties["name"] = "required string"
    if kind.count("/") > 1:
        properties["parent"] = "string"
    if kind in EXTENSIONS:
        properties["scope"] = "string"
    elif not kind.endswith("/resourceGroups"):
        properties["resourceGroup"] = "string"
    read = sorted(set(read) - {"type", "name", "location"} | {"id"})
    return {
        "type": kind,
        "version": version(kind, package),
        "read_only": read,
        "properties": dict(sorted(properties.items())),
        "objects": dict(sorted(extract.objects.items())),
    }


def main():
    lines = [json.dumps(line(kind), separators=(",", ":")) for kind in sorted(TYPES)]
    (HERE / "crates/catalog/data/schemas/arm.jsonl").write_text("\n".join(lines) + "\n")


main()
