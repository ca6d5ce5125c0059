"""Files of portals: which line is wrong, and what becomes of a folder of them."""

from pathlib import Path

import pytest

from datasources.policy_files import WrongPolicyFile
from datasources.portal_files import read_portal, read_portals
from tests.policies import INVENTED, PORTALS, SHIPPED

TEXT = INVENTED.read_text("utf-8")


def line_of(text: str, start: str) -> int:
    """The only line that begins so."""
    (line,) = [number for number, line in enumerate(text.split("\n"), 1) if line.startswith(start)]
    return line


def faults(tmp_path: Path, text: str | bytes) -> list[str]:
    """What is wrong with a file of that content, without the file's name."""
    file = tmp_path / "aozora.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(WrongPolicyFile) as refusal:
        read_portal(file)
    lines = str(refusal.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:") for line in lines]


def test_a_right_file_is_a_portal_whose_key_is_its_name(tmp_path: Path) -> None:
    (tmp_path / "sixth.toml").write_text(TEXT, "utf-8")
    assert read_portal(tmp_path / "sixth.toml").key == "sixth"


def test_line_ends_of_windows_are_read_as_others(tmp_path: Path) -> None:
    (tmp_path / "aozora.toml").write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert read_portal(tmp_path / "aozora.toml") == PORTALS["aozora"]
    wrong = TEXT.replace("attempts = 3", "attempts = 0").replace("\n", "\r\n")
    (fault,) = faults(tmp_path, wrong)
    assert fault.startswith(f"{line_of(TEXT, 'attempts')}: lockout.attempts: ")


def test_a_folder_has_its_portals_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("not a policy", "utf-8")
    (tmp_path / "aozora.toml").write_text(TEXT, "utf-8")
    (tmp_path / "umi.toml").write_text(TEXT.replace("あおぞらの窓", "うみの窓"), "utf-8")
    found = read_portals(str(tmp_path))
    assert {key: portal.name for key, portal in found.items()} == {
        "aozora": "あおぞらの窓",
        "umi": "うみの窓",
    }


def test_without_a_folder_there_are_the_five_that_ship() -> None:
    assert read_portals() == SHIPPED
    assert len(SHIPPED) == 5


@pytest.mark.parametrize("name", [".", "none"])
def test_a_folder_without_portals_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongPolicyFile, match=r"expected a folder with portal files$"):
        read_portals(str(tmp_path / name))


class TestLines:
    def test_a_wrong_value_has_the_line_of_its_key(self, tmp_path: Path) -> None:
        text = TEXT.replace("until_hour = 0", 'until_hour = "six"')
        assert faults(tmp_path, text) == [
            (
                f"{line_of(TEXT, 'until_hour')}: lockout.until_hour: "
                "expected a whole number 0 to 23, found 'six'"
            )
        ]

    def test_a_missing_value_has_the_line_of_its_table(self, tmp_path: Path) -> None:
        text = TEXT.replace("until_hour = 0\n", "")
        assert faults(tmp_path, text) == [
            (
                f"{line_of(TEXT, '[lockout]')}: lockout.until_hour: "
                "expected a whole number 0 to 23, found nothing"
            )
        ]

    def test_a_missing_table_has_the_first_line(self, tmp_path: Path) -> None:
        text = TEXT.replace("[lockout]\nattempts = 3\nuntil_hour = 0\n", "")
        assert faults(tmp_path, text) == ["1: lockout: expected a table, found nothing"]

    def test_a_table_of_a_list_is_told_from_the_others(self, tmp_path: Path) -> None:
        text = TEXT.replace('key = "mobile"', 'key = "Mobile"')
        line = line_of(TEXT, 'key = "mobile"')
        assert faults(tmp_path, text) == [
            f"{line}: profile.fields[4].key: expected a name like postalCode, found 'Mobile'"
        ]

    def test_a_value_that_takes_several_lines_has_the_first_of_them(self, tmp_path: Path) -> None:
        text = TEXT.replace('{ key = "CLOUDY"', '{ key = "cloudy"')
        assert faults(tmp_path, text) == [
            (
                f"{line_of(TEXT, 'choices')}: profile.fields[6].choices[1].key: "
                "expected a name like NOT_TOLD, found 'cloudy'"
            )
        ]

    def test_a_text_of_several_lines_does_not_move_the_next(self, tmp_path: Path) -> None:
        text = TEXT.replace(
            'name = "あおぞらの窓"', 'name = """\n[lockout]\nattempts = 99\n"""'
        ).replace("attempts = 3", "attempts = 101")
        assert faults(tmp_path, text) == [
            (
                f"{line_of(text, 'attempts = 101')}: lockout.attempts: "
                "expected a whole number 3 to 100, found 101"
            )
        ]

    def test_an_unknown_key_has_its_line(self, tmp_path: Path) -> None:
        text = TEXT.replace("keywords = 2\n", 'keywords = 2\n"key\\nwords" = 2\n')
        assert faults(tmp_path, text) == [
            (
                f"{line_of(TEXT, 'keywords') + 1}: second_factor.'key\\nwords': "
                "unknown key; known are keywords, form"
            )
        ]

    def test_a_contradiction_has_the_line_of_the_value(self, tmp_path: Path) -> None:
        text = TEXT.replace("last_four = true", "last_four = false").replace(
            'payment_methods = ["CARD"]', "payment_methods = []"
        )
        assert faults(tmp_path, text) == [
            (
                f"{line_of(text, 'payment_methods = []')}: proof.courses[1].payment_methods: "
                "expected one or more, found none"
            )
        ]

    def test_several_faults_come_in_the_order_of_the_file(self, tmp_path: Path) -> None:
        text = (
            TEXT.replace("link_hours = 2", "link_hours = 0")
            .replace("max_addresses = 5", "max_addresses = 6")
            .replace("at_first = true", "at_first = 1")
        )
        assert [int(fault.partition(":")[0]) for fault in faults(tmp_path, text)] == [
            line_of(TEXT, "link_hours"),
            line_of(TEXT, "max_addresses"),
            line_of(TEXT, "at_first"),
        ]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('name = "a"\ncompany = \n', "2: Invalid value"),
            ('name = "a"\nname = "b"\n', "2: Cannot overwrite a value"),
            ('name = "a\n', "1: Illegal character '\\n'"),
            ('name = "a"\ncompany = """b\n\n', "4: Unterminated string (at end of document)"),
            (b'name = "a"\ncompany = "\xff"\n', "2: expected UTF-8"),
            (f"a = {'[' * 20_000}", "1: nested too deeply"),
            (f"a = {'9' * 5_000}", "1: Exceeds the limit"),
        ],
    )
    def test_what_is_no_toml_has_the_line_where_that_shows(
        self, tmp_path: Path, text: str | bytes, fault: str
    ) -> None:
        (found,) = faults(tmp_path, text)
        assert found.startswith(fault)

    def test_an_empty_file_lacks_everything(self, tmp_path: Path) -> None:
        found = faults(tmp_path, "")
        assert len(found) == 17
        assert all(fault.startswith("1: ") for fault in found)
