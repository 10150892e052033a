"""Pictures as a form sends them: counted and measured before anything is opened, then drawn anew."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar.datastructures import UploadFile
from litestar.handlers import BaseRouteHandler

from portal.adapters import pictures
from portal.adapters.pictures import NoPicture
from portal.db.return_pictures import Kept
from portal.domain.refusals import Unacceptable
from portal.filters import Tongue
from portal.operations.returning import MOST_PICTURES, Shot
from portal.pages import Pages
from portal.routes.visitor import Connection, locale_of
from portal.views.returns.words import refusal_of_picture

MEGABYTE = 1024 * 1024
MOST_MEGABYTES = pictures.MOST_BYTES // MEGABYTE
# Of a whole form: as many pictures as a return may have, as phones take them.
MOST_TOGETHER = 48 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Sending:
    """Pictures by the line that each is of; `digest` says whether a form is sent a second time."""

    shots: Sequence[Shot] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""


async def not_too_large(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Guard, before a form is read: more than all pictures of a return may hold is refused in words."""
    length = connection.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MOST_TOGETHER:
        pages: Pages = connection.app.state.pages
        _ = pages.tongue(locale_of(connection)).gettext
        raise Unacceptable(
            _(
                "Together these pictures are larger than {n} MB, and were not taken. Go back: what you typed is still "
                "there. Choose fewer, or smaller ones; more can be added to the return afterwards."
            ).format(n=MOST_TOGETHER // MEGABYTE)
        )


async def sent(form: Any, names: Mapping[str, int | None], tongue: Tongue) -> Sending:
    """The pictures of these fields, drawn anew; `names` says of which line each field is."""
    files = [
        (name, line, file)
        for name, line in names.items()
        for file in form.getall(name, [])
        if isinstance(file, UploadFile) and file.filename
    ]
    if len(files) > MOST_PICTURES:
        said = tongue.gettext("A return has at most {n} pictures.").format(n=MOST_PICTURES)
        return Sending(problems={files[-1][0]: said})
    shots, problems, seen = [], {}, hashlib.sha256()
    for name, line, file in files:
        content = await file.read(pictures.MOST_BYTES + 1)
        seen.update(hashlib.sha256(content).digest())
        try:
            drawn = await pictures.clean(content)
        except NoPicture as wrong:
            problems[name] = f"{_named(file)}: {refusal_of_picture(wrong.why, tongue, MOST_MEGABYTES)}"
            continue
        kept = Kept(drawn.id, None, drawn.media_type, drawn.width, drawn.height, drawn.content, drawn.sha256)
        shots.append(Shot(line, kept))
    return Sending(shots, problems, seen.hexdigest() if files else "")


def _named(file: UploadFile) -> str:
    """The file's name as it can be shown."""
    return "".join(c for c in file.filename if c.isprintable())[-60:]
