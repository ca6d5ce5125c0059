"""How much an answer comes to, counted in the answer itself."""

from typing import Any


def objects(data: Any) -> int:
    """Objects and list items below the root of an answer."""
    if isinstance(data, dict):
        return sum(objects(value) + isinstance(value, dict) for value in data.values())
    if isinstance(data, list):
        return len(data) + sum(map(objects, data))
    return 0
