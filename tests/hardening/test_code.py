"""What the code does not do, looked up in the code."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {str(path.relative_to(ROOT)): path.read_text() for path in sorted((ROOT / "portal").rglob("*.py"))}
MODULES = {name: ast.parse(text) for name, text in SOURCES.items()}
NODES = {name: list(ast.walk(tree)) for name, tree in MODULES.items()}
SCRIPTS = {path.name: path.read_text() for path in sorted((ROOT / "static" / "js").glob("*.js"))}


def calls() -> Iterator[tuple[str, str]]:
    """(module, what is called in it, as it is written)"""
    for name, nodes in NODES.items():
        yield from ((name, _dotted(node.func)) for node in nodes if isinstance(node, ast.Call))


def _dotted(called: ast.expr) -> str:
    if isinstance(called, ast.Name):
        return called.id
    if isinstance(called, ast.Attribute):
        return f"{_dotted(called.value)}.{called.attr}"
    return ""


def imports() -> Iterator[tuple[str, str]]:
    for name, nodes in NODES.items():
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from ((name, one.name) for one in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield name, node.module or ""


def test_nothing_runs_what_somebody_wrote() -> None:
    running = {"eval", "exec", "compile", "os.system", "os.popen", "os.execv", "__import__"}
    assert [(name, call) for name, call in calls() if call in running or call.endswith(".from_string")] == []
    reading = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "code"}
    assert [(name, one) for name, one in imports() if one.partition(".")[0] in reading] == []
    shells = [
        name
        for name, nodes in NODES.items()
        for node in nodes
        if isinstance(node, ast.keyword) and node.arg == "shell"
    ]
    assert shells == []


def test_no_xml_of_others_is_read() -> None:
    """What is read is the schema of a package of ours, what is written is made of escaped text."""
    readers = {name for name, one in imports() if one.startswith(("xml", "lxml", "defusedxml"))}
    assert readers <= {"portal/adapters/einvoice/codes.py", "portal/adapters/einvoice/xml.py"}
    assert not [call for name, call in calls() if name.endswith("einvoice/xml.py") and "parse" in call]


def test_only_known_cryptography_is_used() -> None:
    known = {
        "argon2": {"portal/operations/people.py", "portal/operations/passwords.py"},
        "cryptography": {"portal/adapters/sealed.py", "portal/adapters/pending.py"},
        "joserfc": {"portal/adapters/identity_tokens.py"},
        "webauthn": {"portal/adapters/passkeys.py"},
        "pyotp": {"portal/adapters/authenticators.py"},
        # How long a retry waits, and which of two goes first: nothing that somebody must not guess.
        "random": {"portal/db/deliveries.py", "portal/jobs/couriers.py"},
    }
    for package, places in known.items():
        found = {name for name, one in imports() if one.partition(".")[0] == package}
        assert found <= places, package
    others = {"Crypto", "nacl", "rsa", "jwt", "jose", "ecdsa", "uuid", "bcrypt", "passlib"}
    assert [(name, one) for name, one in imports() if one.partition(".")[0] in others] == []
    hashes = {call for _, call in calls() if re.match(r"(hashlib\.)?(md5|sha1|new|sha224|ripemd160)$", call)}
    assert hashes == set()
    old = re.compile(r"\b(MD5|SHA1|TripleDES|ARC4|Blowfish|ECB)\b\(")
    assert [name for name, text in SOURCES.items() if old.search(text)] == []


def test_what_is_secret_is_compared_in_constant_time() -> None:
    """Signatures, tokens of forms and codes go through `compare_digest`; what is looked up is hashed before."""
    words = re.compile(r"(signature|csrf|hmac|digest\(|token)", re.IGNORECASE)
    found = []
    for name, nodes in NODES.items():
        for node in nodes:
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Constant) for side in sides):
                continue
            if any(words.search(ast.unparse(side)) for side in sides):
                found.append(f"{name}: {ast.unparse(node)}")
    # Of files and documents, which are nobody's secret.
    assert [one for one in found if not any(place in one for place in NOT_SECRET)] == []


# In what a browser sent of itself, one more time to be left out.
NOT_SECRET = ("assets.py", "backups.py", "importing/", "throttle.py: one != token")


def test_the_ways_out_are_those_that_are_named() -> None:
    """Whoever asks another machine for something is in docs/security.md."""
    asking = (
        "httpx",
        "httpcore",
        "aiosmtplib",
        "urllib.request",
        "http.client",
        "smtplib",
        "ftplib",
        "requests",
    )
    found = {name for name, one in imports() if one.startswith(asking)}
    document = (ROOT / "docs" / "security.md").read_text()
    assert {name for name in found if f"`{name}`" not in document} == set()


def test_scripts_take_no_messages_and_keep_nothing() -> None:
    bad = re.compile(
        r"localStorage|sessionStorage|indexedDB|document\.cookie|postMessage|addEventListener\(\s*[\"']message"
        r"|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|__proto__|Object\.assign"
    )
    assert SCRIPTS
    for name, text in SCRIPTS.items():
        found = [line.strip() for line in text.splitlines() if bad.search(line)]
        assert found == [], name


def test_every_part_of_others_is_pinned_by_its_hash() -> None:
    for path in sorted(ROOT.glob("requirements*.txt")):
        text = path.read_text()
        named = re.findall(r"^([A-Za-z0-9_.\[\],-]+)==", text, re.MULTILINE)
        entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
        assert named, path
        assert [one[:60] for one in entries if "==" in one and "--hash=sha256:" not in one] == [], path
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [
        name for name, one in locked.items() if name and "integrity" not in one and not one.get("inBundle")
    ] == []


@pytest.mark.slow
def test_the_scan_finds_a_secret_that_somebody_left(tmp_path: Path) -> None:
    left = tmp_path / "notes.md"
    left.write_text("-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEow\n")
    scan = [sys.executable, str(ROOT / "tools" / "secrets.py"), left.name]
    done = subprocess.run(scan, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "notes.md:1: Private Key" in done.stdout
