#!/usr/bin/env python3
"""Writes what Pulumi's packages call the kinds of the catalogue, from the declarations in the packages themselves.

    conformance/pulumi_names.py NODE_MODULES

NODE_MODULES holds the packages of PACKAGES below. For each kind the resource (or function) is found whose properties
are the kind's attributes; a `token` that a file names already is kept. What follows the rules of names is not written:
camel case; the plural for lists and for blocks that may stand several times; blocks that stand once at most are objects.

Rewrites crates/catalog/data/dialects/pulumi/<provider>.json.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ROOT / "crates/catalog/data/kinds"
OUT = ROOT / "crates/catalog/data/dialects/pulumi"
# By the beginning of a kind: the package.
PACKAGES = {"aws": "aws", "azurerm": "azure", "google": "gcp", "mongodbatlas": "mongodbatlas"}
VOWELS = "aeiou"


def camel(snake):
    first, *rest = snake.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def plural(noun):
    if noun.endswith("y") and noun[-2:-1] not in VOWELS:
        return noun[:-1] + "ies"
    if noun.endswith("s"):
        return noun if not noun.endswith("ss") else noun + "es"
    if noun.endswith(("x", "ch", "sh")):
        return noun + "es"
    return noun + "s"


def singular(noun):
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun[:-2]
    if noun.endswith("s") and not noun.endswith("ss"):
        return noun[:-1]
    return noun


# A map's type goes on over the next lines.
PROPERTY = re.compile(r"^(\s+)(?:readonly )?(\w+)(\??): (.*[;{])$")


def properties(text, start, indent):
    """The properties of the interface or class whose `{` ends the line at start."""
    found = {}
    for line in text[start:].split("\n")[1:]:
        if line.startswith(" " * (indent - 4) + "}"):
            break
        m = PROPERTY.match(line)
        if m and len(m[1]) == indent and m[2] != "constructor":
            found[m[2]] = m[4]
    return found


def nested(package):
    """Nested types by direction and name: `inputs.rds.X` -> properties."""
    types = {}
    for way, file in (("inputs", "input"), ("outputs", "output")):
        path = package / "types" / f"{file}.d.ts"
        if not path.is_file():
            continue
        text = path.read_text()
        space = []
        at = 0
        lines = text.split("\n")
        i = 0
        while i < len(lines):
            line = lines[i]
            m = re.match(r"^(\s*)(?:export )?(?:declare )?namespace (\w+) \{", line)
            if m:
                depth = len(m[1]) // 4
                space = space[:depth] + [m[2]]
            m = re.match(r"^(\s*)(?:export )?interface (\w+) \{", line)
            if m:
                depth = len(m[1]) // 4
                name = ".".join([way] + space[:depth] + [m[2]])
                props = {}
                i += 1
                while i < len(lines) and lines[i] != m[1] + "}":
                    p = PROPERTY.match(lines[i])
                    if p and len(p[1]) == len(m[1]) + 4:
                        props[p[2]] = p[4]
                    i += 1
                types[name] = props
            i += 1
    return types


def classes(package):
    """By token: the properties that a resource takes and shows, or a function takes and returns."""
    resources, functions = {}, {}
    for js in package.rglob("*.js"):
        if "node_modules" in js.relative_to(package).parts or "types" in js.relative_to(package).parts:
            continue
        dts = js.with_suffix("").with_suffix(".d.ts") if js.name.endswith(".d.js") else js.with_suffix(".d.ts")
        if not dts.is_file():
            continue
        code = js.read_text()
        token = re.search(r"__pulumiType = '([^']+)'", code)
        text = None
        if token:
            text = dts.read_text()
            args = re.search(r"^export interface \w+Args \{", text, re.M)
            shown = re.search(r"^export declare class \w+ extends pulumi\.CustomResource \{", text, re.M)
            if args and shown:
                resources[token[1]] = (properties(text, args.start(), 4), properties(text, shown.start(), 4))
            continue
        call = re.search(r'invoke\("([^"]+)"', code)
        if call:
            text = dts.read_text()
            args = re.search(r"^export interface \w+Args \{", text, re.M)
            shown = re.search(r"^export interface \w+Result \{", text, re.M)
            taken = properties(text, args.start(), 4) if args else {}
            functions[call[1]] = (taken, properties(text, shown.start(), 4) if shown else {})
    return resources, functions


def many(ty):
    """Whether a type is a list."""
    return "[]" in ty


def spelt(name, plain, taken):
    """What an attribute is called among properties; the expected name first."""
    for option in dict.fromkeys([plain, camel(name), plural(camel(name)), singular(camel(name))]):
        if option in taken:
            return option
    low = plain.lower()
    return next((p for p in taken if p.lower() in (low, camel(name).lower())), None)


def is_list(attribute):
    return re.match(r"(list|set)\(", attribute.split(" ")[-1]) is not None


def object_fields(attribute):
    """Fields of list(object({...})) or object({...}), by name; one level is enough for references."""
    m = re.search(r"object\(\{(.*)\}\)", attribute.split(" ")[-1])
    if not m:
        return {}
    fields, depth, start = {}, 0, 0
    body = m[1]
    for i, c in enumerate(body + ","):
        if c in "({":
            depth += 1
        elif c in ")}":
            depth -= 1
        elif c == "," and depth == 0:
            if "=" in body[start:i]:
                name, ty = body[start:i].split("=", 1)
                fields[name] = ty
            start = i + 1
    return fields


def inner(ty, types):
    m = re.search(r"\b((?:inputs|outputs)\.[\w.]+)", ty)
    return types.get(m[1], {}) if m else {}


def walk(schema, sides, types, path, row):
    """Compares a level of the schema with the properties on each side: taken, shown."""
    for name, attribute in schema.get("attributes", {}).items():
        here = path + [name]
        # Every resource has an identity, which its class inherits.
        if here == ["id"]:
            continue
        plain = plural(camel(name)) if is_list(attribute) else camel(name)
        found = next((s for s in (spelt(name, plain, side) for side in sides) if s), None)
        if found is None:
            row["missing"].append(".".join(here))
            continue
        ty = next(side[found] for side in sides if found in side)
        if is_list(attribute) and not many(ty):
            row["objects"].append(".".join(here))
            plain = camel(name)
        if found != plain:
            row["names"][".".join(here)] = found
        fields = object_fields(attribute)
        if fields:
            below = [inner(side[found], types) for side in sides if found in side]
            walk({"attributes": fields}, below, types, here, row)
    for name, block in schema.get("blocks", {}).items():
        here = path + [name]
        once = block["nesting"].endswith("..1")
        plain = camel(name) if once else plural(camel(name))
        found = next((s for s in (spelt(name, plain, side) for side in sides) if s), None)
        if found is None:
            row["missing"].append(".".join(here))
            continue
        ty = next(side[found] for side in sides if found in side)
        if once == many(ty):
            row["lists" if once else "objects"].append(".".join(here))
            plain = plural(camel(name)) if once else camel(name)
        if found != plain:
            row["names"][".".join(here)] = found
        below = [inner(side[found], types) for side in sides if found in side]
        walk(block, below, types, here, row)


def score(schema, sides, words, token):
    """How well the properties are the attributes, and the token's words the kind's."""
    wanted = list(schema.get("attributes", {})) + list(schema.get("blocks", {}))
    taken = set().union(*sides)
    hit = sum(1 for n in wanted if spelt(n, camel(n), taken))
    share = hit / max(1, len(wanted)) + hit / max(1, len(taken))
    _, module, name = token.split(":")
    module = module.split("/")[0].lower()
    name = name.lower()[3:] if name.startswith("get") else name.lower()
    flat = words.replace("_", "")
    likeness = 0.0
    if flat == name or flat == module + name:
        likeness = 1.0
    elif flat.endswith(name):
        likeness = 0.6 * len(name) / len(flat)
    return share + likeness


def main():
    modules = Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    for prefix, name in PACKAGES.items():
        package = modules / "@pulumi" / name
        version = json.loads((package / "package.json").read_text())["version"]
        target = OUT / f"{prefix}.json"
        known = json.loads(target.read_text())["kinds"] if target.is_file() else {}
        types = nested(package)
        resources, functions = classes(package)
        kinds = {}
        for path in sorted(KINDS.glob(f"{prefix}_*.json")):
            info = json.loads(path.read_text())
            pool = functions if info.get("data") else resources
            words = info["kind"].split("_", 1)[1]
            token = known.get(path.stem, {}).get("token")
            if token not in pool:
                token = max(pool, key=lambda t: (score(info["schema"], pool[t], words, t), t))
            row = {"token": token, "names": {}, "objects": [], "lists": [], "missing": []}
            walk(info["schema"], pool[token], types, [], row)
            if prefix == "aws" and not info.get("data") and "region" in pool[token][0]:
                row["regional"] = True
            kinds[path.stem] = {key: value for key, value in row.items() if value}
        body = {"package": f"@pulumi/{name}", "version": version, "kinds": kinds}
        target.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n")
        print(f"{target.name}: {len(kinds)} kinds")


if __name__ == "__main__":
    main()
