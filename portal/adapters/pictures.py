"""Pictures that people send: looked at by their content, and drawn anew, so that nothing of the file is kept.

What a picture claims about itself is read before it is unpacked: one that would fill the memory is refused unopened.
What is written holds the points that one sees, and nothing else: no place, no camera, no name, no hidden text.
"""

import asyncio
import hashlib
import io
import secrets
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_BYTES = 10 * 1024 * 1024
# A phone's largest, and a bomb's smallest: what is unpacked takes four bytes each.
MOST_POINTS = 60_000_000
LONGEST_SIDE = 2048
FORMATS = ("JPEG", "PNG", "WEBP")
WHITE = (255, 255, 255)
# Each at work takes memory and a processor: others wait.
_AT_ONCE = asyncio.Semaphore(2)


class NoPicture(Exception):
    """Not taken: `why` is `empty`, `too_large`, `other_type`, `too_many_points` or `broken`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture of our own making."""

    id: str
    media_type: str
    width: int
    height: int
    content: bytes
    sha256: bytes


async def clean(content: bytes) -> Drawn:
    """The picture drawn anew, upright, no side longer than `LONGEST_SIDE`; `NoPicture` where it cannot be."""
    async with _AT_ONCE:
        return await asyncio.to_thread(draw, content)


def draw(content: bytes) -> Drawn:
    """The same at once, for who may wait."""
    if not content:
        raise NoPicture("empty")
    if len(content) > MOST_BYTES:
        raise NoPicture("too_large")
    try:
        return _draw(content)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as bomb:
        raise NoPicture("too_many_points") from bomb


def _draw(content: bytes) -> Drawn:
    # A library that draws papers asks for half a picture rather than none, of all who share its process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as other:
        raise NoPicture("other_type") from other
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as broken:
        raise NoPicture("broken") from broken
    if picture.width * picture.height > MOST_POINTS:
        raise NoPicture("too_many_points")
    try:
        # A JPEG is unpacked at a fraction of its size where that is enough.
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        return _written(_upright(picture))
    except NoPicture:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, KeyError) as broken:
        raise NoPicture("broken") from broken


def _upright(picture: Image.Image) -> Image.Image:
    """As it is seen: turned as the camera was held, on white where it is transparent, small enough."""
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        ground = Image.new("RGB", seen.size, WHITE)
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _written(picture: Image.Image) -> Drawn:
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=85, optimize=True, progressive=True)
    content = written.getvalue()
    return Drawn(
        secrets.token_urlsafe(12),
        "image/jpeg",
        bare.width,
        bare.height,
        content,
        hashlib.sha256(content).digest(),
    )
