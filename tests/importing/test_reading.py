"""A file is read row by row, or refused in one clear sentence."""

import gzip
from pathlib import Path

import pytest

from portal.importing import BadFile
from portal.importing.reading import HEADER, read
from tests.importing.files import row, write


def test_rows_come_with_the_line_on_which_they_begin(tmp_path: Path) -> None:
    rows = [row(Description="TWO\nLINES"), row(Quantity="7")]
    assert list(read(write(tmp_path / "orders.csv", rows))) == [(2, rows[0]), (4, rows[1])]


def test_a_packed_file_is_read_like_a_plain_one_whatever_its_name(tmp_path: Path) -> None:
    packed = write(tmp_path / "orders.csv.gz", [row()])
    renamed = packed.rename(tmp_path / "orders.csv")
    assert list(read(renamed)) == [(2, row())]


def test_a_byte_order_mark_is_not_part_of_the_header(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes(b"\xef\xbb\xbf" + ",".join(HEADER).encode() + b"\n")
    assert list(read(file)) == []


def test_progress_reaches_the_end_of_the_file(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    file = write(tmp_path / "orders.csv.gz", [row()] * 10_000)
    assert len(list(read(file, lambda done, of: told.append((done, of))))) == 10_000
    assert told[-1] == (file.stat().st_size, file.stat().st_size)
    assert told == sorted(told)


def _cut(path: Path) -> None:
    whole = gzip.compress(b"\n".join([",".join(HEADER).encode(), *[",".join(row()).encode()] * 3000]))
    path.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"Name,Price\nx,1\n", "does not begin with the header InvoiceNo,StockCode"),
        ("a.csv", ",".join(HEADER).encode() + b"\n1,2,CAF\xc9,3,4,5,6,7\n", "not in UTF-8"),
        ("a.csv", ",".join(HEADER).encode() + b'\n1,2,"open\n', "no CSV file that can be read"),
        ("a.csv.gz", b"InvoiceNo,StockCode\n", "called .gz but is not compressed"),
        ("a.csv.gz", gzip.compress(b"x" * 1000, mtime=0)[:-4] + b"????", "damaged"),
    ],
    ids=["empty", "another header", "not UTF-8", "open quote", "not packed", "damaged"],
)
def test_a_file_that_is_no_good_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadFile, match=words):
        list(read(file))


def test_a_file_that_ends_in_the_middle_is_refused(tmp_path: Path) -> None:
    _cut(tmp_path / "a.csv.gz")
    with pytest.raises(BadFile, match="is cut off"):
        list(read(tmp_path / "a.csv.gz"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        list(read(tmp_path / "a.csv"))
    with pytest.raises(BadFile, match="cannot be read"):
        list(read(tmp_path))
