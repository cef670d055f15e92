"""People and their places in projects are written together, and taken away together."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.errors import LastAdmin, NotFound
from chalicelib.domain.people import Person, ProjectRole, SiteRole
from chalicelib.storage import organisations, people, projects
from chalicelib.storage.models import DirectoryRow
from tests.cast import ALICE, BOB, CAROL, EVA, HR, ROOT, STRANGER, WEB

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

    def test_of_two_changes_from_one_version_the_second_is_refused_though_no_right_is_touched(self) -> None:
        assert people.update(BOB, replace(BOB, name="Bob Bílý"))
        assert people.update(BOB, replace(BOB, language="cs")) is None
        assert people.find(BOB.email) == replace(BOB, name="Bob Bílý", version=2)

    def test_the_version_grows_with_each_change_and_the_epoch_with_rights(self) -> None:
        renamed = people.update(BOB, replace(BOB, name="Bob Bílý"))
        assert renamed
        assert (renamed.version, renamed.epoch) == (2, 1)
        demoted = people.update(renamed, replace(renamed, roles={}))
        assert demoted
        assert (demoted.version, demoted.epoch) == (3, 2)

    def test_a_row_from_before_people_had_versions_can_be_changed(self) -> None:
        """Its version was that of the sessions, and its document has none."""
        row = people.row_of(replace(BOB, epoch=4, version=4))
        row.document = {"email": BOB.email, "name": BOB.name, "language": "en", "roles": {WEB: "solver"}, "epoch": 4}
        row.save()
        known = people.find(BOB.email)
        assert known
        assert people.update(known, replace(known, name="Bob Bílý"))

    def test_whoever_is_deactivated_is_no_member_until_they_come_back(self) -> None:
        away = people.update(BOB, replace(BOB, active=False))
        assert away
        assert BOB.email not in staff(WEB)
        assert people.update(away, replace(away, active=True, name="Bob Bílý"))
        assert BOB.email in staff(WEB)

    def test_an_organisation_has_its_members_in_its_partition(self) -> None:
        placed = people.update(EVA, replace(EVA, organisation="o1"))
        assert placed
        assert members("o1") == {EVA.email: EVA.name}
        moved = people.update(placed, replace(placed, organisation="o2", name="Eva Nová"))
        assert moved
        assert (members("o1"), members("o2")) == ({}, {EVA.email: "Eva Nová"})
        assert people.update(moved, replace(moved, organisation=""))
        assert members("o2") == {}


def members(organisation_id: str) -> dict[str, str]:
    rows = DirectoryRow.query(organisations.organisation_pk(organisation_id))
    return {row.document["email"]: row.document["name"] for row in rows}


def admins() -> set[str]:
    try:
        return set(DirectoryRow.get("site", "admins").names or ())
    except DirectoryRow.DoesNotExist:
        return set()


class TestAdmins:
    def test_the_set_follows_the_roles(self) -> None:
        assert admins() == {ROOT.email}
        second = people.update(BOB, replace(BOB, site_role=SiteRole.ADMIN))
        assert second
        assert people.create(replace(NEWCOMER, site_role=SiteRole.ADMIN))
        assert admins() == {ROOT.email, BOB.email, NEWCOMER.email}
        assert people.update(second, replace(second, active=False))
        assert people.update(ROOT, replace(ROOT, site_role=SiteRole.MANAGER))
        assert admins() == {NEWCOMER.email}

    @pytest.mark.parametrize("lost", [{"site_role": None}, {"active": False}, {"site_role": None, "active": False}])
    def test_the_last_one_stays(self, lost: dict[str, Any]) -> None:
        with pytest.raises(LastAdmin):
            people.update(ROOT, replace(ROOT, **lost))
        assert people.find(ROOT.email) == ROOT
        assert admins() == {ROOT.email}

    def test_the_last_one_may_change_otherwise(self) -> None:
        assert people.update(ROOT, replace(ROOT, name="Kořen"))

    def test_a_change_that_comes_too_late_is_said_to_be_that(self) -> None:
        assert people.update(ROOT, replace(ROOT, name="Kořen"))
        assert people.update(ROOT, replace(ROOT, site_role=None)) is None

    def test_an_administrator_from_before_there_was_the_set_is_protected_too(self) -> None:
        DirectoryRow("site", "admins").delete()
        with pytest.raises(LastAdmin):
            people.update(ROOT, replace(ROOT, active=False))
        assert people.update(ROOT, replace(ROOT, name="Kořen"))
        assert admins() == {ROOT.email}


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
