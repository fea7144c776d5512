#!/usr/bin/env python3
"""Runs a bundle's Terraform for real, against a local AWS emulator.

    conformance/terraform.py BUNDLE [--validate-only] [--only STACK ...] [--var NAME=VALUE ...] [--keep]

BUNDLE is a folder that holds infra/terraform. Every stack goes through fmt, init, validate, plan, apply and a
second plan that must find nothing to do; then all are destroyed in reverse order. The bundle itself is never
changed: the work happens in a copy, which gets an override file for the emulator's address style.

Needs terraform, the AWS provider (from TF_PLUGIN_MIRROR, /opt/tf-plugins or the registry) and the
Python package moto[server].
"""

import argparse
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

# Seconds a step may take. The provider alone waits two minutes for a database, whatever the emulator answers.
LIMIT = 900
# What a person changes before taking a protected environment down, as the deployment guide says.
PROTECTIONS = [
    (r"(\bprevent_destroy\s*=\s*)true", r"\1false"),
    (r"(\bdeletion_protection\s*=\s*)true", r"\1false"),
    # Where every environment is protected, that is the module's default.
    (r'(variable "\w*deletion_protection" \{[^}]*?\bdefault\s*=\s*)true', r"\1false"),
    (r"(\benable_deletion_protection\s*=\s*)true", r"\1false"),
    (r"(\bdeletion_protection_enabled\s*=\s*)true", r"\1false"),
    (r'(resource "aws_s3_bucket" "\w+" \{\n)', r"\1  force_destroy = true\n"),
]
# Values for variables that only the pipeline knows, by declared type. The string is a valid image as well as a
# valid repository; `--var` sets what asks for more.
PIPELINE_VALUES = {
    "string": "example/app",
    "number": "1",
    "bool": "true",
    "list(string)": "[]",
    "map(string)": "{}",
}


class Tally:
    """Counts results and prints one line for each."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.started = time.monotonic()

    def lap(self):
        """Seconds since the last result."""
        before, self.started = self.started, time.monotonic()
        return self.started - before

    def check(self, name, ok, detail=""):
        print(f"{'ok  ' if ok else 'FAIL'} {name} ({self.lap():.0f} s)", flush=True)
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print("\n".join("     " + line for line in detail.strip().splitlines()[-60:]), flush=True)
        return ok

    def skip(self, name, why):
        print(f"SKIP {name}: {why}", flush=True)
        self.skipped += 1

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--validate-only", action="store_true", help="fmt, init and validate: no emulator is needed")
    parser.add_argument("--only", action="append", default=[], metavar="STACK", help="such as envs/staging")
    parser.add_argument("--keep", action="store_true", help="keep the copy and say where it is")
    options = parser.parse_args()
    tally = Tally()
    missing = [] if shutil.which("terraform") else ["terraform"]
    if not options.validate_only and importlib.util.find_spec("moto") is None:
        missing.append("the Python package moto")
    if missing:
        tally.skip("terraform", f"{' and '.join(missing)} not installed")
        return tally.finish()
    source = options.bundle / "infra" / "terraform"
    if not source.is_dir():
        print(f"{source} is not a folder", file=sys.stderr)
        return 2
    scratch = Path(tempfile.mkdtemp(prefix="conformance-terraform-"))
    try:
        if options.validate_only:
            validate(source, scratch, options.only, tally)
            return tally.finish()
        with Emulator(scratch) as emulator:
            given = dict(value.split("=", 1) for value in options.var)
            judge(source, scratch, emulator, given, options.only, tally)
    finally:
        if options.keep:
            print(f"kept {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    return tally.finish()


class Emulator:
    """A moto server on a free port, for as long as the block runs."""

    def __init__(self, scratch):
        self.log = (scratch / "moto.log").open("w")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        server = Path(__file__).with_name("emulator")
        command = [sys.executable, str(server), "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/", timeout=1).close()
                return self
            except OSError:
                time.sleep(0.2)
        self.process.kill()
        raise SystemExit("the emulator did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.log.close()


def validate(source, scratch, only, tally):
    """What needs no cloud: the form, the references and the provider's schema."""
    work, env = copy(source, scratch), environment(scratch)
    formatted(work, env, tally)
    for root in stacks(work, only):
        name = str(root.relative_to(work))
        if tally.check(f"{name}: init", *verdict(terraform(("init", "-input=false", "-backend=false"), root, env))):
            tally.check(f"{name}: validate", *verdict(terraform(("validate",), root, env)))


def judge(source, scratch, emulator, given, only, tally):
    work, env = copy(source, scratch), environment(scratch, emulator)
    run = lambda *args, cwd=work: terraform(args, cwd, env)
    formatted(work, env, tally)
    applied, bucket = [], None
    for root in stacks(work, only):
        name = str(root.relative_to(work))
        bucket = bucket or state_bucket(applied, env)
        (root / "emulator_override.tf").write_text(override(root))
        if not tally.check(f"{name}: init", *verdict(run("init", "-input=false", *backend(root, bucket, emulator), cwd=root))):
            continue
        if not tally.check(f"{name}: validate", *verdict(run("validate", cwd=root))):
            continue
        values = [f"-var={k}={v}" for k, v in pipeline_values(root, given).items()]
        plan = run("plan", "-input=false", "-out=plan", *values, cwd=root)
        if not tally.check(f"{name}: plan", *verdict(plan)):
            continue
        applied.append((root, values))
        if not tally.check(f"{name}: apply", *verdict(run("apply", "-input=false", "plan", cwd=root))):
            continue
        code, out = run("plan", "-input=false", "-detailed-exitcode", "-out=again", *values, cwd=root)
        said = drift(run("show", "-json", "again", cwd=root)[1]) if code == 2 else out
        tally.check(f"{name}: a second plan finds nothing to do", code == 0, said)

    for path in work.rglob("*.tf"):
        lift_protection(path)
    for root, values in reversed(applied):
        name = str(root.relative_to(work))
        lifted = run("apply", "-input=false", "-auto-approve", *values, cwd=root)
        if tally.check(f"{name}: apply without protection", *verdict(lifted)):
            gone = run("destroy", "-input=false", "-auto-approve", *values, cwd=root)
            tally.check(f"{name}: destroy", *verdict(gone))


def copy(source, scratch):
    """A copy of the bundle, because modules read files beside the infrastructure code; where that is in it."""
    bundle = scratch / "bundle"
    ignored = shutil.ignore_patterns(".terraform*", ".git", "node_modules")
    shutil.copytree(source.parent.parent, bundle, ignore=ignored)
    return bundle / source.parent.name / source.name


def formatted(work, env, tally):
    code, out = terraform(("fmt", "-check", "-recursive", "-diff"), work, env)
    tally.check("fmt", code == 0, out)


def environment(scratch, emulator=None):
    env = dict(os.environ)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "TF_CLI_ARGS"):
        env.pop(name, None)
    env.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_EC2_METADATA_DISABLED="true",
        TF_IN_AUTOMATION="1",
        CHECKPOINT_DISABLE="1",
    )
    if emulator:
        env["AWS_ENDPOINT_URL"] = emulator.url
    mirror = Path(os.environ.get("TF_PLUGIN_MIRROR", "/opt/tf-plugins"))
    if mirror.is_dir():
        config = scratch / "terraform.rc"
        config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
        env["TF_CLI_CONFIG_FILE"] = str(config)
    return env


def terraform(args, cwd, env):
    command, *rest = args
    color = [] if command == "fmt" else ["-no-color"]
    wide = ["-parallelism=30"] if command in ("plan", "apply", "destroy") else []
    process = subprocess.Popen(
        ["terraform", command, *color, *wide, *rest],
        cwd=cwd,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        out, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
        out += f"stopped after {LIMIT} s"
    return process.returncode, out


def verdict(result):
    code, out = result
    return code == 0, out


def drift(plan):
    """What a plan would change, one line an attribute."""
    lines = []
    for resource in json.loads(plan).get("resource_changes", []):
        change = resource["change"]
        if change["actions"] in (["no-op"], ["read"]):
            continue
        lines.append(f"{resource['address']}: {' and '.join(change['actions'])}")
        before, after = change["before"] or {}, change["after"] or {}
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key) and key not in change["after_unknown"]:
                lines.append(f"  {key}: {json.dumps(before.get(key))} -> {json.dumps(after.get(key))}")
    return "\n".join(lines)


def stacks(work, only):
    """Roots in the order they are applied: bootstrap, the other stacks, environments with production last."""
    roots = {path.parent for path in work.rglob("backend.tf")}
    if only:
        roots = {root for root in roots if str(root.relative_to(work)) in only}
    order = lambda root: (root.name != "bootstrap", root.parent.name == "envs", root.name == "production", root.name)
    return sorted(roots, key=order)


def override(root):
    """The emulator has one host name for all buckets, and what it cannot answer it never will."""
    blocks = re.findall(r'provider "aws" \{\n(.*?)\n\}', (root / "providers.tf").read_text(), re.S)
    text = ""
    for body in blocks:
        alias = re.search(r"^  alias\s*=\s*(\".*\")$", body, re.M)
        text += 'provider "aws" {\n' + (f"  alias = {alias[1]}\n" if alias else "") + "  s3_use_path_style = true\n  max_retries = 2\n}\n"
    return text


def backend(root, bucket, emulator):
    if 'backend "s3"' not in (root / "backend.tf").read_text():
        return []
    if bucket is None:
        bucket = "conformance-state"
        request = urllib.request.Request(f"{emulator.url}/{bucket}", method="PUT")
        urllib.request.urlopen(request).close()
    return [f"-backend-config=bucket={bucket}", "-backend-config=use_path_style=true"]


def state_bucket(applied, env):
    """The bucket that the bootstrap made for state."""
    for root, _ in applied:
        if root.name == "bootstrap":
            _, out = terraform(["show", "-json"], root, env)
            found = json.loads(out).get("values", {}).get("root_module", {})
            for resource in resources(found):
                if resource["type"] == "aws_s3_bucket":
                    return resource["values"]["bucket"]
    return None


def resources(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def pipeline_values(root, given):
    """Values for the variables that terraform.tfvars leaves open."""
    declared = re.findall(r'variable "(\w+)" \{\n(.*?)\n\}', (root / "variables.tf").read_text(), re.S)
    tfvars = root / "terraform.tfvars"
    known = set(re.findall(r"^(\w+)\s*=", tfvars.read_text(), re.M)) if tfvars.exists() else set()
    values = {}
    for name, body in declared:
        if name not in known:
            ty = re.search(r"^  type\s*=\s*(\S+)$", body, re.M)
            values[name] = given.get(name, PIPELINE_VALUES.get(ty[1] if ty else "string", "null"))
    return values


def lift_protection(path):
    text = path.read_text()
    lifted = text
    for pattern, replacement in PROTECTIONS:
        lifted = re.sub(pattern, replacement, lifted)
    if lifted != text:
        path.write_text(lifted)


if __name__ == "__main__":
    sys.exit(main())
