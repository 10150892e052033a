"""Whatever a person can read is there in every language that we ship."""

import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "portal" / "translations"


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as texts:
        return read_po(texts)


def test_every_text_of_code_and_templates_stands_in_german(tmp_path: Path) -> None:
    found = tmp_path / "portal.pot"
    extract = [
        "extract",
        "-F",
        str(TRANSLATIONS / "babel.cfg"),
        "--no-location",
        "-o",
        str(found),
        "portal",
        "templates",
    ]
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", *extract]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    spoken = {str(message.id) for message in _catalogue(found) if message.id}
    german = {
        str(message.id)
        for message in _catalogue(TRANSLATIONS / "de" / "LC_MESSAGES" / "portal.po")
        if message.id and all(message.string if isinstance(message.string, tuple) else [message.string])
    }

    assert len(spoken) > 300
    assert spoken - german == set()
    assert german - spoken == set(), "texts that nobody says any more"
