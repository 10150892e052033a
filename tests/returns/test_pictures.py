"""Pictures are taken by their content, drawn anew, and shown as nothing but pictures."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from portal.adapters import pictures
from portal.adapters.pictures import NoPicture, draw
from tests.returns.goods import Goods, as_base64, photo
from tests.scenarios.driver import problem


def test_a_photo_stands_upright_and_tells_nothing_of_its_camera() -> None:
    drawn = draw(photo((640, 480)))
    assert (drawn.media_type, drawn.width, drawn.height) == ("image/jpeg", 480, 640)
    assert b"Camera of Petra" in photo((640, 480))
    assert b"Camera of Petra" not in drawn.content
    written = Image.open(io.BytesIO(drawn.content))
    assert not written.getexif()
    assert {"exif", "icc_profile", "comment", "xmp"}.isdisjoint(written.info)


def test_a_large_photo_becomes_small_enough_to_look_at() -> None:
    drawn = draw(photo((4000, 3000), quality=60))
    assert max(drawn.width, drawn.height) == pictures.LONGEST_SIDE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_of_picture_is_drawn_as_a_jpeg(kind: str) -> None:
    assert Image.open(io.BytesIO(draw(photo(kind=kind)).content)).format == "JPEG"


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_pictures_of_any_colours_are_drawn(mode: str) -> None:
    written = io.BytesIO()
    picture = Image.new(mode, (40, 30))
    picture.save(written, "JPEG" if mode == "CMYK" else "PNG")
    assert draw(written.getvalue()).width == 40


def test_what_is_transparent_stands_on_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(written, "PNG")
    colour = Image.open(io.BytesIO(draw(written.getvalue()).content)).getpixel((10, 10))
    assert colour == (255, 255, 255)


def test_of_what_moves_the_first_picture_is_kept() -> None:
    written = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    red, _green, blue = Image.open(io.BytesIO(draw(written.getvalue()).content)).getpixel((10, 10))  # type: ignore[misc]
    assert red > 200 > blue


def saved(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (20, 20)).save(written, kind)
    return written.getvalue()


def bomb() -> bytes:
    """900 million points in 110 kB."""
    written = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(written, "PNG")
    return written.getvalue()


def with_hidden_text() -> bytes:
    """A picture with a text that unpacks to 70 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 70_000_000, zip=True)
    written = io.BytesIO()
    Image.new("RGB", (20, 20)).save(written, "PNG", pnginfo=info)
    return written.getvalue()


def lying_header() -> bytes:
    """A PNG that says it is larger than its content."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", 5000, 5000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 99))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "nothing": (b"", "empty"),
    "a text": (b"hello", "other_type"),
    "a drawing with a script": (
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "other_type",
    ),
    "a page": (b"<!doctype html><script>alert(1)</script>", "other_type"),
    "a GIF": (saved("GIF"), "other_type"),
    "a TIFF": (saved("TIFF"), "other_type"),
    "a BMP": (saved("BMP"), "other_type"),
    "an icon": (saved("ICO"), "other_type"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "other_type"),
    "half a photo": (photo()[: len(photo()) // 2], "broken"),
    "the head of a PNG": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, ("broken", "other_type")),
    "a bomb": (bomb(), "too_many_points"),
    "more points than content": (lying_header(), "broken"),
    "ten megabytes and one byte": (b"\xff\xd8\xff" + b"\x00" * pictures.MOST_BYTES, "too_large"),
}


@pytest.mark.parametrize(("content", "why"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_picture_is_refused(content: bytes, why: str | tuple[str, ...]) -> None:
    with pytest.raises(NoPicture) as refused:
        draw(content)
    assert refused.value.why in why


def test_a_text_that_unpacks_to_much_is_not_unpacked() -> None:
    """Whether it is refused or left out: nothing of its 70 MB is kept."""
    try:
        drawn = draw(with_hidden_text())
    except NoPicture:
        return
    assert len(drawn.content) < 10_000


def test_a_page_behind_a_picture_is_lost() -> None:
    """A file that is a picture to one reader and a page to another becomes a picture to both."""
    drawn = draw(photo() + b"<script>alert(1)</script>")
    assert b"<script>" not in drawn.content


def test_pictures_are_added_to_a_return_and_its_lines(goods: Goods) -> None:
    rma = goods.ask({1: 2, 2: 1})
    added = goods.world.post(f"returns/{rma['number']}/pictures", {"content": as_base64(photo()), "line": 2})
    [picture] = added["pictures"]
    assert (picture["line"], picture["media_type"], picture["width"]) == (2, "image/jpeg", 480)
    assert added["version"] == rma["version"] + 1
    answer = goods.buyer.get(picture["href"].removeprefix("/api/v1"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert Image.open(io.BytesIO(answer.content)).size == (480, 640)
    bought = goods.buyer.post(f"/returns/{rma['number']}/pictures", json={"content": as_base64(photo())})
    assert [one["line"] for one in bought.json()["pictures"]] == [2, None]


def test_no_more_pictures_than_eight_and_none_twice(goods: Goods) -> None:
    rma = goods.ask({1: 2})
    path = f"returns/{rma['number']}/pictures"
    same = as_base64(photo((20, 20)))
    goods.world.post(path, {"content": same})
    assert len(goods.world.post(path, {"content": same})["pictures"]) == 1
    for side in range(21, 28):
        goods.world.post(path, {"content": as_base64(photo((side, side)))})
    ninth = goods.world.portal.erp.post(f"/{path}", json={"content": as_base64(photo((40, 40)))})
    problem(ninth, 422, "at most 8 pictures", pointer="/pictures")


def test_what_is_no_picture_is_refused_with_words(goods: Goods) -> None:
    rma = goods.ask({1: 2})
    erp = goods.world.portal.erp
    path = f"/returns/{rma['number']}/pictures"
    problem(
        erp.post(path, json={"content": as_base64(b"hello")}), 422, "no JPEG, PNG or WebP", pointer="/content"
    )
    problem(erp.post(path, json={"content": as_base64(bomb())}), 422, "million points", pointer="/content")
    problem(erp.post(path, json={"content": "not base64!"}), 400)
    problem(erp.post(path, json={"content": as_base64(photo()), "line": 2}), 422, "has no line 2")
    goods.world.post(f"returns/{rma['number']}/cancellation", {})
    problem(erp.post(path, json={"content": as_base64(photo())}), 409, "cancelled")
