"""`python -m portal import orders FILE`, as a person types it."""

import subprocess
import sys
from pathlib import Path

from portal.settings import Settings
from tests.importing.files import row, write


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portal", "import", "orders", *arguments],
        env={**settings.environment()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_shows_progress_and_ends_with_a_summary(settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path / "orders.csv.gz", [row(), row(StockCode="POST")])
    ended = run(settings, str(file))
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[0].startswith("Reading")
    assert ended.stderr.splitlines()[-1] == "Planning 100 %"
    assert "        1  taken over (orders: 1; still open: 1)" in ended.stdout
    assert "        1  the code is no product" in ended.stdout
    assert ended.stdout.splitlines()[-1].endswith(str(tmp_path / "orders-left-out.csv"))


def test_a_bad_file_is_one_sentence_and_a_failure(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("a,b\n1,2\n")
    ended = run(settings, str(file))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"portal: {file} does not begin with the header InvoiceNo,StockCode")
    assert "Traceback" not in ended.stderr
