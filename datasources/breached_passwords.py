"""Passwords known from leaks, to be refused for new ones (MB-4)."""

from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS


@cache
def breached_passwords() -> frozenset[str]:
    """The 30,000 most common of a leak of ten million, in lower case, with first names.

    The list itself leaves out passwords that are first names, as it has those in lists of their own.
    """
    lists = ("passwords", "female_names", "male_names")
    return frozenset(word for name in lists for word in FREQUENCY_LISTS[name])
