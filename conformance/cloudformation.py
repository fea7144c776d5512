#!/usr/bin/env python3
"""Judges a bundle's CloudFormation: cfn-lint must find nothing, and every stack is deployed to a local AWS emulator.

    conformance/cloudformation.py BUNDLE [--validate-only]

BUNDLE is a folder that holds infra/cloudformation. Templates that only another region gets are deployed there first. A
parameter that only the pipeline knows is given an example by its type. What the emulator cannot make is left out before, with
all that refers to it, and named. After a deployment every other resource of the template has to be there and complete.

Needs the Python packages cfn-lint, boto3 and moto[server].
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
from collections import Counter
from pathlib import Path

from terraform import Emulator, Tally

# What stands for parameters that only the pipeline knows, by their type.
EXAMPLES = {"String": "example/app:1", "Number": "1", "CommaDelimitedList": "example"}
# Types that moto 5.2.1 has and makes wrongly, whatever the template says.
FAULTY = {
    "AWS::RDS::DBInstance": "it is handed its parameter group where it wants the group's name",
}
# The region of stacks that say none.
HOME = "eu-west-1"
# The region in a template's name, such as application-us-east-1.
ELSEWHERE = re.compile(r"-([a-z]{2}-[a-z]+-\d)$")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--validate-only", action="store_true", help="cfn-lint alone: no emulator is needed")
    options = parser.parse_args()
    tally = Tally()
    source = options.bundle / "infra" / "cloudformation"
    if not source.is_dir():
        print(f"{source} is not a folder", file=sys.stderr)
        return 2
    templates = sorted(source.glob("*.yaml"))
    lint(templates, tally)
    if options.validate_only:
        return tally.finish()
    missing = [name for name in ("boto3", "moto") if importlib.util.find_spec(name) is None]
    if missing:
        tally.skip("deployment", f"the Python packages {' and '.join(missing)} are not installed")
        return tally.finish()
    scratch = Path(tempfile.mkdtemp(prefix="conformance-cloudformation-"))
    try:
        with Emulator(scratch) as emulator:
            for template in sorted(templates, key=lambda path: ELSEWHERE.search(path.stem) is None):
                deploy(template, source / "parameters", emulator, tally)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return tally.finish()


def lint(templates, tally):
    program = shutil.which("cfn-lint")
    if program is None:
        tally.skip("cfn-lint", "not installed")
        return
    for template in templates:
        said = subprocess.run([program, "--", str(template)], capture_output=True, text=True, check=False)
        tally.check(f"{template.name}: cfn-lint", said.returncode == 0, said.stdout + said.stderr)


def deploy(template, parameters, emulator, tally):
    """Deploys a template with each file of parameters that is for it."""
    import boto3

    elsewhere = ELSEWHERE.search(template.stem)
    suffix = elsewhere.group(0) if elsewhere else ""
    family = template.stem.removesuffix(suffix)
    own = parameters / f"{family}{suffix}.json"
    others = {path.stem for path in template.parent.glob("*.yaml")}
    files = [own] if own.exists() else [
        path
        for path in sorted(parameters.glob("*.json"))
        if path.stem not in others and bool(ELSEWHERE.search(path.stem)) == bool(elsewhere)
    ]
    client = boto3.client(
        "cloudformation",
        endpoint_url=emulator.url,
        region_name=elsewhere.group(1) if elsewhere else HOME,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    body = template.read_text()
    content, left_out = possible(read(body))
    if left_out:
        tally.skip(f"{template.name}: {sum(left_out.values())} resources", f"the emulator does not make {named(left_out)}")
    body = json.dumps(content)
    for file in files:
        given = json.loads(file.read_text())
        values = dict(given["Parameters"])
        for parameter, declared in content.get("Parameters", {}).items():
            if parameter not in values and "Default" not in declared:
                values[parameter] = EXAMPLES[declared["Type"]]
        name = re.sub(r"[^A-Za-z0-9-]", "-", f"{file.stem}-{family}")
        try:
            client.create_stack(
                StackName=name,
                TemplateBody=body,
                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()],
                Tags=[{"Key": k, "Value": v} for k, v in given["Tags"].items()],
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
        except client.exceptions.ClientError as error:
            tally.check(f"{name}: deploy", False, str(error))
            continue
        status = client.describe_stacks(StackName=name)["Stacks"][0]
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]
        # What a condition leaves out is listed without a name.
        resources = client.describe_stack_resources(StackName=name)["StackResources"]
        resources = [r for r in resources if "LogicalResourceId" in r]
        incomplete = [r["LogicalResourceId"] for r in resources if r["ResourceStatus"] != "CREATE_COMPLETE"]
        detail = "\n".join([status["StackStatus"], *failed, *incomplete])
        ok = status["StackStatus"] == "CREATE_COMPLETE" and not failed and not incomplete
        tally.check(f"{name}: {len(resources)} resources complete", ok, detail)


def read(body):
    """A template, its functions in their long form."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def function(loader, suffix, node):
        if isinstance(node, yaml.ScalarNode):
            value = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        if suffix == "GetAtt":
            value = value.split(".", 1)
        return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}

    Loader.add_multi_constructor("!", function)
    return yaml.load(body, Loader)


def possible(content):
    """What of a template the emulator can make, and the types that it cannot with their numbers."""
    from moto.cloudformation.parsing import get_model_map

    models = get_model_map()
    resources = content["Resources"]
    unmade = {id for id, r in resources.items() if r["Type"] not in models or r["Type"] in FAULTY}
    types = Counter(resources[id]["Type"] for id in unmade)
    while True:
        more = {id for id, r in resources.items() if id not in unmade and names(r) & unmade}
        if not more:
            break
        unmade |= more
    kept = {id: r for id, r in resources.items() if id not in unmade}
    outputs = {name: o for name, o in content.get("Outputs", {}).items() if not names(o) & unmade}
    return {**content, "Resources": kept, "Outputs": outputs}, types


def names(value):
    """The resources that a part of a template names."""
    if isinstance(value, list):
        return set().union(*map(names, value))
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, inner in value.items():
        if key in ("Ref", "DependsOn") and isinstance(inner, str):
            found.add(inner)
        elif key == "DependsOn":
            found |= {id for id in inner if isinstance(id, str)}
        elif key == "Fn::GetAtt":
            found.add(inner[0])
        elif key == "Fn::Sub":
            text = inner[0] if isinstance(inner, list) else inner
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", text)}
        found |= names(inner)
    return found


def named(types):
    return ", ".join(f"{count} {name}" for name, count in sorted(types.items()))


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    sys.exit(main())
