"""Rows of plain values kept as columns, and the JSON text of a selection of their fields."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from schema.execution.columns import FEW, Column, Shared

Row = TypeVar("Row")
Text = bytes | memoryview
Lookup = Callable[[int, int], Column]
"The column of rows `[first, end)`."

VALUE: Final = ""
"Name of the only column of a list of plain values."

_ROW_SEPARATOR: Final = b","
_WRITTEN_AT_ONCE: Final = 2048
"Rows, so that what is written stays in the cache of the processor."


class NullValue(Exception):
    """A column has a null where the schema allows none."""


class Lookups(Protocol):
    """Columns by the Python names of their fields."""

    def __getitem__(self, name: str, /) -> Lookup: ...


class KnownRows(NamedTuple):
    """Rows `[first, end)` of which `version` says what they are."""

    first: int
    end: int
    version: Hashable


class Rows(Sequence[Row], Generic[Row]):
    """Rows as columns; a sequence of row objects for whoever wants those.

    `columns` gives a column by the Python name of its field, `row` makes the object of one row. Of
    `kind` are all rows that have the same values in columns of the same name where their versions
    are the same.
    """

    def __init__(
        self,
        length: int,
        columns: Lookups,
        row: Callable[[int], Row],
        known: Sequence[KnownRows] = (),
        kind: str = "",
    ) -> None:
        self.kind = kind
        self.columns = columns
        self.known = known
        self._length = length
        self._row = row

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._row(place) for place in range(*index.indices(self._length))]
        return self._row(range(self._length)[index])

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, range(self._length))


@dataclass(frozen=True, slots=True)
class Field:
    """A column in the text of a row: what stands `before` its value, and whether it may be null."""

    before: bytes
    column: str
    nullable: bool


class KnownTexts:
    """Texts of known rows, the longest unused dropped when they pass `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._texts: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, key: Hashable) -> bytes | None:
        text = self._texts.get(key)
        if text is not None:
            self._texts.move_to_end(key)
        return text

    def those(self, keys: Sequence[Hashable]) -> list[bytes | None]:
        """Texts by their keys, None where there is none: of many at once, since each costs little."""
        found = list(map(self._texts.get, keys))
        for key, text in zip(keys, found, strict=True):
            if text is not None:
                self._texts.move_to_end(key)
        return found

    def put(self, key: Hashable, text: bytes) -> None:
        self.size += len(text) - len(self._texts.pop(key, b""))
        self._texts[key] = text
        while self.size > self.limit:
            _, dropped = self._texts.popitem(last=False)
            self.size -= len(dropped)


_SHARED: Final = KnownTexts(16 << 20)
"Rows with nothing but constants and shared columns: four spans of 24 months, or thousands of days."


class RowWriter:
    """Writes a selection of fields of rows; equal writers write equal texts of equal rows."""

    def __init__(self, fields: Sequence[Field], after: bytes) -> None:
        self._fields = tuple(fields)
        self._after = after + _ROW_SEPARATOR
        # Text, whose hash is worked out once.
        self._key = repr((self._fields, self._after))

    def texts(self, rows: Rows[Any], known: KnownTexts) -> list[Text]:
        """JSON list of the rows, in parts; raises NullValue."""
        if not len(rows):
            return [b"[]"]
        if len(rows) <= FEW and not rows.known:
            return [b"[%b]" % bytes(self._written(rows, 0, len(rows)))[:-1]]
        parts: list[Text] = [b"["]
        written = 0
        blocks = rows.known if known.limit else ()
        keys = [(self._key, rows.kind, block.version) for block in blocks]
        for block, key, text in zip(blocks, keys, known.those(keys), strict=True):
            if written != block.first:
                parts += self._anew(rows, written, block.first)
            parts.append(self._kept(rows, block, known, key) if text is None else text)
            written = block.end
        parts += self._anew(rows, written, len(rows))
        parts[-1] = memoryview(parts[-1])[:-1]
        parts.append(b"]")
        return parts

    def _anew(self, rows: Rows[Any], first: int, end: int) -> Iterator[Text]:
        for start in range(first, end, _WRITTEN_AT_ONCE):
            yield self._written(rows, start, min(start + _WRITTEN_AT_ONCE, end))

    def _kept(self, rows: Rows[Any], block: KnownRows, known: KnownTexts, key: Hashable) -> bytes:
        text = bytes(self._written(rows, block.first, block.end))
        known.put(key, text)
        return text

    def _written(self, rows: Rows[Any], first: int, end: int) -> Text:
        """Text of rows `[first, end)`, each followed by a comma."""
        pieces: list[Any] = []
        before = b""
        for field in self._fields:
            column = rows.columns[field.column](first, end)
            if column.nullable and not field.nullable:
                raise NullValue(field.column)
            before += field.before
            for piece in column.pieces:
                if isinstance(piece, bytes):
                    before += piece
                else:
                    pieces += (before, piece)
                    before = b""
        write = _few_rows if end - first <= FEW else _side_by_side
        return write(pieces, before + self._after, end - first)


def _few_rows(pieces: Sequence[Any], after: bytes, rows: int) -> bytes:
    """The same as `_side_by_side` for few rows: numpy would take longer to begin than to write."""
    constants, columns = (*pieces[::2], after), pieces[1::2]
    versions = [one.version if isinstance(one, Shared) else None for one in columns]
    key = (constants, rows, *versions)
    form = _SHARED.get(key)
    if form is None:
        form = _form(constants, columns, rows)
        _SHARED.put(key, form)
    texts = [
        one if isinstance(one, list) else one.tolist()
        for one in columns
        if not isinstance(one, Shared)
    ]
    if len(texts) == 1:
        return form % tuple(texts[0])
    return form % tuple(chain.from_iterable(zip(*texts, strict=True)))


def _form(constants: Sequence[bytes], columns: Sequence[Any], rows: int) -> bytes:
    """Rows with their constants and shared columns, and a place for each other value."""
    fixed = _escaped(constants)
    shared = [
        _escaped(one.make().tolist()) if isinstance(one, Shared) else [b"%b"] * rows
        for one in columns
    ]
    lines = zip(*shared, strict=True) if shared else [()] * rows
    return b"".join(
        text for line in lines for pair in zip_longest(fixed, line, fillvalue=b"") for text in pair
    )


def _escaped(texts: Iterable[bytes]) -> list[bytes]:
    return [text.replace(b"%", b"%%") for text in texts]


def _side_by_side(pieces: Sequence[Any], after: bytes, rows: int) -> memoryview:
    """Rows of constant texts and columns by turns, then of a constant text."""
    columns = pieces[1::2]
    widths = [one.width if isinstance(one, Shared) else one.dtype.itemsize for one in columns]
    layout = (*pieces[::2], after), tuple(widths)
    row, kind = _template(*layout)
    table = _with_shared(layout, columns, row, kind, rows)
    places = table.view(kind)
    for name, column in zip(kind.names or (), columns, strict=True):
        if not isinstance(column, Shared):
            places[name] = column
    return table.view(np.uint8).data


def _with_shared(
    layout: Hashable,
    columns: Sequence[Any],
    row: NDArray[np.void],
    kind: np.dtype[Any],
    rows: int,
) -> NDArray[np.void]:
    """Rows with their constants and shared columns, as they were written before if they were."""
    versions = [one.version if isinstance(one, Shared) else None for one in columns]
    if all(version is None for version in versions):
        return row.repeat(rows)
    key = (layout, rows, *versions)
    text = _SHARED.get(key)
    if text is None:
        table = row.repeat(rows)
        places = table.view(kind)
        for name, column in zip(kind.names or (), columns, strict=True):
            if isinstance(column, Shared):
                places[name] = column.make()
        text = table.tobytes()
        _SHARED.put(key, text)
    return np.frombuffer(bytearray(text), row.dtype)


@lru_cache
def _template(
    constants: tuple[bytes, ...], widths: tuple[int, ...]
) -> tuple[NDArray[np.void], np.dtype[Any]]:
    """One row with its constants, and where in it the pieces go: after each constant but the last."""
    places: dict[str, tuple[Any, int]] = {}
    row = b""
    for constant, width in zip(constants, widths, strict=False):
        row += constant
        places[str(len(places))] = np.dtype(f"S{width}"), len(row)
        row += bytes(width)
    row += constants[-1]
    kind: Any = {
        "names": list(places),
        "formats": [kind for kind, _ in places.values()],
        "offsets": [offset for _, offset in places.values()],
        "itemsize": len(row),
    }
    return np.frombuffer(row, f"V{len(row)}"), np.dtype(kind)
