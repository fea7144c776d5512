#!/usr/bin/env python3
"""Holds Terraform for Azure, Google Cloud and MongoDB Atlas to the schemas of their providers.

    conformance/terraform_clouds.py BUNDLE [--schemas FOLDER] [--keep]

BUNDLE is a folder that holds infra/terraform. Every root goes through fmt, init, validate and plan by terraform itself;
the providers are stand-ins (provider_stub.py) that serve the schemas and reach no cloud. A root with an argument
that does not exist must be refused first, or nothing else counts. FOLDER keeps the schemas between runs.

Needs terraform, npm, which brings the schemas, and the Python packages tf and msgpack.
"""

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from terraform import Tally, copy, formatted, pipeline_values, stacks, terraform, verdict

HERE = Path(__file__).resolve().parent
# Where schemas come from: the packages that `cargo xtask refresh` fills the catalogue from, in the same versions.
PACKAGES = {
    "hashicorp/azurerm": ("4.73.0", "@cdktn/provider-azurerm@16.1.0"),
    "hashicorp/google": ("6.50.0", "@cdktf/provider-google@16.12.1"),
    "mongodb/mongodbatlas": ("1.41.1", "@cdktf/provider-mongodbatlas@8.6.2"),
}
# Values of variables whose type alone does not say what they may be, by how their names end.
VALUES = [
    (r"budget_start$", "2026-01-01T00:00:00Z"),
    (r"image$", "example.com/app@sha256:" + "0" * 64),
    (r"repository$", "example/app"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--schemas", type=Path, help="keeps the schemas between runs")
    parser.add_argument("--keep", action="store_true", help="keep the copy and say where it is")
    options = parser.parse_args()
    tally = Tally()
    missing = [program for program in ("terraform", "npm") if not shutil.which(program)]
    missing += [f"the Python package {name}" for name in ("tf", "msgpack") if importlib.util.find_spec(name) is None]
    if missing:
        tally.skip("terraform", f"{' and '.join(missing)} not installed")
        return tally.finish()
    source = options.bundle / "infra" / "terraform"
    if not source.is_dir():
        print(f"{source} is not a folder", file=sys.stderr)
        return 2
    scratch = Path(tempfile.mkdtemp(prefix="conformance-terraform-clouds-"))
    try:
        work = copy(source, scratch)
        mirror = providers(work, options.schemas or scratch / "schemas", scratch, tally)
        if mirror:
            judge(work, environment(mirror, scratch), tally)
    finally:
        if options.keep:
            print(f"kept {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    return tally.finish()


def judge(work, env, tally):
    formatted(work, env, tally)
    roots = stacks(work, [])
    refuses_wrong(work, roots, env, tally)
    for root in roots:
        name = str(root.relative_to(work))
        local = root / "conformance_override.tf"
        # No account holds state here.
        local.write_text('terraform {\n  backend "local" {}\n}\n')
        if not tally.check(f"{name}: init", *verdict(terraform(("init", "-input=false"), root, env))):
            continue
        if not tally.check(f"{name}: validate", *verdict(terraform(("validate",), root, env))):
            continue
        open_values = pipeline_values(root, given(root)) if (root / "variables.tf").exists() else {}
        values = [f"-var={k}={v}" for k, v in open_values.items()]
        plan = terraform(("plan", "-input=false", "-refresh=false", *values), root, env)
        tally.check(f"{name}: plan", *verdict(plan))


def refuses_wrong(work, roots, env, tally):
    """A judge must refuse what is known to be wrong before its praise counts."""
    wrong = work / "wrong"
    for root in roots[:1]:
        kinds = re.findall(r'^resource "(\w+)"', "\n".join(path.read_text() for path in work.rglob("*.tf")), re.M)
        provider = re.search(r"^    (\w+) = \{", (root / "versions.tf").read_text(), re.M)[1]
        kind = next(kind for kind in kinds if kind.startswith(provider))
        wrong.mkdir()
        shutil.copy(root / "versions.tf", wrong)
        (wrong / "main.tf").write_text(f'resource "{kind}" "wrong" {{\n  no_such_argument = 1\n}}\n')
        terraform(("init", "-input=false"), wrong, env)
        code, out = terraform(("validate",), wrong, env)
        tally.check("what is wrong is refused", code != 0 and "no_such_argument" in out, out)
        shutil.rmtree(wrong)


def given(root):
    declared = re.findall(r'^variable "(\w+)"', (root / "variables.tf").read_text(), re.M)
    return {name: value for name in declared for pattern, value in VALUES if re.search(pattern, name)}


def providers(work, kept, scratch, tally):
    """A folder of stand-ins that Terraform takes providers from; None when a schema cannot be had."""
    text = "\n".join(path.read_text() for path in work.rglob("versions.tf"))
    mirror = scratch / "mirror"
    for source in sorted(set(re.findall(r'source\s*=\s*"([\w-]+/[\w-]+)"', text))):
        if source not in PACKAGES:
            tally.skip(source, "no package says its schema")
            return None
        version, package = PACKAGES[source]
        schema = schema_of(source, package, kept.resolve(), scratch, tally)
        if schema is None:
            return None
        name = source.split("/")[1]
        system = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
        folder = mirror / "registry.terraform.io" / source / version / f"linux_{system}"
        folder.mkdir(parents=True)
        program = folder / f"terraform-provider-{name}_v{version}"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "provider_stub.py"}" "{schema}"\n')
        program.chmod(0o755)
    return mirror


def schema_of(source, package, kept, scratch, tally):
    """A provider's whole schema, extracted once a version."""
    path = kept / (package.strip("@").replace("/", "-") + ".json")
    if path.exists():
        return path
    kept.mkdir(parents=True, exist_ok=True)
    modules = scratch / "npm" / source
    # The package alone: the library that its classes are written for is not read.
    command = ["npm", "install", "--silent", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"]
    installed = subprocess.run([*command, "--prefix", str(modules), package], capture_output=True, text=True)
    if installed.returncode:
        tally.skip(source, f"npm cannot install {package}: {(installed.stderr or installed.stdout).strip()[-200:]}")
        return None
    folder = modules / "node_modules" / package.rsplit("@", 1)[0]
    script = [sys.executable, str(HERE / "provider_schema.py"), str(folder), source]
    extracted = subprocess.run(script, capture_output=True, text=True)
    if not tally.check(f"{source}: schema", extracted.returncode == 0, extracted.stderr):
        return None
    compact = json.dumps(json.loads(extracted.stdout), separators=(",", ":"))
    path.write_text(compact)
    return path


def environment(mirror, scratch):
    env = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    config = scratch / "terraform.rc"
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    env.update(TF_CLI_CONFIG_FILE=str(config), TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1")
    return env


if __name__ == "__main__":
    sys.exit(main())
