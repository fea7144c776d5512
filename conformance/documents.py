#!/usr/bin/env python3
"""Judges the commands that a bundle's documents hold: bash reads every block, and the AWS command line every call.

  conformance/documents.py BUNDLE...

Each block of shell in docs/, handoffs/ and secrets/ is run in an empty folder in which every program but a few is a
stand-in that does nothing. The stand-in of `aws` hands its arguments to the real one, with an address where nothing
answers: whatever it refuses before it connects is wrong. `pip install awscli` brings it; without it this is skipped
by name. It must not know which commands there are.
"""

import glob
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

# Answers that the stand-in gives, in order of what a question asks for.
STAND_IN = """#!/usr/bin/env bash
call=$SEEN/$(printf '%s\\0' "$@" | sha256sum | cut -d ' ' -f 1)
if [ ! -e "$call" ]; then
  said=$("$AWS_CLI" --no-sign-request --endpoint-url http://127.0.0.1:1 "$@" 2>&1 < /dev/null)
  case $said in
    *'Could not connect to the endpoint'*) : > "$call" ;;
    *) printf 'aws %s: %s\\n' "$*" "$said" >> "$REFUSED" ;;
  esac
fi
case " $* " in
  *' --output json '*) echo '{"host": "h", "user": "u", "name": "n", "secret": "s", "RequestId": "r"}' ;;
  *'SecretString'*) echo '{"password": "p"}' ;;
  *) echo stand-in ;;
esac
"""
NOTHING = "#!/usr/bin/env bash\ncat > /dev/null < /dev/null\n"
REAL = ["bash", "cat", "cut", "date", "env", "head", "jq", "mktemp", "sed", "seq", "sha256sum", "tail", "tr", "xargs"]
# What a reader sets before, as the page says.
READER = {
    "LAST_GOOD_MOMENT": "2026-01-31T09:30:00Z",
    "TF_STATE_BUCKET": "state",
    **dict.fromkeys(["COMMIT", "ID", "KEY", "OPID", "PID", "POINT", "PREFIX", "VERSION"], "1"),
}
# These read a file, a stream, or an answer of a shape that the stand-in does not give.
UNJUDGED = re.compile(r"file://|logs tail|ecr get-login-password|--network-configuration")


def blocks(bundle):
    """Every distinct block of shell in the documents, with the first page that holds it."""
    seen = {}
    for folder in ["docs", "handoffs", "secrets"]:
        for page in sorted(glob.glob(f"{bundle}/{folder}/**/*.md", recursive=True)):
            with open(page, encoding="utf-8") as text:
                for block in re.findall(r"```sh\n(.*?)```", text.read(), re.S):
                    seen.setdefault(block, os.path.relpath(page, bundle))
    return seen


def program(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


def stage(folder, block):
    """Programs that a block may call: a few real ones, `aws`, and stand-ins for the rest."""
    for name in REAL:
        if found := shutil.which(name):
            os.symlink(found, os.path.join(folder, name))
    program(folder, "aws", STAND_IN)
    program(folder, "sleep", NOTHING)
    for word in set(re.findall(r"(?:^|[|(;&]\s*|\bdo\s+)([a-z][\w-]*)", block, re.M)):
        if not os.path.lexists(os.path.join(folder, word)):
            program(folder, word, NOTHING)


def judge(block, aws, seen):
    """What is wrong with a block, a line each. Calls that were found well before lie in `seen`."""
    read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    if read.returncode:
        return read.stderr.splitlines()
    if not aws or not re.search(r"\baws\b", block):
        return []
    with tempfile.TemporaryDirectory() as programs, tempfile.TemporaryDirectory() as empty:
        stage(programs, block)
        refused = os.path.join(programs, "refused.txt")
        lines = [line for line in block.splitlines() if not UNJUDGED.search(line)]
        environment = {**READER, "PATH": programs, "AWS_CLI": aws, "REFUSED": refused}
        environment |= {"HOME": empty, "SEEN": seen}
        environment |= {"AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}
        environment |= {"AWS_DEFAULT_REGION": "eu-west-1"}
        # Nobody types a value, and nothing has to be waited for.
        script = re.sub(r"\bread -rs (\w+)", r"\1=value", "\n".join(lines)).replace("do sleep", "do break; sleep")
        subprocess.run(
            ["bash", "-c", script], cwd=empty, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=120, check=False,
        )
        if not os.path.exists(refused):
            return []
        with open(refused, encoding="utf-8") as said:
            return said.read().splitlines()


def main():
    bundles = sys.argv[1:]
    if not bundles:
        print(__doc__)
        return 2
    aws = shutil.which("aws")
    skipped = 0
    if not aws:
        skipped = 1
        print("SKIP arguments of aws: the command line is not installed")
    # A judge must refuse what is known to be wrong before its praise counts.
    seen = tempfile.TemporaryDirectory()
    wrong = ["if then"] + (["aws rds describe-db-instances --of x"] if aws else [])
    if not all(judge(block, aws, seen.name) for block in wrong):
        print("FAIL the judge accepts what is wrong")
        return 1
    passed = failed = 0
    known = {}
    for bundle in bundles:
        for block, page in blocks(bundle).items():
            if block not in known:
                known[block] = judge(block, aws, seen.name)
            if said := known[block]:
                failed += 1
                print(f"FAIL {os.path.basename(os.path.normpath(bundle))}: {page}")
                print("\n".join(f"     {line}" for line in said[:20]))
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
