"""What free text may be."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.text import NAME_LENGTH, TEXT_LENGTH, block, clean, one_line, shown_name

# XML 1.0, 2.2: what a workbook or a feed can carry at all.
XML = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

anything = st.text(st.characters(exclude_categories=()), max_size=40)


class TestClean:
    @pytest.mark.parametrize(
        "char", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\udfff", "\ufffe", "\uffff"]
    )
    def test_what_cannot_be_stored_or_sent_is_refused_by_name(self, char: str) -> None:
        with pytest.raises(Invalid) as refused:
            clean(f"a{char}b", "subject")
        (error,) = refused.value.errors
        assert error.field == "subject"
        assert dict(error.values) == {"code": f"{ord(char):04X}"}

    @pytest.mark.parametrize(
        "text", ["Příliš žluťoučký kůň", "👩‍🚀 🇨🇿", "שלום", "a\tb\nc", "<b>&amp;</b>", "${x}{{y}}"]
    )
    def test_everything_else_stays_as_it_is(self, text: str) -> None:
        assert clean(text, "text") == text

    def test_letters_and_marks_are_joined(self) -> None:
        assert clean("ku\u030an\u030c", "text") == "kůň"

    @given(anything)
    def test_what_passes_can_go_anywhere(self, text: str) -> None:
        try:
            passed = clean(text, "text")
        except Invalid:
            return
        assert XML.fullmatch(passed)
        assert unicodedata.is_normalized("NFC", passed)
        assert clean(passed, "text") == passed


class TestOneLine:
    def test_white_space_is_one_space(self) -> None:
        assert one_line("  Nejde\r\n tisk\t\u00a0 faktur \u2028", "subject", 200) == "Nejde tisk faktur"

    @pytest.mark.parametrize("text", ["", "   ", "\r\n\t"])
    def test_nothing_is_refused_where_something_is_needed(self, text: str) -> None:
        with pytest.raises(Invalid):
            one_line(text, "subject", 200)
        assert one_line(text, "subject", 200, required=False) == ""

    def test_length_counts_what_is_kept(self) -> None:
        assert one_line("  " + "ů" * 200 + "  ", "subject", 200) == "ů" * 200
        with pytest.raises(Invalid) as refused:
            one_line("ů" * 201, "subject", 200)
        assert dict(refused.value.errors[0].values) == {"longest": 200, "length": 201}

    @given(anything)
    def test_it_is_one_line_and_stays_so(self, text: str) -> None:
        try:
            line = one_line(text, "subject", 200, required=False)
        except Invalid:
            return
        assert len(line.splitlines()) <= 1
        assert one_line(line, "subject", 200, required=False) == line


class TestBlock:
    def test_line_ends_are_one_kind(self) -> None:
        assert block("\r\n a\r\nb\rc\nd \n") == "a\nb\nc\nd"

    def test_inner_space_stays(self) -> None:
        assert block("a\n\n\tb  c") == "a\n\n\tb  c"

    def test_nothing_is_refused_where_something_is_needed(self) -> None:
        with pytest.raises(Invalid) as refused:
            block(" \r\n ")
        assert refused.value.errors[0].field == "text"
        assert block(" \r\n ", required=False) == ""

    def test_there_is_a_most(self) -> None:
        assert len(block("x" * TEXT_LENGTH)) == TEXT_LENGTH
        with pytest.raises(Invalid):
            block("x" * (TEXT_LENGTH + 1))

    @given(anything)
    def test_it_stays_what_it_became(self, text: str) -> None:
        try:
            became = block(text, required=False)
        except Invalid:
            return
        assert "\r" not in became
        assert block(became, required=False) == became


class TestShownName:
    def test_marks_that_turn_text_round_are_taken_out(self) -> None:
        assert shown_name("Eva\u202e avošáilE\u2066") == "Eva avošáilE"

    @pytest.mark.parametrize("text", ["", " ", "\u202e", "\u2066 \u2069"])
    def test_somebody_has_a_name(self, text: str) -> None:
        with pytest.raises(Invalid) as refused:
            shown_name(text)
        assert refused.value.errors[0].field == "name"

    def test_no_mail_header_can_hide_in_it(self) -> None:
        assert shown_name("Eva\r\nBcc: all@desk.example") == "Eva Bcc: all@desk.example"

    def test_there_is_a_most(self) -> None:
        with pytest.raises(Invalid):
            shown_name("x" * (NAME_LENGTH + 1))

    @given(anything)
    def test_it_stays_what_it_became(self, text: str) -> None:
        try:
            name = shown_name(text, required=False)
        except Invalid:
            return
        assert not set(name) & set(BIDI)
        assert shown_name(name, required=False) == name
