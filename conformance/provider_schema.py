"""Prints the schemas of a Terraform provider, in the shape of `terraform providers schema -json`.

Where a registry of providers cannot be reached, the classes that the CDK for Terraform generates from the same
schemas can: the npm packages @cdktf/provider-google, @cdktf/provider-mongodbatlas and @cdktn/provider-azurerm (all
MPL-2.0). They say what is required, how blocks nest, which stand at most once, and what is computed. They do not say
which optional attributes are computed too, which are sensitive, and the bounds of blocks beyond none, one and many; and
a list of objects that may be written as an attribute too is a block here, as it is written by hand.

    python3 provider_schema.py PACKAGE_FOLDER SOURCE [KIND ...]

SOURCE is such as hashicorp/google. Without kinds, everything is printed.
"""

import glob
import json
import os
import re
import sys

ENTRY = re.compile(
    r"^\s*'?(?P<name>[\w-]+)'?: \{\s*value: (?P<value>.*),\s*isBlock: (?P<block>true|false),"
    r"\s*type: \"(?P<type>\w+)\",\s*storageClassType: \"(?P<storage>\w*)\"",
    re.M,
)
TO_HCL = re.compile(r"function (\w+)ToHclTerraform\(struct\) \{(.*?)\n\}", re.S)
CLASS = re.compile(r"^class (\w+) extends cdktf\.(\w+) \{(.*?)^\}", re.S | re.M)
COMPUTED = re.compile(
    r"// (?P<name>\w+) - computed: true, optional: false, required: false\s+(?:get (?P<getter>\w+)\(\) \{\s*return (?P<value>[^;]*);)?"
)
MEMBER = re.compile(r"this\._(\w+) = new (?:\w*structs\w*\.)?([\w.]+)\(this, \"(\w+)\"(?:, (true|false))?\)")
MAPS = {"cdktf.StringMap": "string", "cdktf.NumberMap": "number", "cdktf.BooleanMap": "bool", "cdktf.AnyMap": "dynamic"}
INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{(.*?)^\}", re.S | re.M)
PROPERTY = re.compile(r"readonly (\w+)(\?)?: ([^;]+);")
SCALARS = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
GETTERS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": ["map", "dynamic"],
}


def storage_type(storage, collection):
    """The type that a storage class such as `stringList` stands for."""
    if storage in SCALARS:
        return SCALARS[storage]
    scalar = next((SCALARS[name] for name in SCALARS if storage.startswith(name)), "dynamic")
    wraps = re.findall("List|Map", storage)
    for wrap in reversed(wraps[1:]):
        scalar = [wrap.lower(), scalar]
    outer = collection if collection in ("list", "set", "map") else (wraps[0].lower() if wraps else "list")
    return [outer, scalar]


def code(path):
    """A file of the package. Packages of the fork that carries the CDK on differ in the name of its library alone."""
    return open(path).read().replace("cdktn.", "cdktf.")


class Namespace:
    """One folder of the package: the classes and functions of one resource."""

    def __init__(self, folder):
        files = [f"{folder}/index.js"] + sorted(glob.glob(f"{folder}/index-structs/*.js"))
        self.code = "\n".join(code(f) for f in files if os.path.exists(f))
        typed = [f"{folder}/index.d.ts"] + sorted(glob.glob(f"{folder}/index-structs/*.d.ts"))
        declared = "\n".join(open(f).read() for f in typed if os.path.exists(f))
        self.structs = dict(TO_HCL.findall(self.code))
        self.classes = {name: body for name, _, body in CLASS.findall(self.code)}
        self.interfaces = {
            name: {p: not optional for p, optional, _ in PROPERTY.findall(body)}
            for name, body in INTERFACE.findall(declared)
        }

    def block(self, entries, config, outputs, seen=()):
        """A block from the text that writes it, the interface that configures it and the class that reads it."""
        attributes, blocks = {}, {}
        required = self.interfaces.get(config, {})
        for found in ENTRY.finditer(entries):
            name, value = found["name"], found["value"]
            source = re.search(r"(?:this\._|struct\.|struct!\.)(\w+)", value)
            must = required.get(source[1] if source else name, False)
            nested = re.search(r"(?<!cdktf\.)\b(\w+)ToHclTerraform", value)
            if not nested or nested[1] not in self.structs:
                attributes[name] = {"type": storage_type(found["storage"], found["type"]), **flags(must)}
                continue
            struct = nested[1][0].upper() + nested[1][1:]
            if struct in seen:
                continue
            many = "listMapper" in value or "hashMapper" in value
            inner = self.block(self.structs[nested[1]], struct, struct + "OutputReference", (*seen, struct))
            if found["block"] == "true":
                mode = found["type"] if found["type"] in ("list", "set", "map") else "single"
                blocks[name] = {"nesting_mode": mode, "block": inner}
                if must:
                    blocks[name]["min_items"] = 1
                if not many and mode != "single":
                    blocks[name]["max_items"] = 1
            else:
                ty = object_type(inner)
                collection = found["type"] if many and found["type"] in ("list", "set", "map") else None
                attributes[name] = {"type": [collection, ty] if collection else ty, **flags(must)}
        for name, ty in self.computed(outputs, seen).items():
            if name not in blocks:
                attributes.setdefault(name, {"type": ty, "computed": True})
        return {"attributes": attributes, "block_types": blocks}

    def computed(self, name, seen):
        """What a class reads and nobody sets."""
        body = self.classes.get(name, "")
        members = {key: (made, wraps) for _, made, key, wraps in MEMBER.findall(body)}
        found = {}
        for match in COMPUTED.finditer(body):
            attribute = match["name"]
            if attribute in members:
                made, wraps = members[attribute]
                if made in MAPS:
                    found[attribute] = ["map", MAPS[made]]
                    continue
                found[attribute] = self.computed_object(made, wraps == "true", (*seen, made))
                continue
            getter = re.search(r"this\.(\w+)\(", match["value"] or "")
            ty = GETTERS.get(getter[1] if getter else "", "dynamic")
            if "cdktf.Fn.tolist" in (match["value"] or "") and isinstance(ty, list):
                ty = ["set", ty[1]]
            found[attribute] = ty
        return found

    def computed_object(self, name, is_set, seen):
        item = re.sub("(List|Map|OutputReference)$", "OutputReference", name)
        if item in seen[:-1]:
            return "dynamic"
        fields = ["object", self.computed(item, (*seen, item))]
        if name.endswith("List"):
            return ["set" if is_set else "list", fields]
        return ["map", fields] if name.endswith("Map") else fields


def flags(required):
    return {"required": True} if required else {"optional": True}


def object_type(block):
    fields = {name: a["type"] for name, a in block["attributes"].items()}
    for name, nested in block["block_types"].items():
        inner = object_type(nested["block"])
        fields[name] = inner if nested["nesting_mode"] == "single" else [nested["nesting_mode"], inner]
    return ["object", fields]


def schemas(package, kinds):
    """Resources and data sources of a package, and how the provider itself is configured."""
    found = {"provider": None, "resource_schemas": {}, "data_source_schemas": {}}
    for index in sorted(glob.glob(f"{package}/lib/*/index.js")):
        text = code(index)
        declared = re.search(
            r"^class (\w+) extends cdktf\.Terraform(Resource|DataSource|Provider) \{", text, re.M
        )
        kind = re.search(r"\.tfResourceType = \"(\w+)\"", text)
        if not declared or not kind:
            continue
        if declared[2] == "Provider":
            found["provider"] = {"version": 0, "block": configuration(Namespace(os.path.dirname(index)), declared[1])}
            continue
        group = "resource_schemas" if declared[2] == "Resource" else "data_source_schemas"
        wanted = kind[1] if declared[2] == "Resource" else "data." + kind[1]
        if kinds and wanted not in kinds:
            continue
        space = Namespace(os.path.dirname(index))
        block = configuration(space, declared[1])
        block["attributes"].setdefault("id", {"type": "string", "optional": True})
        if "required" not in block["attributes"]["id"]:
            block["attributes"]["id"]["computed"] = True
        found[group][kind[1]] = {"version": 0, "block": block}
    return found


def configuration(space, name):
    """What is written in the block that a class stands for."""
    entries = re.search(r"synthesizeHclAttributes\(\) \{(.*?)\n    \}", space.classes[name], re.S)
    return space.block(entries[1] if entries else "", name + "Config", name)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    package, source, kinds = sys.argv[1], sys.argv[2], set(sys.argv[3:])
    found = schemas(package, kinds)
    print(json.dumps({"provider_schemas": {f"registry.terraform.io/{source}": found}}, indent=1))


main()
