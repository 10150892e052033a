"""Look for secrets in what is kept under version control: keys, tokens, passwords in addresses, words too random to be
words. What is found and is none stands below, with why.

    tools/secrets.py [FILE ...]
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCAN = Path(sys.executable).with_name("detect-secrets")
# Lists of hashes, the browser's libraries, pictures; and tests, whose people have passwords on purpose.
LEFT_OUT = ("requirements", "package-lock.json", "static/vendor/", "portal/translations/", "tests/", "e2e/")
NOT_TEXT = (".png", ".gz", ".pdf", ".ttf", ".woff2", ".ico", ".xsl", ".xsd", ".sch")
NONE_OF_OURS = {
    ("README.md", "Secret Keyword"): "the name of a setting",
    ("deploy/kubernetes/portal.yaml", "Secret Keyword"): "the name of a secret",
    ("deploy/kubernetes/secret.example.yaml", "Basic Auth Credentials"): "an example of an address",
    ("deploy/kubernetes/secret.example.yaml", "Secret Keyword"): "an example: what to put there",
    ("deploy/systemd/portal.env.example", "Basic Auth Credentials"): "an example of an address",
    ("portal/domain/passwords.py", "Base64 High Entropy String"): "rows of a keyboard",
    ("portal/seed/cast.py", "Secret Keyword"): "the password of the demo's people, which the demo prints",
}


def main() -> int:
    found = scan(sys.argv[1:], Path.cwd()) if sys.argv[1:] else scan(kept(), ROOT)
    for path, line, kind in found:
        print(f"{path}:{line}: {kind}")
    if found:
        print("If it is one, it is known now: replace it. If it is none, say so in tools/secrets.py.")
    return 1 if found else 0


def kept() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [one for one in listed if not one.startswith(LEFT_OUT) and not one.endswith(NOT_TEXT)]


def scan(files: list[str], root: Path) -> list[tuple[str, int, str]]:
    done = subprocess.run(
        [SCAN, "scan", "--all-files", *files], cwd=root, check=True, capture_output=True, text=True
    )
    results = json.loads(done.stdout)["results"]
    return [
        (path, one["line_number"], one["type"])
        for path, those in sorted(results.items())
        for one in those
        if (path, one["type"]) not in NONE_OF_OURS
    ]


if __name__ == "__main__":
    sys.exit(main())
