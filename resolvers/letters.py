"""Printing the letters of the outbox: all that wait into one file, and then they are sent."""

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from datasources.letters import Letter, LetterPrinter, UnprintableLetter
from domain.outbox import Channel, Dispatch
from domain.slots import TOKYO
from resolvers.sources import Sources

_LETTERS_PER_FILE: Final = 5_000
"They are printed long before their lease is over."
_LEASE: Final = timedelta(minutes=10)
"What is taken and not printed, because the run was ended, can be printed after that."


@dataclass(frozen=True, slots=True)
class Printed:
    """What a run has printed; the files are None if there was nothing to print."""

    letters: int
    given_up: int
    files: tuple[Path, Path] | None


async def print_letters(
    sources: Sources, folder: Path, progress: Callable[[int], object]
) -> Printed:
    """Print the waiting letters; more than one file holds wait for another call.

    They count as sent once the files are on the disk. A run that ends before that, in whatever way,
    leaves them to the next one, which prints them again with the same ids. `progress` is told of every
    letter. Raises OSError for a folder that cannot be written.
    """
    batch = secrets.token_hex(3)
    first = await sources.outbox.take(Channel.LETTER, batch, _LEASE)
    if first is None:
        return Printed(0, 0, None)
    with closing(LetterPrinter(folder, sources.clock())) as printer:
        return await _print(sources, printer, batch, first, progress)


async def _print(
    sources: Sources,
    printer: LetterPrinter,
    batch: str,
    first: Dispatch,
    progress: Callable[[int], object],
) -> Printed:
    outbox = sources.outbox
    done: list[str] = []
    given_up = 0
    dispatch: Dispatch | None = first
    while dispatch:
        try:
            printer.add(_letter(sources, dispatch))
            done.append(dispatch.id)
        except UnprintableLetter as error:
            await outbox.give_up(dispatch.id, batch, str(error))
            given_up += 1
        progress(1)
        more = len(done) < _LETTERS_PER_FILE
        dispatch = await outbox.take(Channel.LETTER, batch, _LEASE) if more else None
    if not done:
        return Printed(0, given_up, None)
    files = printer.write(f"letters-{sources.clock().astimezone(TOKYO):%Y%m%d-%H%M%S}-{batch}")
    await outbox.sent(done)
    return Printed(len(done), given_up, files)


def _letter(sources: Sources, dispatch: Dispatch) -> Letter:
    message = dispatch.message
    portal = sources.portals.get(message.portal)
    if portal is None:
        raise UnprintableLetter("UNKNOWN_PORTAL")
    text = sources.mail_texts[message.kind, message.language]
    return Letter(dispatch, text.filled(message, portal))
