"""Which projects somebody sees, may file in, and whose members they may read."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import directory
from chalicelib.domain.errors import NotAllowed, NotFound
from chalicelib.domain.people import ANONYMOUS, Actor
from chalicelib.domain.projects import Project
from tests.cast import ALICE, BOB, CAST, DAVE, EVA, HANA, HR, ROOT, STRANGER, WEB, by_form, by_link, signed_in
from tests.stage import MEMBERS_HR, OPEN_WEB, PROJECTS

pytestmark = pytest.mark.usefixtures("stage")
MEMBERS = {DAVE.email, HANA.email, ROOT.email}


def keys(found: list[Project]) -> list[str]:
    return [project.key for project in found]


def refusal_of(read: Callable[[str, Actor], object], key: str, by: Actor) -> str:
    with pytest.raises(NotFound) as refusal:
        read(key, by)
    return str(refusal.value)


def test_the_open_form_is_everybodys_and_the_members_form_its_peoples() -> None:
    for person in CAST:
        expected = [HR, WEB] if person.email in MEMBERS else [WEB]
        assert keys(directory.form_projects(signed_in(person))) == expected, person.name
    for nobody in (ANONYMOUS, by_form(DAVE), by_link(DAVE)):
        assert keys(directory.form_projects(nobody)) == [WEB]
        assert keys(directory.visible_projects(nobody)) == [WEB]


def test_an_archived_project_takes_nothing_and_only_an_administrator_sees_it() -> None:
    assert keys(directory.visible_projects(signed_in(ROOT))) == [HR, "OLD", WEB]
    assert keys(directory.visible_projects(signed_in(ALICE))) == [WEB]
    assert refusal_of(directory.form_project, "OLD", signed_in(ROOT))


def test_a_foreign_project_and_none_look_the_same() -> None:
    for read in (directory.project, directory.form_project, directory.members):
        answers = {refusal_of(read, key, signed_in(EVA)) for key in (HR, "NOPE", "", "\ud800", "x" * 3000, "OLD")}
        assert len(answers) == 1
    assert directory.project(HR, signed_in(DAVE)).key == HR


def test_the_members_are_for_the_staff_of_the_project() -> None:
    emails = {member.email for member in directory.members(WEB, signed_in(BOB))}
    assert emails >= {ALICE.email, BOB.email, EVA.email}
    assert directory.members(HR, signed_in(ROOT))
    for other in (EVA, DAVE, STRANGER):
        with pytest.raises(NotAllowed):
            directory.members(WEB, signed_in(other))
    for nobody in (ANONYMOUS, by_form(BOB), by_link(BOB)):
        with pytest.raises(NotAllowed):
            directory.members(WEB, nobody)


def test_those_who_may_be_handed_tickets_are_the_staff() -> None:
    found = directory.staff_of((WEB, HR))
    assert {key: {member.email for member in members} for key, members in found.items()} == {
        WEB: {person.email for person in CAST if WEB in person.roles and person.email.endswith("@desk.example")},
        HR: {DAVE.email, HANA.email},
    }


def test_new_requests_go_to_the_manager_named_else_to_the_first_project_manager() -> None:
    assert directory.managers_of(list(PROJECTS)) == {WEB: ALICE.email, HR: HANA.email, "OLD": ""}
    earlier = replace(OPEN_WEB, manager="")
    assert directory.managers_of([earlier, replace(MEMBERS_HR, manager=DAVE.email)]) == {
        WEB: ALICE.email,
        HR: DAVE.email,
    }
