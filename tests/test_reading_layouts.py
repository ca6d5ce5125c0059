"""The first lines of a file tell its layout, or what it is instead in one line."""

from pathlib import Path

import pytest

from datasources.reading_layouts import MAX_LINE_BYTES, Layout, ReadingFile, WrongFile, recognize

HALF_HOURS = [f"{half // 2}:{half % 2 * 30:02}" for half in range(48)]
DAY_HEADER = "年月日," + ",".join(HALF_HOURS)


@pytest.mark.parametrize(
    ("content", "file"),
    [
        (b",KWH/hh\n2013-01-01 00:00,1\n", (Layout.TIME_KWH, "utf-8", ",", True)),
        (b"2013/1/1 0:00\t1\r\n", (Layout.TIME_KWH, "utf-8", "\t", False)),
        (b"bad,1\n2013-01-01 00:00,1\n", (Layout.TIME_KWH, "utf-8", ",", False)),
        (b"\n2013-01-01 00:00,1\n\xff", (Layout.TIME_KWH, "utf-8", ",", False)),
        ("日時,kWh\n2013-01-01 00:00,1\n".encode("cp932"), (Layout.TIME_KWH, "cp932", ",", True)),
        (f"{DAY_HEADER}\nx\n".encode("utf-8-sig"), (Layout.DAY_ROWS, "utf-8-sig", ",", True)),
        (f"{DAY_HEADER}\nx\n".encode("cp932"), (Layout.DAY_ROWS, "cp932", ",", True)),
        (b'{"a":\n{"a":1}\n', (Layout.NDJSON, "utf-8", "", False)),
        (b"2013-01-01 00:00,1\n" * 9999, (Layout.TIME_KWH, "utf-8", ",", False)),
    ],
)
def test_the_layout_is_told_by_the_content(
    tmp_path: Path, content: bytes, file: tuple[Layout, str, str, bool]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert recognize(path) == ReadingFile(*file)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf", "an empty file"),
        (b"\r\n \n", "blank lines"),
        (b"PK\x03\x04\x14\x00", "a ZIP or Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel file"),
        (b"%PDF-1.7\n", "a PDF file"),
        (b"\x1f\x8b\x08", "a gzip file"),
        ("a,b\n".encode("utf-16"), "UTF-16 text"),
        (b"\x7fELF\x02\x00\x00", r"binary data b'\x7fELF\x02\x00\x00'"),
        (b"\x81 ,1\n", r"text that is neither UTF-8 nor Shift_JIS b'\x81 ,1'"),
        (b"hello\n", "1 column 'hello'"),
        (b"a,b,c\n1,2,3\n", "3 columns 'a,b,c'"),
        (b"a\tb\tc\r\n", r"3 columns 'a\tb\tc'"),
        (b"name,mail\na,b\n", "2 columns without a time in the first one 'a,b'"),
        (b"date,kWh\n2026-11-21,1\n", "2 columns without a time in the first one '2026-11-21,1'"),
        (b"time,kWh\n", "a header and no rows 'time,kWh'"),
        (DAY_HEADER.encode(), "a header and no rows"),
        (("日," + ",".join([*HALF_HOURS[1:], "24:00"])).encode(), "'0:30' for the time 00:00"),
        (b"2026/11/21" + b",1" * 48, "'1' for the time 00:00"),
        (b'[{"kwh":1}]\n', """JSON that is not one object a line '[{"kwh":1}]'"""),
        (b'{\n "kwh": 1\n}\n', "JSON that is not one object a line '{'"),
        (b"x" * MAX_LINE_BYTES, f"a line of more than {MAX_LINE_BYTES} bytes"),
        (b'a\rb,"c"\n', "not a CSV line"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_one_line(
    tmp_path: Path, content: bytes, found: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(WrongFile) as refusal:
        recognize(path)
    message = str(refusal.value)
    assert message.startswith('expected lines of "time,kWh", rows of a date and 48 half hours')
    assert found in message
    assert len(message.splitlines()) == 1
    assert len(message) < 250
