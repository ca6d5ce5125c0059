"""Which content coding a client gets, and that what it gets decodes to the answer."""

import asyncio
import random
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.compression import (
    BROTLI,
    CODINGS,
    GZIP,
    INLINE_BYTES,
    MAX_HEADER_BYTES,
    ZSTD,
    Coding,
    compressed,
    negotiated,
    pays,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECODERS: dict[Coding, Callable[[bytes], bytes]] = {
    ZSTD: zstd.decompress,
    BROTLI: brotli.decompress,
    GZIP: lambda body: zlib.decompress(body, wbits=31),
}
ROW = (
    b'{"startAt":"2026-11-22T10:00:00+09:00","endAt":"2026-11-22T10:30:00+09:00",'
    b'"kwh":0.123,"yen":null,"quality":"SETTLED"},'
)
HEADERS = st.binary() | st.text(alphabet='gzip;q=01.,* \t"-brstdenty').map(str.encode)

WANTED = [
    (None, None),
    (b"", None),
    (b"identity", None),
    (b"deflate", None),
    (b"gzip", GZIP),
    (b"x-gzip", GZIP),
    (b"GZip", GZIP),
    (b"br", BROTLI),
    (b"zstd", ZSTD),
    (b"gzip, deflate, br, zstd", ZSTD),
    (b"gzip, deflate, br", BROTLI),
    (b"gzip, deflate", GZIP),
    (b" gzip\t,,br ,", BROTLI),
    (b"*", BROTLI),
    (b"*;q=0", None),
    (b"*;q=0, gzip", GZIP),
    (b"*, br;q=0", GZIP),
    (b"*;q=0.5, gzip", GZIP),
    (b"*, zstd;q=0.1", BROTLI),
    (b"zstd;q=0.5, br;q=0.4", ZSTD),
    (b"zstd;q=0.5, br;q=0.9", BROTLI),
    (b"br;q=0.2, gzip;q=0.201", GZIP),
    (b"br ; q=0.8 , gzip ;Q=1.000", GZIP),
    (b"br;q=1., gzip;q=0.", BROTLI),
    (b"br;q=0.000", None),
    (b"identity, gzip;q=0.5", None),
    (b"identity;q=0.5, gzip;q=0.5", GZIP),
    (b"identity;q=0", None),
    (b"identity;q=0, *", BROTLI),
    (b"gzip, gzip;q=0", None),
]

MALFORMED = [
    b";",
    b"gzip br",
    b"gzip;",
    b"gzip;q=",
    b"gzip;q=-1",
    b"gzip;q=2",
    b"gzip;q=1.001",
    b"gzip;q=0.1234",
    b"gzip;q=nan",
    b"gzip;q=1e0",
    b"gzip;level=9",
    b'"gzip"',
    b"gzip\n",
    b"\xff\xfe",
    "ｇｚｉｐ".encode(),
]


@pytest.mark.parametrize(("header", "coding"), WANTED)
def test_the_coding_that_the_client_weighs_most_is_taken(
    header: bytes | None, coding: Coding | None
) -> None:
    assert negotiated(header) is coding


@pytest.mark.parametrize("item", MALFORMED)
def test_a_malformed_item_is_as_if_it_were_not_there(item: bytes) -> None:
    assert negotiated(item) is None
    assert negotiated(item + b", gzip;q=0.5") is GZIP


@given(HEADERS)
def test_no_header_makes_negotiation_fail(header: bytes) -> None:
    assert negotiated(header) in {None, *CODINGS}


def test_a_header_over_the_limit_is_not_read() -> None:
    assert negotiated(b"br".ljust(MAX_HEADER_BYTES)) is BROTLI
    assert negotiated(b"br".ljust(MAX_HEADER_BYTES + 1)) is None


def test_a_body_that_fits_one_packet_is_not_worth_compressing() -> None:
    assert not pays(1399)
    assert pays(1400)


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.token.decode())
class TestEveryCoding:
    @given(parts=st.lists(st.binary()))
    async def test_it_decodes_to_the_parts_in_their_order(
        self, coding: Coding, parts: list[bytes]
    ) -> None:
        body = await compressed(parts, coding)
        assert DECODERS[coding](body) == b"".join(parts)
        assert await compressed([memoryview(part) for part in parts], coding) == body

    async def test_small_parts_compress_as_well_as_one_long_part(self, coding: Coding) -> None:
        rows = [ROW] * 400
        body = await compressed(rows, coding)
        assert len(body) < 400
        assert len(body) == len(await compressed([b"".join(rows)], coding))

    async def test_a_long_body_does_not_hold_the_event_loop(self, coding: Coding) -> None:
        long = random.Random(1).randbytes(INLINE_BYTES)
        compressing = asyncio.create_task(compressed([long], coding))
        await asyncio.sleep(0)
        assert not compressing.done()
        assert DECODERS[coding](await compressing) == long

    async def test_a_short_body_does_not_wait_for_a_thread(self, coding: Coding) -> None:
        compressing = asyncio.create_task(compressed([bytes(INLINE_BYTES - 1)], coding))
        await asyncio.sleep(0)
        assert compressing.done()
