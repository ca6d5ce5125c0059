"""Selections of an operation, fragments put in their places."""

from tests.limits.refused import refusal


def message(most: int) -> str:
    return (
        f"an operation must have at most {most} fields and fragments, those of fragments counted "
        "wherever they are put"
    )


def test_an_operation_may_have_as_many_as_the_setting_says_and_no_more() -> None:
    text = "query { a { b ...f } } fragment f on T { c }"
    assert refusal(text, max_selections=4) is None
    assert refusal(text, max_selections=3) == message(3)


def test_a_fragment_counts_wherever_it_is_put_and_once_beside_itself() -> None:
    text = "query { a { ...f ...f } b { ...f } } fragment f on T { c d }"
    assert refusal(text, max_selections=9) is None
    assert refusal(text, max_selections=8) == message(8)


def test_fragments_that_double_each_other_are_not_followed_to_their_end() -> None:
    doubling = "".join(
        f"fragment f{place} on T {{ a {{ ...f{place + 1} }} b {{ ...f{place + 1} }} }}\n"
        for place in range(18)
    )
    text = f"query {{ ...f0 }} {doubling} fragment f18 on T {{ a }}"
    assert refusal(text) == message(2000)


def test_of_several_operations_each_has_so_many() -> None:
    assert refusal("query A { a b } query B { a b }", max_selections=2) is None
