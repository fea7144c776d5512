"""A Terraform provider that knows a provider's schema and no cloud.

Terraform itself holds configurations against the schema: what may be written, what must be, how often, of which type,
and what each reference leads to. So a plan is judged for clouds that nobody here has an account of. What a provider's
own code refuses beyond its schema is not seen, and what a cloud would answer is a stand-in of the right type.

Started by Terraform, by way of the script that terraform_clouds.py writes: provider_stub.py SCHEMA, where SCHEMA is what
provider_schema.py printed. Needs the Python packages tf and msgpack.
"""

import json
import sys

import msgpack
import tf.provider
import tf.runner
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

# How Terraform writes a value that is known after the apply.
UNKNOWN = msgpack.ExtType(0, b"\x00")
NESTING = pb.Schema.NestedBlock.NestingMode


def load(path):
    """The one provider of a file: its source, and what it serves."""
    with open(path) as file:
        ((source, served),) = json.load(file)["provider_schemas"].items()
    # The source does not say which optional attributes a cloud fills in, such as an address: any may be.
    for group in ("resource_schemas", "data_source_schemas"):
        for said in served[group].values():
            for attribute in said["block"]["attributes"].values():
                attribute["computed"] = attribute.get("computed", False) or attribute.get("optional", False)
    return source, served


def without_dynamic(ty):
    """Terraform forbids a type that is only known later inside a set."""
    if ty == "dynamic":
        return "string"
    if isinstance(ty, list):
        return [ty[0], *(without_dynamic(part) for part in ty[1:])]
    if isinstance(ty, dict):
        return {name: without_dynamic(part) for name, part in ty.items()}
    return ty


def as_block(block, in_set=False):
    attributes = []
    for name, said in block["attributes"].items():
        ty = without_dynamic(said["type"]) if in_set else said["type"]
        flags = {flag: said.get(flag, False) for flag in ("required", "optional", "computed", "sensitive")}
        attributes.append(pb.Schema.Attribute(name=name, type=json.dumps(ty).encode(), **flags))
    nested = []
    for name, said in block["block_types"].items():
        mode = said["nesting_mode"]
        nested.append(
            pb.Schema.NestedBlock(
                type_name=name,
                block=as_block(said["block"], in_set or mode == "set"),
                nesting=NESTING.Value(mode.upper()),
                min_items=said.get("min_items", 0),
                max_items=said.get("max_items", 0),
            )
        )
    return pb.Schema.Block(attributes=attributes, block_types=nested)


def as_schema(said):
    return pb.Schema(version=said["version"], block=as_block(said["block"]))


def fill(block, value, missing):
    """Gives each computed attribute that nobody set what `missing` says of its type."""
    for name, said in block["attributes"].items():
        if said.get("computed") and value.get(name) is None:
            value[name] = missing(name, said["type"])
    for name, said in block["block_types"].items():
        inner = value.get(name)
        if said["nesting_mode"] == "map":
            inner = list((inner or {}).values())
        elif isinstance(inner, dict):
            inner = [inner]
        for item in inner or []:
            if isinstance(item, dict):
                fill(said["block"], item, missing)
    return value


def stand_in(name, ty):
    """A value of a type, for what is read from a cloud."""
    if ty == "dynamic":
        return [b'"string"', name]
    if isinstance(ty, str):
        return {"number": 1, "bool": False}.get(ty, name)
    kind, inner = ty[0], ty[1]
    if kind == "object":
        return {key: stand_in(key, part) for key, part in inner.items()}
    return {} if kind == "map" else []


def unpack(value):
    return msgpack.unpackb(value.msgpack, strict_map_key=False, raw=False)


def pack(value):
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def servicer(served):
    resources, data = served["resource_schemas"], served["data_source_schemas"]

    class Servicer(rpc.ProviderServicer):
        """What Terraform asks on the way to a plan."""

        def __init__(self, _):
            super().__init__()

        def GetProviderSchema(self, request, context):
            return pb.GetProviderSchema.Response(
                provider=as_schema(served["provider"]),
                resource_schemas={kind: as_schema(said) for kind, said in resources.items()},
                data_source_schemas={kind: as_schema(said) for kind, said in data.items()},
            )

        def ValidateProviderConfig(self, request, context):
            return pb.ValidateProviderConfig.Response()

        def ValidateResourceConfig(self, request, context):
            return pb.ValidateResourceConfig.Response()

        def ValidateDataResourceConfig(self, request, context):
            return pb.ValidateDataResourceConfig.Response()

        def ConfigureProvider(self, request, context):
            return pb.ConfigureProvider.Response()

        def PlanResourceChange(self, request, context):
            value = unpack(request.proposed_new_state)
            planned = fill(resources[request.type_name]["block"], value, lambda name, ty: UNKNOWN)
            return pb.PlanResourceChange.Response(planned_state=pack(planned))

        def ReadDataSource(self, request, context):
            value = fill(data[request.type_name]["block"], unpack(request.config), stand_in)
            return pb.ReadDataSource.Response(state=pack(value))

        def StopProvider(self, request, context):
            return pb.StopProvider.Response()

    return Servicer


class Named:
    """All that the runner wants to know of a provider."""

    def __init__(self, source):
        self.source = source

    def full_name(self):
        return self.source


def main():
    source, served = load(sys.argv[1])
    tf.provider.ProviderServicer = servicer(served)
    tf.runner.run_provider(Named(source), argv=sys.argv[:1])


main()
