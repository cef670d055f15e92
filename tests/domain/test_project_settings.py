"""What a project may be set to: every setting with what is refused there, and everything at once."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies

from chalicelib import i18n
from chalicelib.domain.currencies import CURRENCIES
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.people import ProjectRole
from chalicelib.domain.project_settings import LANGUAGES, checked, refuse_loss_of_manager
from chalicelib.domain.projects import Crew, FieldKind, Form, Member, OwnField, Project
from chalicelib.domain.tickets import Type

GOOD = Project("WEB", "Weby", Form.OPEN, "cs")
PM, SOLVER = ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER


def refused(project: Project) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        checked(project)
    return [error.field for error in refusal.value.errors]


class TestChecked:
    def test_texts_are_put_in_order(self) -> None:
        untidy = replace(
            GOOD,
            key=" web ",
            name="  Weby  a e-shopy ",
            introduction="a\r\nb ",
            projector_code=" P-1 ",
            manager="A@B.cz ",
        )
        tidy = replace(
            GOOD, name="Weby a e-shopy", introduction="a\nb", projector_code="P-1", manager="a@b.cz",
        )  # fmt: skip
        assert checked(untidy) == tidy

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("key", "W"), ("key", "WE-B"), ("key", "\u010cEZ"), ("name", ""), ("name", "x" * 101), ("name", "a\x00"),
            ("language", "de"), ("language", ""), ("introduction", "x" * 2001), ("introduction", "\ud800"),
            ("manager", "nobody"), ("types", ()), ("auto_close_days", 0), ("auto_close_days", 91),
            ("projector_code", "x" * 41), ("hourly_rate", Decimal("-0.01")), ("hourly_rate", Decimal("1.005")),
            ("hourly_rate", Decimal(1000000)), ("hourly_rate", Decimal("Infinity")), ("currency", "czk"),
            ("currency", "XXX"), ("currency", "CSK"), ("currency", ""), ("vat_rate", Decimal(-1)),
            ("vat_rate", Decimal("100.01")), ("vat_rate", Decimal("0.001")),
        ],
    )  # fmt: skip
    def test_each_setting_has_its_limits(self, setting: str, value: Any) -> None:
        assert refused(replace(GOOD, **{setting: value})) == [setting]

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("auto_close_days", 1), ("auto_close_days", 90), ("hourly_rate", None), ("hourly_rate", Decimal(0)),
            ("hourly_rate", Decimal("999999.99")), ("vat_rate", Decimal(0)), ("vat_rate", Decimal(100)),
            ("currency", "EUR"), ("types", (Type.CHANGE,)), ("manager", ""), ("introduction", ""),
        ],
    )  # fmt: skip
    def test_and_takes_what_lies_within(self, setting: str, value: Any) -> None:
        assert getattr(checked(replace(GOOD, **{setting: value})), setting) == value

    def test_types_stand_in_their_order_and_once(self) -> None:
        assert checked(replace(GOOD, types=(Type.CHANGE, Type.QUESTION, Type.CHANGE))).types == (
            Type.QUESTION,
            Type.CHANGE,
        )

    def test_everything_is_said_at_once(self) -> None:
        nothing = OwnField("", "", FieldKind.TEXT)
        assert refused(replace(GOOD, key="", name="", currency="?", fields=(nothing,))) == [
            "key", "name", "fields.0.code", "fields.0.label", "currency",
        ]  # fmt: skip


class TestManager:
    @pytest.mark.parametrize(
        ("named", "roles", "manager"),
        [
            ("b@b.cz", {"a@a.cz": PM, "b@b.cz": PM}, "b@b.cz"),
            ("", {"c@c.cz": PM, "a@a.cz": PM, "0@0.cz": SOLVER}, "a@a.cz"),
            ("", {"a@a.cz": SOLVER}, ""),
            ("b@b.cz", {"a@a.cz": PM, "b@b.cz": SOLVER}, "a@a.cz"),
            ("b@b.cz", {"a@a.cz": SOLVER}, ""),
        ],
    )
    def test_the_one_named_else_the_first(self, named: str, roles: dict[str, ProjectRole], manager: str) -> None:
        crew = Crew(replace(GOOD, manager=named), tuple(Member(email, "", role) for email, role in roles.items()))
        assert crew.manager == manager
        refuse_loss_of_manager(crew, "somebody@else.cz")
        if manager:
            with pytest.raises(Conflict):
                refuse_loss_of_manager(crew, manager)


class TestTables:
    def test_the_currencies_are_those_that_babel_knows_as_legal_tender(self) -> None:
        territories = get_global("territory_currencies")
        assert {code for each in territories for code in get_territory_currencies(each, tender=True)} == CURRENCIES

    def test_the_languages_are_those_of_the_desk(self) -> None:
        assert set(LANGUAGES) == set(i18n.LANGUAGES)
