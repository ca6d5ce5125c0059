"""Whether two servers gave the same answer: instants as instants, numbers as numbers."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

_SHOWN: Final = 3


def differences(ours: Any, theirs: Any) -> list[str]:
    """The first differences of two decoded answers, a line each; none if they are the same."""
    found = _differences(ours, theirs, "")
    shown = list(islice(found, _SHOWN))
    return shown if next(found, None) is None else [*shown, "…"]


def _differences(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        for key, value in ours.items():
            yield from _differences(value, theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(one, other, f"{path}[{place}]")
    elif not _same(ours, theirs):
        yield f"{path.removeprefix('.')}: {_short(ours)} is {_short(theirs)}"


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if ours == theirs:
        return not isinstance(ours, dict)  # else with its keys in another order
    instant = _instant(ours)
    return instant is not None and instant == _instant(theirs)


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {', '.join(value)}"
    return repr(value)
