"""People and their places in projects are written together, and taken away together."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.people import Person, ProjectRole
from chalicelib.storage import people, projects
from tests.cast import ALICE, BOB, CAROL, HR, STRANGER, WEB

pytestmark = pytest.mark.usefixtures("stage")
NEWCOMER = Person("nora@desk.example", "Nora Nová", "cs", roles={WEB: ProjectRole.SOLVER})


def staff(key: str) -> set[str]:
    return {contact.email for contact in projects.crew(key).staff}


class TestFind:
    def test_somebody_is_found_as_they_are(self) -> None:
        assert people.find(BOB.email) == BOB
        assert people.find("nobody@elsewhere.example") is None

    def test_several_are_found_and_the_unknown_are_absent(self) -> None:
        assert people.find_all([BOB.email, "nobody@elsewhere.example", ALICE.email, BOB.email]) == {
            BOB.email: BOB,
            ALICE.email: ALICE,
        }
        assert people.find_all([]) == {}


class TestCreate:
    def test_a_new_person_is_there_with_their_memberships(self) -> None:
        assert people.create(NEWCOMER)
        assert people.find(NEWCOMER.email) == NEWCOMER
        assert NEWCOMER.email in staff(WEB)

    def test_an_address_is_taken_once(self) -> None:
        assert not people.create(replace(BOB, name="Somebody else"))
        assert people.find(BOB.email) == BOB


class TestUpdate:
    def test_a_new_role_is_one_in_the_project_too(self) -> None:
        assert people.update(STRANGER, people.with_role(STRANGER, HR, ProjectRole.SOLVER))
        assert STRANGER.email in staff(HR)

    def test_whoever_loses_their_role_is_no_member_any_more(self) -> None:
        assert people.update(BOB, replace(BOB, roles={}))
        assert BOB.email not in {member.email for member in projects.crew(WEB).members}

    def test_a_new_name_is_the_name_among_the_members(self) -> None:
        assert people.update(CAROL, replace(CAROL, name="Carol Zelená"))
        assert "Carol Zelená" in {member.name for member in projects.crew(WEB).members}

    def test_of_two_changes_of_rights_from_one_state_the_second_is_refused(self) -> None:
        assert people.update(BOB, replace(BOB, active=False))
        assert not people.update(BOB, replace(BOB, roles={HR: ProjectRole.SOLVER}))
        assert BOB.email not in staff(HR)


class TestProjects:
    def test_what_is_not_there_and_what_is_no_key_look_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """moto would look up what DynamoDB refuses as a key, so that such a key must not get there at all."""
        for key in ("NOPE", "", "web", "\ud800", "X" * 3000, "WEB\0"):
            if key != "NOPE":
                monkeypatch.setattr(projects, "project_pk", None)
            for read in (projects.load, projects.crew):
                with pytest.raises(NotFound):
                    read(key)

    def test_a_crew_is_the_project_with_its_members(self) -> None:
        crew = projects.crew(WEB)
        assert crew.project.key == WEB
        assert [contact.email for contact in crew.project_managers] == [ALICE.email]
        assert staff(WEB) == {ALICE.email, BOB.email, CAROL.email}

    def test_all_are_listed_in_the_order_of_their_keys(self) -> None:
        assert [project.key for project in projects.every()] == [HR, "OLD", WEB]
