"""Fields of a project's own: which a project may have, and what may be entered into them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import own_fields
from chalicelib.domain.errors import Invalid
from chalicelib.domain.own_fields import answers, changed, checked, code_for, filled_in, hidden, in_figures
from chalicelib.domain.projects import FieldKind, OwnField

NOTE = OwnField("note", "Poznámka", FieldKind.TEXT)
SYSTEM = OwnField("system", "Systém", FieldKind.CHOICE, required=True, choices=("Linux", "macOS"))
HOURS = OwnField("hours", "Motohodiny", FieldKind.NUMBER)
SINCE = OwnField("since", "Stojí od", FieldKind.DATE)
CAUSE = OwnField("cause", "Příčina", FieldKind.TEXT, for_customers=False)
FIELDS = (NOTE, SYSTEM, HOURS, SINCE, CAUSE)


def refused(call: Any, *given: Any) -> list[str]:
    """The fields that `call` complains of."""
    with pytest.raises(Invalid) as refusal:
        call(*given)
    return [error.field for error in refusal.value.errors]


class TestDefinition:
    def test_good_ones_stay_with_their_texts_in_order(self) -> None:
        untidy = replace(SYSTEM, label="  Operační   systém ", choices=(" Linux", "macOS "))
        assert checked((untidy, NOTE)) == (replace(SYSTEM, label="Operační systém"), NOTE)
        assert checked(()) == ()

    @pytest.mark.parametrize(
        ("own", "field"),
        [
            (replace(NOTE, code=""), "code"),
            (replace(NOTE, code="Note"), "code"),
            (replace(NOTE, code="1st"), "code"),
            (replace(NOTE, code="a" * 31), "code"),
            (replace(NOTE, code="a.b"), "code"),
            (replace(NOTE, code="poznámka"), "code"),
            (replace(NOTE, code="note\n"), "code"),
            (replace(NOTE, label=" "), "label"),
            (replace(NOTE, label="x" * 81), "label"),
            (replace(NOTE, label="a\x00b"), "label"),
            (replace(NOTE, choices=("a",)), "choices"),
            (replace(SYSTEM, choices=()), "choices"),
            (replace(SYSTEM, choices=("a", " a")), "choices"),
            (replace(SYSTEM, choices=("a", "")), "choices"),
            (replace(SYSTEM, choices=("x" * 61,)), "choices"),
            (replace(SYSTEM, choices=tuple(map(str, range(51)))), "choices"),
            (replace(CAUSE, required=True), "required"),
        ],
    )
    def test_a_wrong_one_is_named_by_its_place(self, own: OwnField, field: str) -> None:
        assert refused(checked, (HOURS, own)) == [f"fields.1.{field}"]

    def test_everything_is_said_at_once(self) -> None:
        wrong = (replace(NOTE, code="", label=""), replace(SYSTEM, choices=()), replace(HOURS, code="system"))
        assert refused(checked, wrong) == ["fields.0.code", "fields.0.label", "fields.1.choices", "fields.2.code"]

    def test_at_most_twenty(self) -> None:
        many = tuple(replace(NOTE, code=f"n{number}") for number in range(21))
        assert checked(many[:20]) == many[:20]
        assert refused(checked, many) == ["fields"]


class TestCode:
    @pytest.mark.parametrize(
        ("label", "code"),
        [
            ("Výrobní číslo stroje", "vyrobni_cislo_stroje"),
            ("  E-mail!  ", "e_mail"),
            ("2. patro", "f_2_patro"),
            ("???", "field"),
            ("日本", "field"),
        ],
    )
    def test_it_is_read_off_the_label(self, label: str, code: str) -> None:
        assert code_for(label, ()) == code

    @given(st.text(max_size=100), st.sets(st.sampled_from(["field", "a", "a_2", "field_2"])))
    def test_whatever_the_label_it_is_a_good_one_of_its_own(self, label: str, taken: set[str]) -> None:
        code = code_for(label, taken)
        assert code not in taken
        assert checked((replace(NOTE, code=code),))


class TestFilling:
    def test_values_are_kept_as_text(self) -> None:
        typed = {"note": "  dvě  slova ", "system": "Linux", "hours": "1 234,5", "since": "2027-02-28"}
        assert filled_in(FIELDS, typed) == {
            "note": "dvě slova",
            "system": "Linux",
            "hours": "1234.5",
            "since": "2027-02-28",
        }

    def test_what_is_empty_is_not_kept(self) -> None:
        assert filled_in(FIELDS, {"system": "macOS", "note": " ", "hours": ""}) == {"system": "macOS"}

    @pytest.mark.parametrize(
        ("typed", "fields"),
        [
            ({}, ["fields.system"]),
            ({"system": ""}, ["fields.system"]),
            ({"system": "linux"}, ["fields.system"]),
            ({"system": "Linux", "hours": "mnoho"}, ["fields.hours"]),
            ({"system": "Linux", "hours": "1.2.3"}, ["fields.hours"]),
            ({"system": "Linux", "hours": "NaN"}, ["fields.hours"]),
            ({"system": "Linux", "hours": "1e5"}, ["fields.hours"]),
            ({"system": "Linux", "hours": "\u0663"}, ["fields.hours"]),
            ({"system": "Linux", "since": "28. 2. 2027"}, ["fields.since"]),
            ({"system": "Linux", "since": "2027-02-30"}, ["fields.since"]),
            ({"system": "Linux", "note": "x" * 201}, ["fields.note"]),
            ({"system": "Linux", "note": "a\x00"}, ["fields.note"]),
            ({"system": "Linux", "colour": "red"}, ["fields.colour"]),
            ({"system": "?", "hours": "?", "x": ""}, ["fields.system", "fields.hours", "fields.x"]),
        ],
    )  # fmt: skip
    def test_everything_wrong_is_named(self, typed: dict[str, str], fields: list[str]) -> None:
        assert refused(filled_in, FIELDS, typed) == fields

    def test_a_field_nobody_is_asked_for_is_no_field(self) -> None:
        asked = tuple(each for each in FIELDS if each.for_customers)
        assert refused(filled_in, asked, {"system": "Linux", "cause": "x"}) == ["fields.cause"]


class TestNumbers:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("7", "7"), ("-7", "-7"), ("+7", "7"), ("\u22127,5", "-7.5"), ("1 000", "1000"),
            ("1\u00a0000,25", "1000.25"),
            ("0.000001", "0.000001"), ("0.0000001", None), ("1,000.5", None), ("", None), (".5", None), ("5.", None),
            ("9" * 15, "9" * 15), ("9" * 16, None), ("0x10", None), ("1_000", None),
        ],
    )  # fmt: skip
    def test_decimal_point_and_comma(self, typed: str, kept: str | None) -> None:
        assert in_figures(typed) == kept


class TestChange:
    BEFORE: Mapping[str, str] = {"system": "Windows 7", "note": "staré", "gone": "z dřívějška"}

    def test_what_is_not_given_stays_and_what_is_emptied_goes(self) -> None:
        after = changed(FIELDS, self.BEFORE, {"note": "", "hours": "3,0"})
        assert after == {"system": "Windows 7", "gone": "z dřívějška", "hours": "3.0"}

    def test_what_is_there_already_is_no_error(self) -> None:
        assert changed(FIELDS, self.BEFORE, dict(self.BEFORE)) == self.BEFORE

    def test_a_field_that_the_project_no_longer_has_can_be_emptied(self) -> None:
        assert "gone" not in changed(FIELDS, self.BEFORE, {"gone": ""})

    @pytest.mark.parametrize(
        "given", [{"system": "Windows 8"}, {"system": ""}, {"gone": "jinak"}, {"colour": "red"}, {"since": "zítra"}]
    )
    def test_what_is_wrong_is_refused(self, given: dict[str, str]) -> None:
        assert refused(changed, FIELDS, self.BEFORE, given) == [f"fields.{next(iter(given))}"]


def test_customers_see_what_is_for_them_and_still_a_field() -> None:
    assert [hidden(FIELDS, code) for code in ("note", "cause", "gone")] == [False, True, True]


@pytest.mark.parametrize(
    ("value", "wanted", "matches"),
    [("Linux", "linux", True), ("1.5", "1,5", True), ("1.5", "1.50", False), ("Linux", "Lin", False), ("", "x", False)],
)
def test_what_a_filter_lets_through(value: str, wanted: str, matches: bool) -> None:
    assert answers(value, wanted) is matches


def test_the_limits_keep_a_project_within_one_item_of_the_table() -> None:
    choices = own_fields.MOST_FIELDS * own_fields.MOST_CHOICES * own_fields.CHOICE_LENGTH
    assert 4 * (choices + own_fields.MOST_FIELDS * own_fields.LABEL_LENGTH) < 300_000  # bytes; an item holds 400 KB
