"""What is made from the code is as the code has it: schema.graphql, the tables of docs/errors.md."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.errors import KenshinError
from domain.identity import FaultCode
from resolvers.refusals import Refusal
from schema import print as schema_print
from schema.error_page import error_page, kinds_of, texts_of
from schema.oauth.codes import OAuthCode
from schema.print import ERRORS, ROOT, SCHEMA, breaking, main, printed

REST = "c(id: ID): Int }  enum Kind"
BEFORE = f"type Query {{ a(id: ID): Int  b: Kind  {REST} {{ ONE TWO }}"
BROKEN = {
    f"type Query {{ b: Kind  {REST} {{ ONE TWO }}": "Field Query.a was removed.",
    f"type Query {{ a(id: ID!): Int  b: Kind  {REST} {{ ONE TWO }}": (
        "Argument Query.a(id:) has changed type from ID to ID!."
    ),
    f"type Query {{ a(id: ID): Int  b: Kind  {REST} {{ ONE }}": "Enum value Kind.TWO was removed.",
}
KEPT = [
    f"type Query {{ a(id: ID, more: Int): Int  b: Kind  d: Kind  {REST} {{ ONE TWO THREE }}",
    f'type Query {{ "Text." a(id: ID): Int!  b: Kind @deprecated  {REST} {{ ONE TWO }}',
]
CODE = re.compile(r"^\| `(\w+)` \| \S.* \|$", re.MULTILINE)


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of BEFORE, where the code would now print the last of KEPT."""
    path = tmp_path / "schema.graphql"
    monkeypatch.setattr(schema_print, "SCHEMA", path)
    monkeypatch.setattr(schema_print, "printed", lambda: {path: KEPT[-1]})
    path.write_text(BEFORE, "utf-8")
    return path


class TestFiles:
    def test_the_schema_breaks_no_client_of_the_committed_one(self) -> None:
        broken = breaking(SCHEMA.read_text("utf-8"), printed()[SCHEMA])
        assert broken == [], "`make schema BREAKING=1` accepts them, if they are meant"

    @pytest.mark.parametrize("path", [SCHEMA, ERRORS], ids=["schema", "errors"])
    def test_what_is_committed_is_what_the_code_prints(self, path: Path) -> None:
        same = path.read_text("utf-8") == printed()[path]
        assert same, f"{path.relative_to(ROOT)} is of other code: run `make schema`"


class TestBreakingChanges:
    @pytest.mark.parametrize(("now", "told"), BROKEN.items())
    def test_what_breaks_clients_is_told(self, now: str, told: str) -> None:
        assert breaking(BEFORE, now) == [told]

    @pytest.mark.parametrize("now", KEPT)
    def test_what_is_added_breaks_nobody(self, now: str) -> None:
        assert breaking(BEFORE, now) == []

    def test_nothing_is_written_that_breaks_clients_unless_it_is_meant(
        self, committed: Path
    ) -> None:
        more = BEFORE.replace("c(id", "gone: Int  c(id")
        committed.write_text(more, "utf-8")
        refused = CliRunner().invoke(main)
        assert refused.exit_code == 1
        assert "Field Query.gone was removed." in refused.output
        assert committed.read_text("utf-8") == more
        assert CliRunner().invoke(main, ["--breaking"]).exit_code == 0
        assert committed.read_text("utf-8") == KEPT[-1]

    def test_what_breaks_nobody_is_written(self, committed: Path) -> None:
        assert CliRunner().invoke(main).exit_code == 0
        assert committed.read_text("utf-8") == KEPT[-1]


class TestErrorPage:
    @pytest.mark.parametrize("kind", [Refusal, FaultCode, OAuthCode])
    def test_every_code_says_when_it_comes(self, kind: type[StrEnum]) -> None:
        assert texts_of(kind).keys() == set(kind)

    def test_every_top_level_error_says_when_it_comes(self) -> None:
        unsaid = [kind for kind in kinds_of() if kind.__doc__ == KenshinError.__doc__]
        assert [*unsaid, *(kind for kind in kinds_of() if not kind.__doc__)] == []

    def test_the_page_has_each_code_in_a_row(self) -> None:
        codes = CODE.findall(ERRORS.read_text("utf-8"))
        top = {kind.code for kind in kinds_of()} | {"INTERNAL"}
        assert set(codes) == top | set(Refusal) | set(FaultCode) | set(OAuthCode)

    def test_what_stands_around_the_tables_stays(self) -> None:
        page = "before\n<!-- table: faults -->\nold\n<!-- end -->\nafter\n"
        made = error_page(page)
        assert made.startswith("before\n<!-- table: faults -->\n| code | when |\n")
        assert made.endswith(" |\n<!-- end -->\nafter\n")
        assert "old" not in made

    def test_a_table_that_nothing_is_known_of_is_refused(self) -> None:
        with pytest.raises(KeyError, match="unknown"):
            error_page("<!-- table: unknown -->\n<!-- end -->\n")
