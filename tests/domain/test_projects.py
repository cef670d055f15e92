"""Who may file where, and what a project key and a ticket number look like."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.people import ANONYMOUS, Actor
from chalicelib.domain.projects import Form, Project, project_key
from chalicelib.domain.tickets import project_of
from tests.cast import (
    ALICE,
    BOB,
    CAST,
    DAVE,
    EVA,
    MARIE,
    ROOT,
    STRANGER,
    WEB,
    by_form,
    by_link,
    by_token,
    called,
    signed_in,
)

OPEN = Project(WEB, "Weby", Form.OPEN, "cs")
MEMBERS = replace(OPEN, form=Form.MEMBERS)


class TestFiling:
    @pytest.mark.parametrize("actor", [ANONYMOUS, by_form(STRANGER), *map(signed_in, CAST)], ids=called)
    def test_an_open_form_takes_anybody(self, actor: Actor) -> None:
        assert OPEN.takes_requests_of(actor)

    @pytest.mark.parametrize("actor", [*map(signed_in, (ALICE, BOB, EVA, ROOT)), by_token(EVA)], ids=called)
    def test_a_members_form_takes_members_and_administrators(self, actor: Actor) -> None:
        assert MEMBERS.takes_requests_of(actor)

    @pytest.mark.parametrize(
        "actor", [ANONYMOUS, by_form(EVA), by_link(EVA), *map(signed_in, (DAVE, MARIE, STRANGER))], ids=called
    )
    def test_and_nobody_else(self, actor: Actor) -> None:
        assert not MEMBERS.takes_requests_of(actor)

    @pytest.mark.parametrize("project", [OPEN, MEMBERS], ids=lambda project: project.form)
    def test_an_archived_project_takes_nothing(self, project: Project) -> None:
        for person in CAST:
            assert not replace(project, archived=True).takes_requests_of(signed_in(person))

    def test_a_done_request_closes_after_14_days_unless_set(self) -> None:
        assert OPEN.auto_close_days == 14


class TestKeyAndNumber:
    @pytest.mark.parametrize(("text", "key"), [("WEB", "WEB"), (" web2 ", "WEB2"), ("ab", "AB"), ("A" * 10, "A" * 10)])
    def test_a_key_is_capital_letters_and_digits(self, text: str, key: str) -> None:
        assert project_key(text) == key

    @pytest.mark.parametrize(
        "text", ["", "A", "2WEB", "WE-B", "WEB 2", "A" * 11, "ČEZ", "\u00dfx", "\u0131x", "W\u0665"]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(Invalid):
            project_key(text)

    @given(st.from_regex(r"[A-Z][A-Z0-9]{1,9}", fullmatch=True), st.integers(1, 9_999_999_999))
    def test_the_project_is_read_off_the_number(self, key: str, number: int) -> None:
        assert project_of(f"{key}-{number}") == key == project_key(key.lower())

    @pytest.mark.parametrize(
        "number",
        ["", "WEB", "WEB-", "WEB-0", "WEB-01", "web-1", "WEB-1\n", " WEB-1", "WEB-1a", "WEB-\u0661", "-1", "W-1"],
    )
    def test_what_is_no_number_has_no_project(self, number: str) -> None:
        assert project_of(number) is None
