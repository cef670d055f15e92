"""Putting people into a project and taking them out."""

from dataclasses import replace

import pytest

from chalicelib import project_admin
from chalicelib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from chalicelib.domain.people import ANONYMOUS, Actor, ProjectRole
from chalicelib.domain.projects import Form, Project
from chalicelib.storage import people, projects
from tests.cast import (
    ALICE,
    BOB,
    CAST,
    EVA,
    HANA,
    HR,
    ROOT,
    STRANGER,
    WEB,
    by_form,
    by_link,
    called,
    signed_in,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("stage")
ADMIN = signed_in(ROOT)
PM, SOLVER, CUSTOMER = ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER, ProjectRole.CUSTOMER
NOT_ADMINISTRATORS = [
    ANONYMOUS, by_form(ROOT), by_link(ROOT), *(signed_in(person) for person in CAST if person is not ROOT),
]  # fmt: skip


def role(email: str, key: str = WEB) -> ProjectRole | None:
    """What somebody is in a project; their own record and the project's agree."""
    found = projects.crew(key).roles.get(email)
    person = people.find(email)
    assert person is not None
    assert person.roles.get(key) is found
    return found


class TestPut:
    @pytest.mark.parametrize("given", list(ProjectRole))
    def test_anybody_the_desk_knows(self, given: ProjectRole) -> None:
        member = project_admin.put_member(WEB, " HANA@desk.example ", given, ADMIN)
        assert (member.email, member.name, member.role) == (HANA.email, HANA.name, given)
        assert role(HANA.email) is given
        assert role(HANA.email, HR) is PM
        assert projects.load(WEB).manager == ALICE.email

    def test_another_role(self) -> None:
        project_admin.put_member(WEB, EVA.email, SOLVER, ADMIN)
        assert role(EVA.email) is SOLVER

    def test_the_same_again_changes_nothing(self) -> None:
        project_admin.put_member(WEB, BOB.email, SOLVER, ADMIN)
        assert (people.find(BOB.email) or BOB).epoch == 1

    def test_the_first_project_manager_is_the_manager(self) -> None:
        project_admin.create(Project("SHOP", "E-shop", Form.OPEN, "cs"), ADMIN)
        project_admin.put_member("SHOP", BOB.email, PM, ADMIN)
        assert projects.load("SHOP").manager == BOB.email
        assert role(BOB.email, "SHOP") is PM

    @pytest.mark.parametrize("given", [SOLVER, CUSTOMER])
    def test_the_manager_cannot_become_less(self, given: ProjectRole) -> None:
        with pytest.raises(Conflict):
            project_admin.put_member(WEB, ALICE.email, given, ADMIN)
        assert role(ALICE.email) is PM

    @pytest.mark.parametrize("email", ["nobody@nowhere.example", "gone@desk.example", "not an address", ""])
    def test_nobody_else(self, email: str) -> None:
        people.create(replace(STRANGER, email="gone@desk.example", active=False))
        with pytest.raises(Invalid) as refusal:
            project_admin.put_member(WEB, email, SOLVER, ADMIN)
        assert [error.field for error in refusal.value.errors] == ["email"]

    def test_a_manager_named_meanwhile_is_not_made_less(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The role and the name lie in two items: whichever comes second must see the first."""
        find = people.find
        named: list[object] = []

        def quicker(email: str) -> object:
            found = find(email)
            if not named:
                named.append(project_admin.change(WEB, lambda project: replace(project, manager=BOB.email), ADMIN))
            return found

        monkeypatch.setattr(people, "find", quicker)
        with pytest.raises(Conflict):
            project_admin.put_member(WEB, BOB.email, CUSTOMER, ADMIN)
        assert role(BOB.email) is PM

    def test_there_is_no_such_project(self) -> None:
        with pytest.raises(NotFound):
            project_admin.put_member("NOPE", BOB.email, SOLVER, ADMIN)

    @pytest.mark.parametrize("by", NOT_ADMINISTRATORS, ids=called)
    def test_only_administrators(self, by: Actor) -> None:
        for key in (WEB, HR, "NOPE"):
            with pytest.raises(NotAllowed):
                project_admin.put_member(key, STRANGER.email, SOLVER, by)
            with pytest.raises(NotAllowed):
                project_admin.remove_member(key, BOB.email, by)


class TestRemove:
    def test_somebody_is_out_and_their_sessions_end(self) -> None:
        project_admin.remove_member(WEB, BOB.email, ADMIN)
        assert role(BOB.email) is None
        assert (people.find(BOB.email) or BOB).epoch == 2

    def test_the_manager_stays(self) -> None:
        with pytest.raises(Conflict):
            project_admin.remove_member(WEB, ALICE.email, ADMIN)
        assert role(ALICE.email) is PM

    def test_the_manager_goes_once_another_is_named(self) -> None:
        project_admin.change(WEB, lambda project: replace(project, manager=BOB.email), ADMIN)
        project_admin.remove_member(WEB, ALICE.email, ADMIN)
        assert role(ALICE.email) is None

    @pytest.mark.parametrize("email", [STRANGER.email, HANA.email, "", "a\x00", "x" * 3000])
    def test_whoever_is_not_in_it(self, email: str) -> None:
        with pytest.raises(NotFound):
            project_admin.remove_member(WEB, email, ADMIN)
