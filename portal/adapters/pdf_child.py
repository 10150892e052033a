"""A child of `portal.adapters.pdf`: reads HTML documents from its standard input, writes PDF files to its output.

Only here is WeasyPrint imported, which takes seconds and a hundred megabytes.
"""

import gc
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from portal.adapters.archiving import Archive, finish
from portal.adapters.children import end_with_parent
from portal.adapters.pdf import FAILED, HEAD, MISSING, PRINTED, READY, Wanted

IDLE_SECONDS = 300
# So that whoever looks at a page is served first.
NICENESS = 10
# Of the processor, for one document; 2,000 lines take 30. On a busy machine that may be an hour by the clock.
MOST_SECONDS = 600


def main(fonts: Sequence[Path]) -> None:
    end_with_parent(signal.SIGKILL)
    os.nice(NICENESS)
    # What a library prints must not end up in the middle of an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        press = Press(fonts)
    except (OSError, ImportError) as missing:
        _answer(answers, MISSING, _what_to_install(missing).encode())
        return
    _answer(answers, READY, b"")
    # Laying out makes millions of objects that all live until the document is written: looking through them again and
    # again for garbage takes a fifth of the time.
    gc.disable()
    gc.freeze()
    with open(0, "rb", buffering=0, closefd=False) as requests:
        while (request := _next(requests)) is not None:
            try:
                wanted = msgspec.msgpack.decode(request, type=Wanted)
                _limit()
                _answer(answers, PRINTED, press.print(wanted.html, wanted.archive))
            except Exception:  # noqa: BLE001 (told to the parent, which raises it)
                _answer(answers, FAILED, traceback.format_exc().encode())
            gc.collect()


def _limit() -> None:
    """The kernel ends a child that computes for too long: what the others wait for is made by another one."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + MOST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


class Press:
    """WeasyPrint with our fonts and nothing else."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        if gone := [str(font) for font in fonts if not font.is_file()]:
            raise FileNotFoundError(", ".join(gone))
        # Loads the libraries of the system; the error says which one is not there.
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher

        ours = {font.absolute().as_uri() for font in fonts}

        class OnlyOurs(URLFetcher):  # type: ignore[misc]
            """A document is complete in itself: nobody makes us fetch an address by writing it into an order."""

            def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
                if url not in ours:
                    raise FatalURLFetchingError(f"a document refers to {url}")
                return super().fetch(url, headers)

        self.refused: type[BaseException] = FatalURLFetchingError
        self.weasyprint = weasyprint
        self.fetcher = OnlyOurs()
        self.configuration = FontConfiguration()
        self.faces = weasyprint.CSS(
            string="".join(_face(font) for font in fonts),
            font_config=self.configuration,
            url_fetcher=self.fetcher,
        )

    def print(self, html: str, archive: Archive | None = None) -> bytes:
        """PDF/UA-1, and PDF/A-3a as well for an archive. Nothing in it says "now"."""
        source = self.weasyprint.HTML(string=html, url_fetcher=self.fetcher)
        how = {"pdf_variant": "pdf/a-3a" if archive else "pdf/ua-1", "pdf_identifier": True}
        try:
            document = source.render(self.configuration, stylesheets=[self.faces], **how)
            pdf: bytes = document.write_pdf(finisher=self._prepare(document, archive), **how)
        except self.refused as refused:
            # It is not an Exception, so that WeasyPrint itself does not carry on without the file.
            raise RuntimeError(str(refused)) from refused
        return pdf

    def _prepare(self, document: Any, archive: Archive | None) -> Any:
        """Give the document what the archive wants of it, as far as WeasyPrint knows such things; the rest follows
        when it is written."""
        if archive is None:
            return None
        document.metadata.created = document.metadata.modified = archive.stamp
        if archive.invoice is not None:
            document.metadata.attachments.append(
                self.weasyprint.Attachment(
                    string=archive.invoice.xml,
                    name=archive.invoice.name,
                    description=archive.invoice.description,
                    created=archive.at,
                    modified=archive.at,
                    relationship="Alternative",
                )
            )
        return lambda _, pdf: finish(pdf, archive)


def _face(font: Path) -> str:
    weight = font.stem.rpartition("-")[2]
    source = font.absolute().as_uri()
    return f'@font-face {{ font-family: "Portal Inter"; font-weight: {weight}; src: url("{source}") }}\n'


def _what_to_install(missing: Exception) -> str:
    if isinstance(missing, FileNotFoundError):
        return f"No PDF can be made here: the fonts are not built ({missing}). Run `make assets`."
    return (
        "No PDF can be made here: a library is missing. On Debian and Ubuntu: apt-get install libpango-1.0-0 "
        f"libpangoft2-1.0-0 libharfbuzz-subset0. ({str(missing).splitlines()[0]})"
    )


def _answer(answers: BinaryIO, kind: bytes, content: bytes) -> None:
    answers.write(kind + len(content).to_bytes(HEAD - 1) + content)
    answers.flush()


def _next(requests: Any) -> bytes | None:
    """The next document; None when there is nobody left to ask, or nobody has asked for a while."""
    if not select.select([requests], [], [], IDLE_SECONDS)[0]:
        return None
    head = _exactly(requests, HEAD - 1)
    return _exactly(requests, int.from_bytes(head)) if head else None


def _exactly(requests: Any, size: int) -> bytes:
    """Nothing when the parent is gone in the middle."""
    parts = bytearray()
    while len(parts) < size:
        part = requests.read(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
