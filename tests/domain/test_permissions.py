"""Every act by everybody, against a table typed out here; and what does not exist looks like what is not theirs."""

from dataclasses import replace
from itertools import product as every

import pytest

from chalicelib.domain.errors import NotAllowed, NotFound
from chalicelib.domain.people import ANONYMOUS, SYSTEM, Actor, Person, ProjectRole, SiteRole, Via
from chalicelib.domain.permissions import PERMISSIONS, TEAM, Act, Standing, may, require, standings
from chalicelib.domain.tickets import State
from chalicelib.domain.workflow import ChangeOrder, MoveOrder, change, comment, move, moves, unwatch, watch
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    DAVE,
    EVA,
    FRANK,
    HANA,
    HR,
    MARIE,
    OTHER_NUMBER,
    PROJECT,
    ROOT,
    STRANGER,
    WANDA,
    WEB,
    a_ticket,
    by_form,
    by_link,
    by_token,
    called,
    signed_in,
    stamp,
)

EVERYTHING = "read read_internal reply note change watch manage_watchers"

# At a ticket of WEB that Eva filed, Bob has in hand and Wanda watches.
EXPECTED = {
    ALICE.email: EVERYTHING,
    ROOT.email: EVERYTHING,
    BOB.email: EVERYTHING,
    CAROL.email: "read read_internal reply note watch manage_watchers",
    EVA.email: "read reply watch manage_watchers rate",
    WANDA.email: "read watch",
    DAVE.email: "",
    HANA.email: "",
    FRANK.email: "",
    MARIE.email: "",
    STRANGER.email: "",
}
TICKET = a_ticket(State.IN_PROGRESS, BOB)
WITHOUT_ACCESS = (DAVE, HANA, FRANK, MARIE, STRANGER)


class TestEverybodyAtTheDoor:
    @pytest.mark.parametrize(("person", "act"), list(every(CAST, Act)), ids=called)
    def test_only_the_table_opens_it(self, person: Person, act: Act) -> None:
        expected = act.value in EXPECTED[person.email].split()
        assert may(signed_in(person), act, TICKET) is expected
        assert may(by_token(person), act, TICKET) is expected

    @pytest.mark.parametrize(("person", "act"), list(every(CAST, Act)), ids=called)
    def test_a_reader_is_refused_and_a_stranger_finds_nothing(self, person: Person, act: Act) -> None:
        acts = EXPECTED[person.email].split()
        if act.value in acts:
            require(signed_in(person), act, TICKET)
            return
        with pytest.raises(NotAllowed if acts else NotFound):
            require(signed_in(person), act, TICKET)

    def test_every_act_has_its_row(self) -> None:
        assert set(PERMISSIONS) == set(Act)

    def test_whoever_may_do_anything_may_read(self) -> None:
        assert all(row <= PERMISSIONS[Act.READ] for row in PERMISSIONS.values())

    def test_neither_requester_nor_watcher_reads_what_is_internal(self) -> None:
        assert not PERMISSIONS[Act.READ_INTERNAL] & {Standing.REQUESTER, Standing.WATCHER}

    def test_the_desk_itself_reads_and_closes_what_is_left_in_done_and_no_more(self) -> None:
        expected = {Act.READ, Act.READ_INTERNAL, Act.CLOSE_UNANSWERED}
        assert {act for act in Act if may(SYSTEM, act, TICKET)} == expected


class TestColleagues:
    """Frank and Eva are of one organisation, and WEB shares requests."""

    THEIRS = replace(TICKET, organisation="novak")
    GITA = replace(signed_in(FRANK), organisation="novak", shared_projects=frozenset({WEB}))

    @pytest.mark.parametrize("act", Act)
    @pytest.mark.parametrize("via", [Via.SESSION, Via.TOKEN])
    def test_they_read_and_watch_and_no_more(self, act: Act, via: Via) -> None:
        assert may(replace(self.GITA, via=via), act, self.THEIRS) is (act in (Act.READ, Act.WATCH))

    @pytest.mark.parametrize("state", State)
    def test_no_move_is_theirs_in_any_state(self, state: State) -> None:
        ticket = replace(a_ticket(state, BOB), organisation="novak")
        assert moves(ticket, self.GITA) == ()
        assert standings(self.GITA, ticket) == {Standing.COLLEAGUE}

    @pytest.mark.parametrize(
        "by",
        [
            replace(GITA, organisation="jina"),
            replace(GITA, organisation=""),
            replace(GITA, shared_projects=frozenset()),
            replace(GITA, shared_projects=frozenset({HR})),
            replace(GITA, roles={}),
            replace(GITA, roles={HR: ProjectRole.CUSTOMER}),
            replace(GITA, via=Via.LINK, link_ticket=TICKET.number),
            replace(GITA, via=Via.LINK, link_ticket=OTHER_NUMBER),
            replace(GITA, via=Via.FORM),
            replace(GITA, email=""),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("act", Act)
    def test_whoever_lacks_one_condition_finds_nothing(self, by: Actor, act: Act) -> None:
        assert not may(by, act, self.THEIRS)

    @pytest.mark.parametrize("act", Act)
    def test_a_ticket_of_no_organisation_has_no_colleagues(self, act: Act) -> None:
        assert not may(self.GITA, act, TICKET)
        assert not may(replace(self.GITA, organisation=""), act, TICKET)

    @pytest.mark.parametrize("role", [ProjectRole.SOLVER, ProjectRole.PROJECT_MANAGER])
    def test_staff_stand_as_staff(self, role: ProjectRole) -> None:
        assert Standing.COLLEAGUE not in standings(replace(self.GITA, roles={WEB: role}), self.THEIRS)

    def test_nothing_internal_is_a_colleague_s(self) -> None:
        assert Standing.COLLEAGUE not in PERMISSIONS[Act.READ_INTERNAL] | PERMISSIONS[Act.NOTE]


class TestStandings:
    @pytest.mark.parametrize(
        ("person", "expected"),
        [
            (ALICE, {Standing.PROJECT_MANAGER}),
            (ROOT, {Standing.PROJECT_MANAGER}),
            (BOB, {Standing.SOLVER, Standing.ASSIGNEE}),
            (CAROL, {Standing.SOLVER}),
            (EVA, {Standing.REQUESTER}),
            (WANDA, {Standing.WATCHER}),
        ],
        ids=called,
    )
    def test_of_each_in_the_cast(self, person: Person, expected: set[Standing]) -> None:
        assert standings(signed_in(person), TICKET) == expected

    @pytest.mark.parametrize("person", WITHOUT_ACCESS, ids=called)
    def test_of_whoever_has_no_access(self, person: Person) -> None:
        assert standings(signed_in(person), TICKET) == set()

    def test_somebody_may_stand_in_several_ways(self) -> None:
        ticket = replace(TICKET, requester=ALICE.contact, assignee=ALICE.contact, watchers=(ALICE.contact,))
        expected = {Standing.REQUESTER, Standing.WATCHER, Standing.ASSIGNEE, Standing.PROJECT_MANAGER}
        assert standings(signed_in(ALICE), ticket) == expected

    def test_an_assignee_who_lost_the_role_is_a_stranger(self) -> None:
        assert standings(signed_in(replace(BOB, roles={})), TICKET) == set()

    def test_an_assignee_whose_role_is_now_elsewhere_is_a_stranger(self) -> None:
        assert standings(signed_in(replace(BOB, roles={HR: ProjectRole.SOLVER})), TICKET) == set()

    def test_an_assignee_who_became_a_customer_is_a_stranger(self) -> None:
        assert standings(signed_in(replace(BOB, roles={WEB: ProjectRole.CUSTOMER})), TICKET) == set()

    def test_a_lost_role_leaves_what_is_their_own(self) -> None:
        ticket = replace(TICKET, requester=BOB.contact)
        assert standings(signed_in(replace(BOB, roles={})), ticket) == {Standing.REQUESTER}

    def test_a_customer_of_the_project_does_not_see_the_tickets_of_others(self) -> None:
        assert not may(signed_in(FRANK), Act.READ, TICKET)

    def test_a_report_manager_sees_reports_and_no_tickets(self) -> None:
        assert not may(signed_in(MARIE), Act.READ, TICKET)

    def test_a_report_manager_who_solves_is_a_solver(self) -> None:
        assert standings(signed_in(replace(CAROL, site_role=SiteRole.MANAGER)), TICKET) == {Standing.SOLVER}

    def test_nobody_in_hand_is_nobody(self) -> None:
        nameless = Actor("", "", "en", Via.SESSION)
        assert standings(nameless, replace(TICKET, assignee=None)) == set()


class TestLinks:
    def test_it_opens_its_own_ticket(self) -> None:
        assert standings(by_link(EVA), TICKET) == {Standing.REQUESTER}
        assert standings(by_link(WANDA), TICKET) == {Standing.WATCHER}

    def test_it_opens_no_other_ticket_of_the_same_person(self) -> None:
        assert standings(by_link(EVA, OTHER_NUMBER), TICKET) == set()

    def test_a_link_to_nothing_opens_nothing(self) -> None:
        assert standings(replace(by_link(EVA), link_ticket=None), TICKET) == set()

    @pytest.mark.parametrize("person", [ALICE, BOB, CAROL, ROOT], ids=called)
    def test_it_carries_no_role(self, person: Person) -> None:
        with_roles = replace(by_link(person), roles=person.roles, site_role=person.site_role)
        for actor in (by_link(person), with_roles):
            assert not standings(actor, TICKET) & TEAM
            assert not may(actor, Act.READ_INTERNAL, TICKET)

    def test_a_session_bound_to_one_ticket_opens_no_other(self) -> None:
        assert standings(replace(signed_in(EVA), link_ticket=OTHER_NUMBER), TICKET) == set()


class TestForm:
    @pytest.mark.parametrize("person", CAST, ids=called)
    def test_a_typed_address_opens_nothing(self, person: Person) -> None:
        assert standings(by_form(person), TICKET) == set()

    def test_nobody_is_a_stranger(self) -> None:
        assert standings(ANONYMOUS, TICKET) == set()
        assert standings(ANONYMOUS, replace(TICKET, requester=ANONYMOUS.contact)) == set()


class TestForeignAndMissingLookTheSame:
    @pytest.mark.parametrize("person", WITHOUT_ACCESS, ids=called)
    @pytest.mark.parametrize("state", State)
    def test_whatever_a_stranger_tries(self, person: Person, state: State) -> None:
        ticket, by, missing = a_ticket(state, BOB), signed_in(person), NotFound()
        attempts = (
            lambda: require(by, Act.READ, ticket),
            lambda: move(ticket, MoveOrder("start", 1), by, stamp()),
            lambda: comment(ticket, "", False, (), by, stamp()),
            lambda: comment(ticket, "", True, (), by, stamp()),
            lambda: change(ticket, ChangeOrder(1), by, stamp(), PROJECT),
            lambda: watch(ticket, WANDA.contact, by, stamp()),
            lambda: watch(ticket, by.contact, by, stamp()),
            lambda: unwatch(ticket, WANDA.email, by, stamp()),
            lambda: unwatch(ticket, by.email, by, stamp()),
        )
        for attempt in attempts:
            with pytest.raises(NotFound) as refused:
                attempt()
            assert type(refused.value) is NotFound
            assert (refused.value.message, refused.value.values) == (missing.message, missing.values)
