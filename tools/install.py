"""Install what the portal needs: `install.py demo` to run it, `install.py test` to test it too.

Only the standard library is at hand here. Everything is pinned with hashes; nothing is done twice.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
CANDIDATES = ("python3", "python3.13", "python3.12", "python3.11", "python3.14")

PANGO = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_LIMIT = 300


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "demo"
    if what not in {"demo", "test"}:
        raise SystemExit("install.py demo | test")

    os.chdir(ROOT)
    make_environment()
    install_packages("requirements-dev.txt" if what == "test" else "requirements.txt")
    install_browser_side(with_tests=what == "test")
    run(PYTHON, "-m", "portal", "assets")
    if what == "test":
        ensure_pdf_libraries()
        ensure_browser()
        ensure_balancer()


def make_environment() -> None:
    if is_good(PYTHON):
        return
    base = next(
        (found for found in (sys.executable, *map(shutil.which, CANDIDATES)) if found and is_good(found)),
        None,
    )
    if base is None:
        raise SystemExit(
            "The portal needs Python 3.11 or later: install it, or name it: make PYTHON=/path/to/python"
        )
    say("Making a virtual environment")
    made = subprocess.run(
        [base, "-m", "venv", "--clear", str(VENV)], check=False, capture_output=True, text=True
    )
    if made.returncode:
        raise SystemExit(
            f"{base} cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv).\n"
            f"{made.stdout}{made.stderr}"
        )


def is_good(python: "str | Path") -> bool:
    """An old one, a shim without anything behind it, and an environment whose Python is gone are all not."""
    script = f"import sys; sys.exit(sys.version_info[:2] < {OLDEST})"
    try:
        return subprocess.run([str(python), "-c", script], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def install_packages(requirements: str) -> None:
    stamp = VENV / f"{requirements}.installed"
    wanted = digest(ROOT / requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing Python packages")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    uv = VENV / "bin" / "uv"
    quick = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", PYTHON, "--require-hashes"]
    quick += ["-r", requirements]
    has_uv = uv.exists() or tried(*pip, "requirements-tools.txt")
    if not (has_uv and tried(*quick)):
        run(*pip, requirements)
    stamp.write_text(wanted)


def install_browser_side(*, with_tests: bool) -> None:
    """With what the tests need, the rest is there too; so the stamp of the tests is good for the demo."""
    modules = ROOT / "node_modules"
    wanted = digest(ROOT / "package-lock.json")
    stamps = {tests: modules / (".installed-for-tests" if tests else ".installed") for tests in (True, False)}
    if any(
        stamp.exists() and stamp.read_text() == wanted
        for tests, stamp in stamps.items()
        if tests or not with_tests
    ):
        return
    say("Installing what the browser gets")
    run(
        npm(),
        "ci",
        "--silent",
        *(() if with_tests else ("--omit=dev",)),
        env={**os.environ, "PATH": path_with_venv()},
    )
    stamps[with_tests].write_text(wanted)


def npm() -> "str | Path":
    """The machine's, else the one that comes as a Python package."""
    if found := shutil.which("npm"):
        return found
    program = VENV / "bin" / "npm"
    if not program.exists():
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
        run(PYTHON, *pip, "-r", "requirements-node.txt")
    return program


def ensure_pdf_libraries() -> None:
    missing = [package for library, package in PANGO.items() if not loads(library)]
    if missing and not apt_get(*missing):
        raise SystemExit(
            f"The PDF tests need {', '.join(missing)}: as root, apt-get install {' '.join(missing)}"
        )


def ensure_browser() -> None:
    """A Chromium of the machine, else Playwright's own, else Debian's."""
    if os.environ.get("PORTAL_TEST_CHROMIUM") or any(map(shutil.which, BROWSERS)) or playwright_has_one():
        return
    say("Installing a browser for the tests")
    if (
        tried(PYTHON, "-m", "playwright", "install", "chromium", limit=DOWNLOAD_LIMIT)
        and playwright_has_one()
    ):
        return
    if not apt_get("chromium"):
        raise SystemExit("The browser tests need Chromium: as root, apt-get install chromium")


def ensure_balancer() -> None:
    """Where it cannot be had, the tests that put many processes behind it are left out, and say so."""
    if not shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"):
        apt_get("haproxy")


def playwright_has_one() -> bool:
    """There, and with all the libraries that it needs."""
    script = (
        "from playwright.sync_api import sync_playwright as p\nwith p() as b: b.chromium.launch().close()"
    )
    return tried(PYTHON, "-c", script, limit=60)


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_get(*packages: str) -> bool:
    """True when installed; False where there is no apt-get or no right to use it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say(f"Installing {', '.join(packages)}")
    tried("apt-get", "update", "-qq", env=environment)
    return tried("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=environment)


def path_with_venv() -> str:
    """npm starts `node` by its name."""
    return f"{os.environ.get('PATH', '')}{os.pathsep}{VENV / 'bin'}"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)


def run(*command: "str | Path", env: "dict[str, str] | None" = None) -> None:
    done = subprocess.run([str(part) for part in command], check=False, env=env, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"This failed: {' '.join(map(str, command))}")


def tried(*command: "str | Path", env: "dict[str, str] | None" = None, limit: "int | None" = None) -> bool:
    """Whether it worked; what it said is shown only by the command that is tried last."""
    try:
        done = subprocess.run(
            [str(p) for p in command], check=False, capture_output=True, env=env, timeout=limit
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
