"""What a portal asks its members for beside ID, password and address: the fields of its forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from domain.policy_tables import Shaped, WrongValue
from domain.text_forms import Characters, Length, TextForm


@dataclass(frozen=True, slots=True)
class Label:
    """What people read, in Japanese and English."""

    ja: str
    en: str


class FieldForm(StrEnum):
    """What a value looks like."""

    TEXT = "TEXT"
    POSTAL_CODE = "POSTAL_CODE"
    PHONE = "PHONE"
    "Half-width digits; hyphens may stand between them."
    HYPHENATED_PHONE = "HYPHENATED_PHONE"
    MONTH = "MONTH"
    "A year and a month: 1980-04."
    COUNT = "COUNT"
    "A whole number 1 to 99."
    CHOICE = "CHOICE"


PATTERNS: Final = {
    FieldForm.POSTAL_CODE: "[0-9]{3}-?[0-9]{4}",
    FieldForm.PHONE: "0(?:-?[0-9]){9,10}",
    FieldForm.HYPHENATED_PHONE: ("(?=(?:-?[0-9]){10,11}$)0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}"),
    FieldForm.MONTH: "(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])",
    FieldForm.COUNT: "[1-9][0-9]?",
}
"The forms that are the same in every portal (see `domain.text_forms` for what a pattern is)."

LENGTHS: Final = {
    FieldForm.POSTAL_CODE: 8,
    FieldForm.PHONE: 21,
    FieldForm.HYPHENATED_PHONE: 13,
    FieldForm.MONTH: 7,
    FieldForm.COUNT: 2,
}
"The longest values of these forms."


class Asked(StrEnum):
    """When a field is first asked for; it can be changed whenever the member is logged in."""

    REGISTRATION = "REGISTRATION"
    FIRST_LOGIN = "FIRST_LOGIN"
    LATER = "LATER"


Key = Annotated[str, Shaped("[a-z][A-Za-z0-9]{0,39}", "a name like postalCode")]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a CHOICE."""

    key: Annotated[str, Shaped("[A-Z0-9][A-Z0-9_]{0,39}", "a name like NOT_TOLD")]
    label: Label


@dataclass(frozen=True, slots=True)
class ProfileField:
    """A field of a member's profile or of the proof of identity."""

    key: Key
    label: Label
    form: FieldForm
    required: bool
    asked: Asked
    characters: Characters | None = None
    "Of a TEXT."
    max_length: Length | None = None
    "Of a TEXT."
    choices: tuple[Choice, ...] = ()
    "Of a CHOICE."

    @property
    def text_form(self) -> TextForm | None:
        """Length and characters of a TEXT; None for other forms."""
        if self.characters is None or self.max_length is None:
            return None
        return TextForm(1, self.max_length, self.characters)

    @property
    def pattern(self) -> str:
        """Pattern of a value that is not empty."""
        if text := self.text_form:
            return text.pattern
        if self.form is FieldForm.CHOICE:
            return "|".join(choice.key for choice in self.choices)
        return PATTERNS[self.form]

    @property
    def length(self) -> int:
        """Code points of the longest value."""
        if self.form is FieldForm.CHOICE:
            return max(len(choice.key) for choice in self.choices)
        return self.max_length or LENGTHS[self.form]

    def contradictions(self) -> Iterator[WrongValue]:
        is_text, is_choice = self.form is FieldForm.TEXT, self.form is FieldForm.CHOICE
        for name, value in (("characters", self.characters), ("max_length", self.max_length)):
            if is_text != (value is not None):
                yield WrongValue((name,), _misplaced(is_text, FieldForm.TEXT))
        if is_choice != bool(self.choices):
            yield WrongValue(("choices",), _misplaced(is_choice, FieldForm.CHOICE))
        yield from repeated("choices", [choice.key for choice in self.choices])


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """All fields, in the order of the form."""

    fields: tuple[ProfileField, ...] = ()
    one_of: tuple[Key, ...] = ()
    "Of these fields at least one must be filled in (MB-12)."

    def field(self, key: str) -> ProfileField | None:
        return next((field for field in self.fields if field.key == key), None)

    def asked_at(self, asked: Asked) -> "ProfileForm":
        """The part of the form that is first asked for then."""
        fields = tuple(field for field in self.fields if field.asked is asked)
        keys = {field.key for field in fields}
        return ProfileForm(fields, tuple(key for key in self.one_of if key in keys))

    def contradictions(self) -> Iterator[WrongValue]:
        yield from repeated("fields", [field.key for field in self.fields])
        if len(self.one_of) == 1:
            yield WrongValue(("one_of",), "expected two fields or more, found one")
        for place, key in enumerate(self.one_of):
            if self.field(key) is None:
                yield WrongValue(("one_of", place), f"expected the key of a field, found {key!r}")


def repeated(name: str, keys: list[str]) -> Iterator[WrongValue]:
    """What stands twice in a list that must not."""
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield WrongValue((name, place), f"{key} stands there already")


def _misplaced(expected: bool, form: FieldForm) -> str:
    return f"expected with form {form}" if expected else f"only a field of form {form} has it"
