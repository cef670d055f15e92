"""Creating, changing and archiving a project, with everybody at the door."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import desk, directory, project_admin
from chalicelib.desk import MoveRequest, SubmitOrder
from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from chalicelib.domain.people import ANONYMOUS, Actor, ProjectRole
from chalicelib.domain.projects import FieldKind, Form, OwnField, Project
from chalicelib.domain.tickets import State
from chalicelib.storage import people, projects
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    EVA,
    FRANK,
    HANA,
    HR,
    ROOT,
    STRANGER,
    WEB,
    by_form,
    by_link,
    by_token,
    called,
    signed_in,
)  # fmt: skip
from tests.stage import NETWORK, filed

pytestmark = pytest.mark.usefixtures("stage")
ADMIN = signed_in(ROOT)
SHOP = Project("SHOP", "E-shop", Form.OPEN, "cs", manager=BOB.email)
NOT_ADMINISTRATORS = [
    ANONYMOUS, by_form(ROOT), by_link(ROOT), *(signed_in(person) for person in CAST if person is not ROOT),
]  # fmt: skip
PM, SOLVER = ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER


def renamed(project: Project) -> Project:
    return replace(project, name="Jinak")


def managed_by(email: str) -> Any:
    return lambda project: replace(project, manager=email)


def roles(key: str = WEB) -> dict[str, ProjectRole]:
    """Who is what in a project, by its members; each of them knows it too."""
    found = projects.crew(key).roles
    assert {email: person.roles.get(key) for email, person in people.find_all(found).items()} == found
    return found


class TestCreate:
    def test_a_project_with_its_manager(self) -> None:
        created = project_admin.create(SHOP, ADMIN)
        assert created == projects.load("SHOP") == SHOP
        assert roles("SHOP") == {BOB.email: PM}
        assert roles()[BOB.email] is SOLVER
        assert filed(project="SHOP").number == "SHOP-1"

    def test_without_a_manager_until_there_is_one(self) -> None:
        assert project_admin.create(replace(SHOP, manager=""), by_token(ROOT)).manager == ""
        assert roles("SHOP") == {}

    def test_a_key_that_is_taken_is_a_conflict_and_changes_nothing(self) -> None:
        before = projects.load(WEB)
        with pytest.raises(Conflict):
            project_admin.create(replace(SHOP, key=WEB), ADMIN)
        assert projects.load(WEB) == before
        assert roles()[BOB.email] is SOLVER

    @pytest.mark.parametrize("email", ["nobody@nowhere.example", "gone@desk.example"])
    def test_the_manager_is_somebody_the_desk_knows(self, email: str) -> None:
        people.create(replace(STRANGER, email="gone@desk.example", active=False))
        with pytest.raises(Invalid) as refusal:
            project_admin.create(replace(SHOP, manager=email), ADMIN)
        assert [error.field for error in refusal.value.errors] == ["manager"]
        with pytest.raises(NotFound):
            projects.load("SHOP")

    def test_everything_wrong_is_said_at_once(self) -> None:
        with pytest.raises(Invalid) as refusal:
            project_admin.create(replace(SHOP, key="?", name="", auto_close_days=0), ADMIN)
        assert [error.field for error in refusal.value.errors] == ["key", "name", "auto_close_days"]

    @pytest.mark.parametrize("by", NOT_ADMINISTRATORS, ids=called)
    def test_only_administrators(self, by: Actor) -> None:
        with pytest.raises(NotAllowed):
            project_admin.create(SHOP, by)


class TestChange:
    def test_a_new_version_of_it(self) -> None:
        crew = project_admin.change(WEB, renamed, ADMIN, version=1)
        assert crew.project == projects.load(WEB)
        assert (crew.project.name, crew.project.version) == ("Jinak", 2)

    def test_the_key_stays(self) -> None:
        assert project_admin.change(WEB, lambda project: replace(project, key="NEW"), ADMIN).project.key == WEB

    def test_a_stale_version_changes_nothing(self) -> None:
        project_admin.change(WEB, renamed, ADMIN, version=1)
        with pytest.raises(StaleVersion):
            project_admin.change(WEB, lambda project: replace(project, name="Později"), ADMIN, version=1)
        assert projects.load(WEB).name == "Jinak"

    def test_whoever_names_no_version_changes_what_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody else writes between reading and writing: it is decided anew, and neither change is lost."""

        def settle(project: Project) -> Project:
            if project.version == 1:
                project_admin.change(WEB, renamed, ADMIN)
            return replace(project, projector_code="P-9")

        crew = project_admin.change(WEB, settle, ADMIN)
        assert (crew.project.name, crew.project.projector_code, crew.project.version) == ("Jinak", "P-9", 3)

    def test_whoever_names_one_is_told(self) -> None:
        def settle(project: Project) -> Project:
            project_admin.change(WEB, renamed, ADMIN)
            return replace(project, projector_code="P-9")

        with pytest.raises(StaleVersion):
            project_admin.change(WEB, settle, ADMIN, version=1)
        assert projects.load(WEB).projector_code == ""

    def test_what_is_wrong_changes_nothing(self) -> None:
        before = projects.load(WEB)
        with pytest.raises(Invalid):
            project_admin.change(WEB, lambda project: replace(project, currency="?"), ADMIN)
        assert projects.load(WEB) == before

    def test_there_is_none(self) -> None:
        for key in ("NOPE", "", "a\x00b", "x" * 3000):
            with pytest.raises(NotFound):
                project_admin.change(key, renamed, ADMIN)

    @pytest.mark.parametrize("by", NOT_ADMINISTRATORS, ids=called)
    def test_only_administrators_and_others_cannot_tell_what_there_is(self, by: Actor) -> None:
        for key in (WEB, HR, "NOPE"):
            with pytest.raises(NotAllowed):
                project_admin.change(key, renamed, by)
            with pytest.raises(NotAllowed):
                project_admin.setup(key, by)
        with pytest.raises(NotAllowed):
            project_admin.shelf(by)


class TestManager:
    def test_another_is_named_and_the_former_stays_as_a_solver(self) -> None:
        crew = project_admin.change(WEB, managed_by(BOB.email), ADMIN)
        assert crew.project.manager == BOB.email
        assert (roles()[BOB.email], roles()[ALICE.email]) == (PM, SOLVER)
        assert crew.roles == roles()

    def test_somebody_from_outside(self) -> None:
        crew = project_admin.change(WEB, managed_by(HANA.email), ADMIN)
        assert roles()[HANA.email] is PM
        assert people.find_all([HANA.email])[HANA.email].roles == {HR: PM, WEB: PM}
        assert crew.roles == roles()

    def test_the_same_one_changes_no_roles(self) -> None:
        epoch = people.find_all([ALICE.email])[ALICE.email].epoch
        project_admin.change(WEB, managed_by(ALICE.email), ADMIN)
        assert people.find_all([ALICE.email])[ALICE.email].epoch == epoch

    def test_a_change_of_rights_ends_sessions(self) -> None:
        project_admin.change(WEB, managed_by(BOB.email), ADMIN)
        assert [people.find_all([who.email])[who.email].epoch for who in (ALICE, BOB, CAROL)] == [2, 2, 1]

    def test_a_project_that_has_one_does_not_go_without(self) -> None:
        with pytest.raises(Invalid) as refusal:
            project_admin.change(WEB, managed_by(""), ADMIN)
        assert [error.field for error in refusal.value.errors] == ["manager"]

    def test_a_project_of_earlier_days_names_nobody_and_can_be_changed(self) -> None:
        project_admin.create(replace(SHOP, manager=""), ADMIN)
        people.update(BOB, people.with_role(BOB, "SHOP", PM))
        project_admin.change("SHOP", renamed, ADMIN)
        assert (projects.load("SHOP").manager, roles("SHOP")) == ("", {BOB.email: PM})
        project_admin.change("SHOP", managed_by(CAROL.email), ADMIN)
        assert roles("SHOP") == {BOB.email: SOLVER, CAROL.email: PM}

    def test_nobody_unknown(self) -> None:
        with pytest.raises(Invalid):
            project_admin.change(WEB, managed_by("nobody@nowhere.example"), ADMIN)
        assert projects.load(WEB).manager == ALICE.email


class TestArchive:
    def test_the_form_is_closed_and_open_requests_are_carried_to_their_end(self) -> None:
        ticket = filed()
        project_admin.change(WEB, lambda project: replace(project, archived=True), ADMIN)
        with pytest.raises(Invalid):
            desk.submit(SubmitOrder(WEB, "s", "t"), signed_in(EVA), NETWORK)
        assert WEB not in [project.key for project in directory.form_projects(ADMIN)]
        done = desk.move(ticket.number, MoveRequest("finish", 1), signed_in(ALICE))
        assert desk.move(ticket.number, MoveRequest("accept", done.version), signed_in(EVA)).state is State.CLOSED

    def test_and_restored(self) -> None:
        for archived in (True, False):
            project_admin.change(WEB, lambda project: replace(project, archived=archived), ADMIN)  # noqa: B023
        assert filed(FRANK).number == "WEB-1"


class TestShelf:
    def test_all_projects_with_what_is_open_and_who_manages(self) -> None:
        filed()
        filed(FRANK)
        shelf = project_admin.shelf(ADMIN)
        assert [project.key for project in shelf.projects] == [HR, "OLD", WEB]
        assert shelf.open == {HR: 0, "OLD": 0, WEB: 2}
        assert {key: person.name for key, person in shelf.managers.items()} == {
            ALICE.email: ALICE.name, HANA.email: HANA.name,
        }  # fmt: skip

    def test_one_with_its_people(self) -> None:
        filed()
        setup = project_admin.setup(WEB, ADMIN)
        assert (setup.crew.project.key, setup.open) == (WEB, 1)
        assert setup.crew.roles[EVA.email] is ProjectRole.CUSTOMER


def test_a_project_of_twenty_fields_fits() -> None:
    choices = tuple(f"{number:02}" + "ž" * 58 for number in range(50))
    fields = tuple(OwnField(f"f{number}", "Š" * 80, FieldKind.CHOICE, choices=choices) for number in range(20))
    created = project_admin.create(replace(SHOP, fields=fields), ADMIN)
    assert projects.load("SHOP").fields == created.fields == fields
