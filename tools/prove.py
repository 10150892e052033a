"""Run the tests: all of them in parallel, then once more, alone, the files in which one failed.

A browser or a killed process on a loaded machine can be late for reasons that are not the portal's. So a failure counts
when it happens again on a quiet machine; one that does not is not hidden either: it is named at the end, and more than
a few of them fail the run.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
# In more files than this it is not the machine.
MOST_FILES = 4
TESTS_FAILED = 1


def main() -> int:
    arguments = sys.argv[1:]
    FAILED.unlink(missing_ok=True)
    first = pytest("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *arguments)
    if first != TESTS_FAILED or not FAILED.exists():
        return first
    failed = sorted(json.loads(FAILED.read_text()))
    files = sorted({test.partition("::")[0] for test in failed})
    if len(files) > MOST_FILES:
        return first
    say(f"Once more, alone: {', '.join(files)}")
    second = pytest(*files)
    if second == 0:
        say("Failed in the parallel run and held alone, so they are UNSTEADY and want mending:", *failed)
    return second


def pytest(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def say(*lines: str) -> None:
    print("", *lines, "", sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
