"""Languages: which one is chosen, and how dates, sizes and words are written in each."""

import string
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_given
from hypothesis import strategies as st

from chalicelib import i18n
from chalicelib.domain.events import EVENTS
from chalicelib.domain.guidance import FIELDS, PRIORITIES, STANDINGS, STATES, TURNS, TYPES
from chalicelib.domain.workflow import TRANSITIONS

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
# Everything the tables say to a person.
SENTENCES = [
    *(text for kind in EVENTS.values() for text in (kind.sentence, kind.headline)),
    *(text for words in STATES.values() for text in (words.label, words.meaning, words.for_requester, words.for_team)),
    *(text for row in TRANSITIONS.values() for text in (row.label, row.explanation)),
    *(text for pair in (*TYPES.values(), *TURNS.values()) for text in pair),
    *PRIORITIES.values(),
    *STANDINGS.values(),
    *FIELDS.values(),
]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


class TestCatalogue:
    @pytest.mark.parametrize("text", dict.fromkeys(SENTENCES))
    def test_what_the_tables_say_is_said_in_czech_with_the_same_blanks(self, text: str) -> None:
        czech = i18n.catalogue("cs").gettext(text)
        assert czech != text
        assert placeholders(czech) <= placeholders(text)

    def test_english_is_the_language_of_the_code(self) -> None:
        assert i18n.translated("Open the request", "en") == "Open the request"

    def test_nothing_is_nothing_and_not_the_head_of_the_catalogue(self) -> None:
        for language in i18n.LANGUAGES:
            assert i18n.translated("", language) == ""

    def test_values_are_filled_in_and_not_read(self) -> None:
        assert i18n.translated("{actor} has replied", "en", actor="{number}") == "{number} has replied"

    def test_czech_has_three_plurals(self) -> None:
        words = i18n.catalogue("cs")
        said = {words.ngettext("{count} file:", "{count} files:", count) for count in (1, 3, 5)}
        assert len(said) == 3


class TestChosen:
    @pytest.mark.parametrize(
        ("wishes", "accept", "expected"),
        [
            (("cs", "en"), None, "cs"),
            ((None, "en"), "cs", "en"),
            (("de", ""), "cs", "cs"),
            ((), "cs-CZ,cs;q=0.9,en;q=0.8", "cs"),
            ((), "en;q=0.2, cs;q=0.7", "cs"),
            ((), "de, fr;q=0.9, CS;q=0.1", "cs"),
            ((), "de", "en"),
            ((), "cs;q=0, en;q=0.1", "en"),
            ((), "cs;q=0", "en"),
            ((), "cs;q=x", "en"),
            ((), "", "en"),
            ((), None, "en"),
            ((), ",;=,q=1;;", "en"),
        ],
    )
    def test_a_wish_then_the_browser_then_english(
        self, wishes: tuple[str | None, ...], accept: str | None, expected: str
    ) -> None:
        assert i18n.chosen(*wishes, accept=accept) == expected

    @settings_of_given(deadline=None)
    @given(st.text())
    def test_no_header_is_too_strange(self, header: str) -> None:
        assert i18n.chosen(accept=header) in i18n.LANGUAGES


class TestDates:
    def test_a_moment_is_shown_in_the_zone_of_the_desk(self) -> None:
        late = datetime(2026, 6, 30, 22, 5, tzinfo=UTC)
        assert i18n.moment(late, "cs", PRAGUE) == "1. 7. 2026 0:05"
        assert i18n.moment(late, "en", PRAGUE) == "1 Jul 2026, 00:05"

    def test_a_day(self) -> None:
        assert i18n.day(date(2026, 1, 5), "cs") == "5. 1. 2026"
        assert i18n.day(date(2026, 9, 5), "en") == "5 Sept 2026"

    @pytest.mark.parametrize(
        ("back", "czech", "english"),
        [
            (timedelta(minutes=1), "před 1 minutou", "1 minute ago"),
            (timedelta(minutes=59), "před 59 minutami", "59 minutes ago"),
            (timedelta(hours=2), "před 2 hodinami", "2 hours ago"),
            (timedelta(days=1), "před 1 dnem", "1 day ago"),
            (timedelta(days=13), "před 13 dny", "13 days ago"),
            (timedelta(days=21), "před 3 týdny", "3 weeks ago"),
        ],
    )
    def test_how_long_ago(self, back: timedelta, czech: str, english: str) -> None:
        assert (i18n.ago(NOW - back, NOW, "cs"), i18n.ago(NOW - back, NOW, "en")) == (czech, english)

    def test_what_is_just_now_or_ahead_by_a_clock_is_past_all_the_same(self) -> None:
        for ahead in (timedelta(0), timedelta(seconds=5), timedelta(days=1)):
            assert i18n.ago(NOW + ahead, NOW, "en").endswith(" ago")


class TestNumbers:
    @pytest.mark.parametrize(
        ("octets", "czech", "english"),
        [
            (0, "0 B", "0 B"),
            (1023, "1\xa0023 B", "1,023 B"),
            (1536, "1,5 KB", "1.5 KB"),
            (100 * 1024 * 1024, "100 MB", "100 MB"),
            (5 * 1024**4, "5\xa0120 GB", "5,120 GB"),
        ],
    )
    def test_a_size_is_short(self, octets: int, czech: str, english: str) -> None:
        assert (i18n.size(octets, "cs"), i18n.size(octets, "en")) == (czech, english)


class TestOrder:
    def test_czech_words_stand_as_in_a_dictionary(self) -> None:
        words = ["žába", "chata", "cihla", "had", "čáp", "ihned", "Anna", "ácek", "řeka", "rak", "šnek", "sova", "zub"]
        assert sorted(words, key=lambda word: i18n.sort_key(word, "cs")) == [
            "ácek",
            "Anna",
            "cihla",
            "čáp",
            "had",
            "chata",
            "ihned",
            "rak",
            "řeka",
            "sova",
            "šnek",
            "zub",
            "žába",
        ]

    def test_english_does_not_know_our_letters(self) -> None:
        assert sorted(["chata", "cihla", "čáp"], key=lambda word: i18n.sort_key(word, "en")) == [
            "čáp",
            "chata",
            "cihla",
        ]
