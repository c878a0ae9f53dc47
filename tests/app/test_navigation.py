"""The navigation and its keys."""

from collections import Counter

from app.navigation import ENTRIES, SETTINGS

PERSON = "g q"  # the person's own menu
MOST_ON_A_PHONE = 5  # with the search and the menu: seven times 44 px fit into 390


class TestEntries:
    def test_have_a_key_each(self) -> None:
        keys = Counter([entry.key for entry in (*ENTRIES, *SETTINGS)] + [PERSON])

        assert [key for key, number in keys.items() if number > 1] == []

    def test_fit_into_the_bar_of_a_phone(self) -> None:
        assert sum(entry.phone for entry in ENTRIES) <= MOST_ON_A_PHONE
