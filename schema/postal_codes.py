"""Postal codes as clients see them, to fill in the address of a form."""

import strawberry

from domain.postal import PlaceName as PlaceNameRecord
from domain.postal import PostalArea as PostalAreaRecord


@strawberry.type(description="Both are empty where a code names no such part of an address.")
class PlaceName:
    kanji: str = strawberry.field(description="As written in addresses.")
    kana: str = strawberry.field(description="In full-width katakana.")


@strawberry.type(description="A place of a postal code.")
class PostalArea:
    code: str = strawberry.field(description="Like 537-0001.")
    prefecture: PlaceName = strawberry.field(description="都道府県.")
    city: PlaceName = strawberry.field(description="市区町村.")
    town: PlaceName = strawberry.field(
        description="町域; empty where the code is for what the others leave."
    )
    office: str | None = strawberry.field(
        description="Who has the code alone, as those have who get much mail; null of a code of many."
    )
    block: str | None = strawberry.field(
        description="Of the office: what follows the town in its address; null without an office."
    )


def postal_area_type(area: PostalAreaRecord) -> PostalArea:
    return PostalArea(
        code=f"{area.code[:3]}-{area.code[3:]}",
        prefecture=_name(area.prefecture),
        city=_name(area.city),
        town=_name(area.town),
        office=area.office,
        block=area.block,
    )


def _name(name: PlaceNameRecord) -> PlaceName:
    return PlaceName(kanji=name.kanji, kana=name.kana)
