"""Administrators make people and change them; nobody else does, and nobody locks themselves out."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import notifications, people_admin
from chalicelib.config import settings
from chalicelib.domain.accounts import PersonChange
from chalicelib.domain.errors import (
    Conflict,
    Invalid,
    LastAdmin,
    NotAllowed,
    NotFound,
    StaleVersion,
    TooMany,
)
from chalicelib.domain.people import ANONYMOUS, Actor, Person, ProjectRole, SiteRole
from chalicelib.people_admin import NewPerson
from chalicelib.storage import aws, organisations, people, projects
from chalicelib.storage.people import Choice
from tests.cast import ALICE, BOB, CAST, EVA, FRANK, HR, MARIE, ROOT, WEB, by_form, by_link, by_token, called, signed_in
from tests.stage import Clock, filed, mails_to

pytestmark = pytest.mark.usefixtures("stage")
BY = signed_in(ROOT)
NORA = NewPerson("nora@customer.example", "Nora Nová", "cs", projects={WEB: ProjectRole.CUSTOMER})
NO_ADMINS = [
    *(signed_in(person) for person in (ALICE, BOB, EVA, MARIE)),
    by_link(ROOT),
    by_form(ROOT),
    ANONYMOUS,
]


def jobs() -> list[dict[str, str]]:
    found = aws.sqs().receive_message(QueueUrl=settings().mail_queue_url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def known(person: Person) -> Person:
    found = people.find(person.email)
    assert found
    return found


def roles_in(key: str) -> dict[str, ProjectRole]:
    return {member.email: member.role for member in projects.crew(key).members}


class TestDoor:
    @pytest.mark.parametrize("by", NO_ADMINS, ids=called)
    def test_nobody_else_reads_or_changes_anything(self, by: Actor) -> None:
        for act in (
            lambda: people_admin.create(NORA, by),
            lambda: people_admin.person(EVA.email, by),
            lambda: people_admin.account(EVA.email, by),
            lambda: people_admin.change(EVA.email, PersonChange(name="X"), by),
            lambda: people_admin.invite(EVA.email, by),
            lambda: people_admin.listed(Choice(), by, 10, None),
            lambda: people_admin.surroundings(by),
            lambda: people_admin.all_organisations(by),
            lambda: people_admin.create_organisation("X", by),
            lambda: people_admin.rename_organisation("x", "X", by),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert known(EVA) == EVA
        assert jobs() == []


class TestCreate:
    def test_somebody_new_has_their_place_and_is_invited(self, stopped: Clock) -> None:
        made = people_admin.create(NORA, BY)
        assert made == people.find(NORA.email)
        assert (made.name, made.language, made.roles, made.invited_at) == ("Nora Nová", "cs", NORA.projects, stopped.at)
        assert roles_in(WEB)[NORA.email] is ProjectRole.CUSTOMER
        assert jobs() == [{"kind": "invite", "email": NORA.email, "language": "cs", "by": "Root"}]

    def test_an_import_may_do_without_the_mail(self) -> None:
        assert people_admin.create(replace(NORA, invite=False), BY).invited_at is None
        assert jobs() == []

    def test_a_token_of_an_administrator_will_do(self) -> None:
        assert people_admin.create(NORA, by_token(ROOT))

    def test_an_address_is_taken_once_and_nobody_is_written_to(self) -> None:
        with pytest.raises(Conflict):
            people_admin.create(replace(NORA, email="EVA@customer.example "), BY)
        assert known(EVA) == EVA
        assert jobs() == []

    @pytest.mark.parametrize(
        ("wrong", "fields"),
        [
            ({"email": "nora"}, ["email"]),
            ({"email": "a@b.cz\r\nBcc: x@y.cz"}, ["email"]),
            ({"name": "  "}, ["name"]),
            ({"name": "N\0ra"}, ["name"]),
            ({"name": "\ud800"}, ["name"]),
            ({"name": "x" * 101}, ["name"]),
            ({"projects": {"NOPE": ProjectRole.SOLVER}}, ["projects"]),
            ({"projects": {"\ud800": ProjectRole.SOLVER, "x" * 3000: ProjectRole.SOLVER}}, ["projects", "projects"]),
            ({"projects": {"OLD": ProjectRole.SOLVER}}, ["projects"]),
            ({"projects": {f"P{n:03}": ProjectRole.SOLVER for n in range(91)}}, ["projects"] * 92),
            ({"organisation": "nope"}, ["organisation"]),
            ({"organisation": "x" * 3000}, ["organisation"]),
            ({"reports_on": (WEB,)}, ["reports_on"]),
            ({"reports_on": ("NOPE",), "site_role": SiteRole.MANAGER}, ["reports_on"]),
            (
                {"name": "", "organisation": "nope", "projects": {"OLD": ProjectRole.SOLVER}},
                ["projects", "organisation", "name"],
            ),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_is_wrong_is_all_said_and_nothing_is_made(self, wrong: dict[str, Any], fields: list[str]) -> None:
        with pytest.raises(Invalid) as refused:
            people_admin.create(replace(NORA, **wrong), BY)
        assert [error.field for error in refused.value.errors] == fields
        assert people.find(NORA.email) is None
        assert jobs() == []


class TestChange:
    def test_what_is_not_said_stays(self) -> None:
        assert people_admin.change(MARIE.email, PersonChange(), BY) == MARIE
        after = people_admin.change(MARIE.email, PersonChange(name="Marie Velká"), BY)
        assert after == replace(MARIE, name="Marie Velká", version=2)

    def test_all_of_it_at_once(self) -> None:
        acme = people_admin.create_organisation("Acme", BY)
        order = PersonChange(
            version=1,
            name="Eva Nová",
            language="en",
            site_role=SiteRole.MANAGER,
            organisation=acme.id,
            projects={HR: ProjectRole.SOLVER},
            reports_on=(WEB, HR, WEB),
        )
        after = people_admin.change(EVA.email, order, BY)
        assert (after.name, after.language, after.site_role) == ("Eva Nová", "en", SiteRole.MANAGER)
        assert (after.organisation, after.roles, after.reports_on) == (acme.id, {HR: ProjectRole.SOLVER}, (HR, WEB))
        assert after == people.find(EVA.email)
        assert EVA.email not in roles_in(WEB)
        assert roles_in(HR)[EVA.email] is ProjectRole.SOLVER

    def test_who_is_no_manager_any_more_reads_no_reports(self) -> None:
        after = people_admin.change(MARIE.email, PersonChange(clear_site_role=True), BY)
        assert (after.site_role, after.reports_on) == (None, ())

    def test_an_old_version_changes_nothing(self) -> None:
        people_admin.change(EVA.email, PersonChange(version=1, language="en"), BY)
        with pytest.raises(StaleVersion):
            people_admin.change(EVA.email, PersonChange(version=1, name="X"), BY)
        assert known(EVA).name == EVA.name

    def test_without_a_version_it_goes_onto_whatever_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody is quicker between the reading and the writing."""
        written = people.update

        def overtaken(before: Person, after: Person) -> Person | None:
            monkeypatch.setattr(people, "update", written)
            written(before, replace(before, language="en"))
            return written(before, after)

        monkeypatch.setattr(people, "update", overtaken)
        after = people_admin.change(EVA.email, PersonChange(name="Eva Nová"), BY)
        assert (after.name, after.language, after.version) == ("Eva Nová", "en", 3)

    @pytest.mark.parametrize("email", ["nobody@elsewhere.example", "nobody", "\ud800@x.cz", "x" * 3000, ""])
    def test_nobody_is_there(self, email: str) -> None:
        for act in (
            lambda: people_admin.change(email, PersonChange(name="X"), BY),
            lambda: people_admin.person(email, BY),
            lambda: people_admin.account(email, BY),
            lambda: people_admin.invite(email, BY),
        ):
            with pytest.raises(NotFound):
                act()

    def test_a_place_in_an_archived_project_may_stay_but_not_come(self) -> None:
        placed = people.update(EVA, people.with_role(EVA, "OLD", ProjectRole.CUSTOMER))
        assert placed
        order = PersonChange(projects={"OLD": ProjectRole.CUSTOMER})
        assert people_admin.change(EVA.email, order, BY).roles == {"OLD": ProjectRole.CUSTOMER}
        with pytest.raises(Invalid):
            people_admin.change(FRANK.email, order, BY)

    @pytest.mark.parametrize("order", [PersonChange(clear_site_role=True), PersonChange(active=False)], ids=str)
    def test_nobody_takes_their_own_rights_even_where_others_have_them(self, order: PersonChange) -> None:
        people_admin.change(BOB.email, PersonChange(site_role=SiteRole.ADMIN), BY)
        with pytest.raises(Conflict):
            people_admin.change(ROOT.email, order, BY)
        assert known(ROOT) == ROOT

    def test_an_administrator_may_change_their_own_name_and_places(self) -> None:
        order = PersonChange(name="Kořen", projects={WEB: ProjectRole.SOLVER})
        assert people_admin.change(ROOT.email, order, BY).site_role is SiteRole.ADMIN

    def test_the_last_administrator_stays_though_somebody_who_was_one_asks(self) -> None:
        """The right of whoever asks may have ended a moment ago."""
        former = signed_in(replace(BOB, site_role=SiteRole.ADMIN))
        for order in (PersonChange(site_role=SiteRole.MANAGER), PersonChange(active=False)):
            with pytest.raises(LastAdmin):
                people_admin.change(ROOT.email, order, former)
        assert known(ROOT) == ROOT


class TestInvite:
    def test_the_mail_says_who_where_and_how(self) -> None:
        people_admin.create(NORA, signed_in(replace(ROOT, name="Radek <Root>")))
        for job in jobs():
            notifications.run_job(job)
        [mail] = mails_to(Person(NORA.email, "", "cs"))
        assert mail.subject == "Váš přístup do služby Pythagoras Helpdesk"
        assert "Radek <Root> vás zve do služby Pythagoras Helpdesk" in mail.text
        assert "Radek &lt;Root&gt;" in mail.html
        assert "Heslo nepotřebujete: přihlásíte se adresou nora@customer.example" in mail.text
        assert "https://desk.example/sign-in" in mail.text
        assert 'href="https://desk.example/sign-in"' in mail.html
        assert '<html lang="cs">' in mail.html

    def test_it_is_written_in_the_language_of_the_person(self) -> None:
        people_admin.create(replace(NORA, language="en"), BY)
        for job in jobs():
            notifications.run_job(job)
        assert mails_to(Person(NORA.email, "", "en"))[0].subject == "Your access to Pythagoras Helpdesk"

    def test_it_can_be_sent_again_three_times_a_day(self, stopped: Clock) -> None:
        people_admin.create(NORA, BY)
        stopped.forward(hours=1)
        assert people_admin.invite(NORA.email, BY).invited_at == stopped.at
        people_admin.invite(NORA.email, BY)
        with pytest.raises(TooMany):
            people_admin.invite(NORA.email, BY)
        assert len(jobs()) == 3
        stopped.forward(days=1)
        people_admin.invite(NORA.email, BY)

    def test_whoever_has_signed_in_or_is_out_is_not_invited(self, stopped: Clock) -> None:
        people.update(EVA, replace(EVA, confirmed_at=stopped.at))
        people.update(FRANK, replace(FRANK, active=False))
        for person in (EVA, FRANK):
            with pytest.raises(Conflict):
                people_admin.invite(person.email, BY)
        assert jobs() == []

    def test_whoever_was_deactivated_meanwhile_gets_no_mail(self) -> None:
        people_admin.create(NORA, BY)
        people_admin.change(NORA.email, PersonChange(active=False), BY)
        for job in jobs():
            notifications.run_job(job)
        assert mails_to(Person(NORA.email, "", "cs")) == []


class TestList:
    def test_all_in_the_order_of_their_addresses_page_by_page(self) -> None:
        seen, cursor = [], None
        while True:
            page, cursor = people_admin.listed(Choice(), BY, 4, cursor)
            seen += [person.email for person in page]
            if cursor is None:
                break
        assert seen == sorted(person.email for person in CAST)

    def test_by_the_beginning_of_the_address(self) -> None:
        page, _ = people_admin.listed(Choice(prefix=" FRA"), BY, 10, None)
        assert [person.email for person in page] == [FRANK.email]
        for odd in ("%", "\ud800", "x" * 3000, "fra\0", "zzz", "š"):
            assert people_admin.listed(Choice(prefix=odd), BY, 10, None) == ([], None)

    def test_of_one_project(self) -> None:
        page, cursor = people_admin.listed(Choice(project=HR), BY, 1, None)
        rest, end = people_admin.listed(Choice(project=HR), BY, 5, cursor)
        assert [person.email for person in page + rest] == ["dave@desk.example", "hana@desk.example"]
        assert end is None
        assert people_admin.listed(Choice(project="NOPE"), BY, 5, None) == ([], None)
        only_bob, _ = people_admin.listed(Choice(project=WEB, prefix="bob"), BY, 5, None)
        assert only_bob == [BOB]

    def test_of_one_organisation(self) -> None:
        acme = people_admin.create_organisation("Acme", BY)
        for person in (EVA, FRANK):
            people_admin.change(person.email, PersonChange(organisation=acme.id), BY)
        page, _ = people_admin.listed(Choice(organisation=acme.id), BY, 5, None)
        assert [person.email for person in page] == [EVA.email, FRANK.email]
        people_admin.change(EVA.email, PersonChange(organisation=""), BY)
        assert [each.email for each in people_admin.listed(Choice(organisation=acme.id), BY, 5, None)[0]] == [
            FRANK.email
        ]

    def test_of_both_at_once_there_is_no_index(self) -> None:
        with pytest.raises(Invalid):
            people_admin.listed(Choice(project=WEB, organisation="x"), BY, 5, None)

    def test_a_cursor_belongs_to_its_list(self) -> None:
        _, cursor = people_admin.listed(Choice(), BY, 2, None)
        with pytest.raises(Invalid):
            people_admin.listed(Choice(prefix="a"), BY, 2, cursor)


class TestOrganisations:
    def test_made_renamed_and_listed(self) -> None:
        acme = people_admin.create_organisation("  Acme   s.r.o. ", BY)
        assert acme.name == "Acme s.r.o."
        renamed = people_admin.rename_organisation(acme.id, "Acme a.s.", BY, acme.version)
        assert people_admin.all_organisations(BY) == [renamed]
        assert people_admin.rename_organisation(acme.id, "Acme a.s.", BY) == renamed

    def test_names_are_their_own_however_they_are_written(self) -> None:
        acme, other = (people_admin.create_organisation(name, BY) for name in ("Řezník", "Pekař"))
        for taken in ("řezník", "ŘEZNÍK", "R\u030cezni\u0301k"):
            with pytest.raises(Conflict):
                people_admin.create_organisation(taken, BY)
            with pytest.raises(Conflict):
                people_admin.rename_organisation(other.id, taken, BY)
        assert {each.name for each in people_admin.all_organisations(BY)} == {"Řezník", "Pekař"}
        assert acme == organisations.load(acme.id)

    @pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\0b", "\ud800"])
    def test_what_is_no_name(self, name: str) -> None:
        acme = people_admin.create_organisation("Acme", BY)
        with pytest.raises(Invalid):
            people_admin.create_organisation(name, BY)
        with pytest.raises(Invalid):
            people_admin.rename_organisation(acme.id, name, BY)

    def test_an_old_version_and_none_at_all(self) -> None:
        acme = people_admin.create_organisation("Acme", BY)
        people_admin.rename_organisation(acme.id, "Acme a.s.", BY)
        with pytest.raises(StaleVersion):
            people_admin.rename_organisation(acme.id, "Acme spol.", BY, acme.version)
        with pytest.raises(NotFound):
            people_admin.rename_organisation("nope", "Acme spol.", BY)


def test_requests_are_theirs_whoever_administers_them() -> None:
    """Changing a person touches no request."""
    ticket = filed(EVA)
    people_admin.change(EVA.email, PersonChange(projects={}), BY)
    assert ticket.requester.email == EVA.email
