#!/usr/bin/env python3
"""Judges the Pulumi programs of bundles: the TypeScript compiler, and a run without a cloud.

    conformance/pulumi.py BUNDLE=GRAPH...

BUNDLE is a folder that holds infra/pulumi, GRAPH the list of what its application consists of, as cases keep it in
graph.txt. Every program is compiled with `tsc --strict` against the packages that its package.json names; then each of
its stacks runs under Pulumi's mocks, and what it makes must be what the graph holds, kind by kind.

Needs node and npm. Packages are installed once into a folder beside the bundles.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import yaml

from pulumi_names import KINDS, OUT, camel, is_list, object_fields, plural
from terraform import Tally

HERE = Path(__file__).resolve().parent
# What runs a program in TypeScript.
RUNNER = "tsx@4.20.6"
# Seconds that a step may take on a slow machine.
LIMIT = 600


def names():
    """By kind: its row in the catalogue of names."""
    rows = {}
    for path in sorted(OUT.glob("*.json")):
        rows.update(json.loads(path.read_text())["kinds"])
    return rows


def made_up(attribute, row, path):
    """A value that the cloud could say."""
    ty = attribute.split(" ")[-1]
    fields = object_fields(attribute)
    if fields:
        inside = {spelt(name, ty, row, path + [name]): made_up(ty, row, path + [name]) for name, ty in fields.items()}
        return [inside] if is_list(attribute) and ".".join(path) not in row.get("objects", []) else inside
    if is_list(attribute):
        return [made_up(attribute.replace("list(", "").replace("set(", "").rstrip(")"), row, path)] * 3
    if ty.startswith("map("):
        return {}
    return {"number": 1, "bool": True}.get(ty, f"known-{path[-1]}")


def spelt(name, attribute, row, path):
    joined = ".".join(path)
    if joined in row.get("names", {}):
        return row["names"][joined]
    many = is_list(attribute) and joined not in row.get("objects", [])
    return plural(camel(name)) if many else camel(name)


def computed(rows):
    """What the cloud says of every kind, by token."""
    said = {}
    for stem, row in rows.items():
        schema = json.loads((KINDS / f"{stem}.json").read_text())["schema"]
        known = {}
        for name, attribute in schema["attributes"].items():
            if "computed" in attribute.split(" ")[:-1] and name not in row.get("missing", []):
                known[spelt(name, attribute, row, [name])] = made_up(attribute, row, [name])
        said[row["token"]] = known
    return said


def install(program, packages):
    """The program's packages, shared by all programs that ask for the same."""
    wanted = json.loads((program / "package.json").read_text())
    key = json.dumps([wanted["dependencies"], wanted["devDependencies"]], sort_keys=True)
    folder = packages / str(zlib.crc32(key.encode()))
    if not (folder / "node_modules").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text((program / "package.json").read_text())
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", RUNNER]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
    link = program / "node_modules"
    if not link.exists():
        link.symlink_to((folder / "node_modules").resolve())


def expected(graph, stack):
    """By kind: how many of them a stack has, made or looked up."""
    counts = collections.Counter()
    for line in graph.read_text().splitlines():
        name, _component, kind, count = line.split(" ")
        if name == stack:
            counts[kind] += int(count)
    return counts


def kinds_of(rows):
    """By token: the kind, whether it is made or looked up."""
    return {row["token"]: stem.replace("_data_", "_", 1) for stem, row in rows.items()}


def run(program, stack, said, rows, graph, tally, label):
    project = yaml.safe_load((program / "Pulumi.yaml").read_text())["name"]
    config = yaml.safe_load((program / f"Pulumi.{stack}.yaml").read_text())["config"]
    flat = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    # What only the pipeline knows, and secrets, are any text.
    for key in asked(program):
        flat.setdefault(f"{project}:{key}", "example/app:1")
    env = {**os.environ, "PULUMI_CONFIG": json.dumps(flat), "NODE_OPTIONS": "--max-old-space-size=4096"}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as computed_file:
        json.dump(said, computed_file)
        computed_file.flush()
        command = ["node_modules/.bin/tsx", str(HERE / "pulumi_mocks.js"), project, stack]
        command += [str((program / "index.ts").resolve()), computed_file.name]
        done = subprocess.run(command, cwd=program, env=env, capture_output=True, text=True, timeout=LIMIT)
    if not tally.check(f"{label}: runs", done.returncode == 0, done.stderr):
        return
    made = json.loads(done.stdout)
    kinds = kinds_of(rows)
    counts = collections.Counter(kinds.get(item["type"], item["type"]) for item in made)
    wanted = expected(graph, stack)
    # What is looked up without arguments is looked up wherever its component stands, also where nothing needs it.
    looked_up = {stem.replace("_data_", "_", 1) for stem in rows if "_data_" in stem}
    lines = [
        f"{kind}: {wanted[kind]} in the graph, {counts[kind]} made"
        for kind in wanted | counts
        if wanted[kind] != counts[kind] and not (kind in looked_up and counts[kind] > wanted[kind])
    ]
    tally.check(f"{label}: makes what the graph holds ({sum(counts.values())})", not lines, "\n".join(lines))


def asked(program):
    """What a program asks of its stack's configuration by itself, outside of components' settings."""
    text = (program / "index.ts").read_text()
    return re.findall(r'config\.require(?:Secret)?\("(\w+)"\)', text)


def main():
    tally = Tally()
    rows = names()
    said = computed(rows)
    for argument in sys.argv[1:]:
        bundle, graph = argument.rsplit("=", 1)
        root = Path(bundle) / "infra/pulumi"
        packages = Path(bundle).resolve().parent / "npm"
        for project in sorted(root.rglob("Pulumi.yaml")):
            program = project.parent
            if "node_modules" in program.parts:
                continue
            label = f"{Path(bundle).name}/{program.relative_to(root)}"
            try:
                install(program, packages)
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                tally.skip(label, f"its packages cannot be had: {str(error)[-200:]}")
                continue
            compiler = ["node_modules/.bin/tsc", "--noEmit", "--pretty", "false"]
            env = {**os.environ, "NODE_OPTIONS": "--max-old-space-size=4096"}
            done = subprocess.run(compiler, cwd=program, env=env, capture_output=True, text=True, timeout=LIMIT)
            tally.check(f"{label}: tsc", done.returncode == 0, done.stdout)
            for stack in sorted(program.glob("Pulumi.*.yaml")):
                name = stack.name.removeprefix("Pulumi.").removesuffix(".yaml")
                run(program, name, said, rows, Path(graph), tally, f"{label}: {name}")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
