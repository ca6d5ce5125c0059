"""Looking up postal codes, which anybody may."""

import asyncio
from typing import Final

from datasources.postal_codes import read_postal_areas
from domain.errors import BadInput
from domain.postal import PostalArea, postal_code

_turn: Final = asyncio.Semaphore(1)
"Many look-ups at once wait here, not in the threads where passwords are judged."


async def postal_areas(text: str) -> list[PostalArea]:
    """Places of a code, none for one that is not in use; raises BadInput for what is no code."""
    code = postal_code(text)
    if code is None:
        raise BadInput("code must be seven digits like 537-0001")
    async with _turn:
        return await asyncio.to_thread(read_postal_areas, code)
