"""`kenshin document`: documents that clients may name instead of sending them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from commands.environment import databases, read_settings, run
from datasources.collections import migrate
from domain.document_files import documents_of
from resolvers.sources import Sources
from resolvers.trusted_documents import EVERYBODY

Fault = Callable[[str], str | None]
"What is wrong with a document; None if it can be executed."


def document_commands(fault: Fault) -> click.Group:
    """The group of these commands, which knows by `fault` what can be executed."""

    @click.group(help="Documents that clients may name instead of sending them.")
    def document() -> None:
        """Group of the document commands."""

    @document.command(help="Register files of GraphQL, or manifests *.json. Again changes nothing.")
    @click.argument(
        "files",
        nargs=-1,
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    )
    @click.option(
        "--app", default=EVERYBODY, help="Id of the app they are for; without, everybody."
    )
    def register(files: tuple[Path, ...], app: str) -> None:
        documents = _read(files, fault)
        with databases(read_settings()) as settings:
            run(settings, lambda sources: _register(sources, app, documents))
        for key in documents:
            click.echo(key)

    return document


async def _register(sources: Sources, app: str, documents: Mapping[str, str]) -> None:
    await migrate(sources.mongo)
    if app != EVERYBODY and await sources.apps.by_id(app) is None:
        raise click.ClickException(f"there is no app {app}")
    taken = await sources.trusted_documents.register(app, documents, sources.clock())
    if taken is not None:
        raise click.ClickException(f"{taken} is registered with another text: give it another id")


def _read(files: tuple[Path, ...], fault: Fault) -> Mapping[str, str]:
    """Documents of files by their ids, all of them right."""
    documents: dict[str, str] = {}
    for file in files:
        try:
            found = documents_of(file.name, file.read_text("utf-8"))
        except ValueError as error:
            raise click.ClickException(f"{file}: {error}") from None
        for key, text in found.items():
            if wrong := fault(text):
                raise click.ClickException(f"{file}: {key}: {wrong}")
            if documents.setdefault(key, text) != text:
                raise click.ClickException(f"{file}: {key} is another document in another file")
    return documents
