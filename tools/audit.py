"""Ask the advisory databases about every part of others that is pinned. What they know fails; that they cannot be asked
from here is said, and does not: whoever has no way to the internet must still be able to check their work.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 180
AWAY = "UNKNOWN: the advisory database was not reached. Nothing is said about {what}; run `make audit` where it is."


def main() -> int:
    return max(python(), browser())


def python() -> int:
    done = run(
        str(Path(sys.executable).with_name("pip-audit")),
        "--require-hashes",
        "--disable-pip",
        "--timeout=15",
        "--format=json",
        "-r",
        "requirements.txt",
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return away("the Python packages")
    wrong = [(one, known) for one in found for known in one.get("vulns", [])]
    for one, known in wrong:
        print(
            f"{one['name']} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'none'}"
        )
    print(f"{len(found)} Python packages, {len(wrong)} advisories.")
    return 1 if wrong else 0


def browser() -> int:
    npm = shutil.which("npm") or str(Path(sys.executable).with_name("npm"))
    done = run(npm, "audit", "--omit=dev", "--json")
    try:
        found = json.loads(done.stdout)["metadata"]
    except (ValueError, KeyError):
        return away("what the browser gets")
    total = found["vulnerabilities"]["total"]
    print(f"{found['dependencies']['prod']} packages of the browser, {total} advisories.")
    return 1 if total else 0


def away(what: str) -> int:
    print(AWAY.format(what=what))
    return 0


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=LIMIT)
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(command, 1, "", "")


if __name__ == "__main__":
    sys.exit(main())
