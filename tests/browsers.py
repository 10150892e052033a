"""Which Chromium the browser tests drive: the machine's own, else the one that Playwright brought."""

import os
import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def launch_options() -> dict[str, Any]:
    """For `playwright.chromium.launch(**launch_options())`; `PORTAL_TEST_CHROMIUM` names another program."""
    program = os.environ.get("PORTAL_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    # Chromium's sandbox refuses root, which is who runs tests in a container.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": program, "args": [*QUIET, *sandbox]}
