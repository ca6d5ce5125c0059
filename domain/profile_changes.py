"""What a change of the profile comes to, and what is wrong with it (MB-12).

It is never a change of the supply contract; so the number that names the contract can't be changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.identity import Fault, FaultCode, profile_faults
from domain.members import Member
from domain.profile_form import Label, ProfileForm

FieldValues = Sequence[tuple[str, str]]
"Keys and values as they were entered, in which a key may stand twice."


def repeated_faults(given: FieldValues) -> list[Fault]:
    """A fault for every key that stood there already."""
    keys = [key for key, _ in given]
    return [
        Fault(FaultCode.REPEATED, "stands there already", ("fields", str(place)))
        for place, key in enumerate(keys)
        if key in keys[:place]
    ]


def present_values(member: Member) -> dict[str, str]:
    """What a member is known by, in the portal's form or without it."""
    profile = member.profile
    known = {"name": profile.name, "kana": profile.kana, "phone": profile.phone}
    return {key: text for key, text in known.items() if text} | dict(member.fields)


def change_faults(
    form: ProfileForm, present: Mapping[str, str], given: Mapping[str, str]
) -> tuple[Fault, ...]:
    """What is wrong with the fields that are given, and with those of which one must be filled in.

    Others are not looked at: what the portal asks for by now may be more than when they were filled in.
    """
    one_of = form.one_of if any(key in given for key in form.one_of) else ()
    looked_at = {*given, *one_of}
    part = ProfileForm(tuple(field for field in form.fields if field.key in looked_at), one_of)
    values = {key: present[key] for key in one_of if key in present} | dict(given)
    return profile_faults(part, values, ("fields",))


def changed(member: Member, given: Mapping[str, str]) -> Member:
    """The member with other values; an empty one takes away what was there."""
    whole = {**member.fields, **given}
    profile = member.profile
    profile = replace(
        profile,
        name=given.get("name") or profile.name,
        kana=given.get("kana", profile.kana) or None,
        phone=given.get("phone", profile.phone) or None,
    )
    fields = {key: text for key, text in whole.items() if text}
    return replace(member, profile=profile, fields=fields)


def contract_note(company: str) -> Label:
    """What a member is told of the supply contract after a change of the profile."""
    return Label(
        ja=(
            "会員情報だけを変更しました。電気・ガスのご契約内容は変わりません。"
            f"ご契約内容の変更は、{company}へお申し出ください。"
        ),
        en=(
            "Only your member profile has changed. Your supply contract is as it was: to change it, "
            f"please ask {company}."
        ),
    )
