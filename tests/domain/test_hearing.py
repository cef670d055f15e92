"""Who hears of what: each row of the table by itself, what switches it off, and what nothing can switch off."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import hearing
from chalicelib.domain.addresses import Address, Mark
from chalicelib.domain.events import EVENTS, SUBMITTED, Change, Event, event_of
from chalicelib.domain.hearing import OBSTACLES, RULES, Hearer, Known, Reason, Scene, Silence, topics_of
from chalicelib.domain.notices import NEVER, USUAL, Audience, Notify, Topic
from chalicelib.domain.people import SYSTEM, Actor, Person, ProjectRole
from chalicelib.domain.projects import Crew, Form, Member, Project
from chalicelib.domain.tickets import State, Ticket
from tests.cast import ALICE, BOB, CAROL, CAST, DAVE, EVA, FRANK, ROOT, STRANGER, WANDA, WEB, a_ticket, signed_in, stamp

OFFICE = "office@customer.example"
AS_USUAL = Notify()
KIND_OF = {
    Topic.NEW: SUBMITTED,
    Topic.REPLIES: "comment.added",
    Topic.STATES: "ticket.withdrawn",
    Topic.VERDICTS: "ticket.accepted",
    Topic.REMINDERS: "ticket.reminded",
    Topic.NOTES: "note.added",
    Topic.CHANGES: "watcher.added",
}


def crew(notify: Notify = AS_USUAL, staff: Iterable[Person] = (ALICE, BOB, CAROL)) -> Crew:
    members = [Member(each.email, each.name, each.roles[WEB]) for each in (*staff, EVA, FRANK)]
    return Crew(Project(WEB, "Web", Form.OPEN, "cs", notify=notify), tuple(members))


def everything(*audiences: Audience) -> Notify:
    """All topics to `audiences`, none to the others."""
    return Notify({each: tuple(Topic) if each in audiences else () for each in Audience}, (OFFICE,))


def an_event(kind: str, by: Actor = SYSTEM, changes: dict[str, Change] | None = None) -> Event:
    return event_of(kind, a_ticket(), by, stamp(), changes=changes)


def scene(event: Event, ticket: Ticket | None = None, of: Crew | None = None, **known: object) -> Scene:
    """Eva's request in Bob's hands that Wanda watches, unless another is given; everybody of the cast is known."""
    people = {person.email: person for person in CAST}
    return Scene(event, ticket or a_ticket(State.IN_PROGRESS, BOB), of or crew(), Known(people, **known))  # type: ignore[arg-type]


def told(given: Scene) -> dict[str, Reason]:
    return {each.email: each.reason for each in hearing.hearers(given) if each.told}


def not_told(given: Scene) -> dict[str, Silence | None]:
    return {each.email: each.silence for each in hearing.hearers(given) if not each.told}


def one(given: Scene, person: Person) -> Hearer:
    return next(each for each in hearing.hearers(given) if each.email == person.email)


REPLY = "comment.added"
TO_CAROL: dict[str, Change] = {"assignee": (BOB.email, CAROL.email)}

# One row of RULES each: an event and a ticket by which it names people, and whom.
ROWS: dict[Reason, tuple[Event, Ticket, set[str]]] = {
    Reason.RECEIPT: (an_event(SUBMITTED), a_ticket(), {EVA.email}),
    Reason.NEW_ASSIGNEE: (
        an_event("ticket.handed_over", changes=TO_CAROL),
        a_ticket(State.IN_PROGRESS, CAROL),
        {CAROL.email},
    ),
    Reason.FORMER_ASSIGNEE: (
        an_event("ticket.started", changes={"assignee": (BOB.email, ALICE.email)}),
        a_ticket(State.IN_PROGRESS, ALICE),
        {BOB.email},
    ),
    Reason.REQUESTER: (an_event(REPLY), a_ticket(), {EVA.email}),
    Reason.ASSIGNEE: (an_event(REPLY), a_ticket(State.IN_PROGRESS, BOB), {BOB.email}),
    Reason.STAND_IN: (an_event(REPLY), a_ticket(), {ALICE.email}),
    Reason.PROJECT_MANAGER: (an_event(SUBMITTED), a_ticket(), {ALICE.email}),
    Reason.WATCHER: (an_event(REPLY), a_ticket(), {WANDA.email}),
    Reason.ADDRESS: (an_event(REPLY), a_ticket(), {OFFICE}),
}


class TestRules:
    def test_every_reason_is_one_row(self) -> None:
        assert [rule.reason for rule in RULES] == list(Reason) == list(ROWS)

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.reason)
    def test_the_row_names_its_people(self, rule: hearing.Rule) -> None:
        event, ticket, who = ROWS[rule.reason]
        assert set(rule.who(scene(event, ticket, crew(Notify(addresses=(OFFICE,)))))) == who

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.reason)
    def test_it_says_why_to_page_and_mail(self, rule: hearing.Rule) -> None:
        assert rule.label
        assert rule.words.format(number="WEB-1").startswith("You get this mail because")

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.reason)
    def test_settings_leave_out_all_but_those_who_must_hear(self, rule: hearing.Rule) -> None:
        event, ticket, who = ROWS[rule.reason]
        nobody = crew(everything())
        heard = {email for email, reason in told(scene(event, ticket, nobody)).items() if reason is rule.reason}
        assert heard == (who if rule.audience is None else set())

    def test_who_must_hear_are_the_filer_and_both_sides_of_a_hand_over(self) -> None:
        assert {rule.reason for rule in RULES if rule.audience is None} == {
            Reason.RECEIPT,
            Reason.NEW_ASSIGNEE,
            Reason.FORMER_ASSIGNEE,
        }

    def test_former_assignees_who_left_the_project_are_not_named(self) -> None:
        event = an_event("ticket.handed_over", changes={"assignee": (DAVE.email, CAROL.email)})
        assert DAVE.email not in hearing.candidates(scene(event))

    @pytest.mark.parametrize("assignee", [None, DAVE, ROOT], ids=["nobody", "who left", "an administrator"])
    def test_managers_stand_in_while_nobody_of_the_project_has_it(self, assignee: Person | None) -> None:
        found = told(scene(an_event(REPLY), a_ticket(State.IN_PROGRESS, assignee)))
        assert found[ALICE.email] is Reason.STAND_IN

    def test_they_do_not_once_somebody_has(self) -> None:
        assert ALICE.email not in told(scene(an_event(REPLY)))

    def test_of_several_reasons_the_first_counts_and_each_address_is_told_once(self) -> None:
        ticket = replace(a_ticket(State.IN_PROGRESS, BOB), watchers=(BOB.contact, EVA.contact))
        found = hearing.hearers(scene(an_event(REPLY), ticket, crew(Notify(addresses=(EVA.email,)))))
        assert [(each.email, each.reason) for each in found] == [
            (EVA.email, Reason.REQUESTER),
            (BOB.email, Reason.ASSIGNEE),
        ]

    def test_further_addresses_of_the_request_come_beside_those_of_the_project(self) -> None:
        ticket = replace(a_ticket(), notify=Notify(addresses=("second@x.example",)))
        found = told(scene(an_event(REPLY), ticket, crew(Notify(addresses=(OFFICE,)))))
        assert {OFFICE, "second@x.example"} <= found.keys()


class TestMatrix:
    @pytest.mark.parametrize("audience", Audience)
    @pytest.mark.parametrize("topic", Topic)
    def test_a_ticked_cell_is_heard_and_an_unticked_one_is_not(self, audience: Audience, topic: Topic) -> None:
        """Nobody but this audience hears anything: so whoever is told is told through this very cell."""
        event = an_event(KIND_OF[topic])
        ticket = replace(a_ticket(State.DONE, BOB), watchers=(CAROL.contact,), reminded_at=event.at)
        on = told(scene(event, ticket, crew(everything(audience))))
        off = told(scene(event, ticket, crew(everything())))
        expected = {
            Audience.REQUESTER: EVA.email,
            Audience.ASSIGNEE: BOB.email,
            Audience.PROJECT_MANAGERS: ALICE.email,
            Audience.WATCHERS: CAROL.email,
            Audience.ADDRESSES: OFFICE,
        }[audience]
        assert off == ({EVA.email: Reason.RECEIPT} if topic is Topic.NEW else {})
        assert on.keys() - off.keys() == (set() if topic in NEVER[audience] or expected in off else {expected})

    @pytest.mark.parametrize("audience", Audience)
    def test_the_request_speaks_before_the_project_and_the_project_before_the_usual(self, audience: Audience) -> None:
        ticket, project = Notify({audience: (Topic.NEW,)}), Notify({audience: (Topic.STATES,)})
        assert topics_of(audience, ticket, project) == {Topic.NEW}
        assert topics_of(audience, None, project) == topics_of(audience, Notify(), project) == {Topic.STATES}
        assert topics_of(audience, None, Notify()) == USUAL[audience]
        assert topics_of(audience, Notify({audience: ()}), project) == set()

    def test_a_kind_may_be_for_some_audiences_alone(self) -> None:
        """A rating is the team's to read, whatever watchers and further addresses hear else."""
        found = told(scene(an_event("ticket.rated", signed_in(EVA)), of=crew(everything(*Audience))))
        assert found.keys() == {BOB.email, ALICE.email}

    def test_what_is_never_heard_is_not_whatever_is_stored(self) -> None:
        stored = Notify({each: tuple(Topic) for each in Audience})
        for audience in Audience:
            assert not topics_of(audience, stored) & NEVER[audience]

    def test_nothing_is_usual_that_is_never_heard(self) -> None:
        assert not any(USUAL[audience] & NEVER[audience] for audience in Audience)
        assert set(USUAL) == set(NEVER) == set(Audience)

    def test_a_kind_without_a_topic_tells_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(EVENTS, REPLY, replace(EVENTS[REPLY], topic=None))
        assert hearing.hearers(scene(an_event(REPLY), of=crew(everything(*Audience)))) == []


class TestObstacles:
    def test_every_silence_is_one_row(self) -> None:
        assert [obstacle.silence for obstacle in OBSTACLES] == list(Silence)
        assert all(obstacle.label for obstacle in OBSTACLES)

    @pytest.mark.parametrize("person", [EVA, BOB, WANDA], ids=lambda person: person.name)
    def test_nobody_is_told_of_what_they_did_themselves(self, person: Person) -> None:
        given = scene(an_event(REPLY, signed_in(person)))
        assert not_told(given) == {person.email: Silence.THEMSELVES}

    def test_but_of_the_receipt(self) -> None:
        assert told(scene(an_event(SUBMITTED, signed_in(EVA))))[EVA.email] is Reason.RECEIPT

    def test_who_is_deactivated_is_not_told(self) -> None:
        given = scene(an_event(REPLY))
        gone = replace(given, known=Known({**given.known.people, WANDA.email: replace(WANDA, active=False)}))
        assert not_told(gone) == {WANDA.email: Silence.INACTIVE}

    def test_an_assignee_who_may_no_longer_read_it_is_not_told(self) -> None:
        given = scene(an_event(REPLY), a_ticket(State.IN_PROGRESS, DAVE))
        assert not_told(given) == {DAVE.email: Silence.NO_ACCESS}

    @pytest.mark.parametrize("role", [ProjectRole.CUSTOMER, None])
    def test_a_note_is_for_staff_whatever_is_set(self, role: ProjectRole | None) -> None:
        """Bob, who has it, is made a customer or nobody; Wanda and Frank watch; Eva asked; the office hears all."""
        demoted = replace(BOB, roles={WEB: role} if role else {})
        ticket = replace(
            a_ticket(State.IN_PROGRESS, demoted), watchers=(WANDA.contact, FRANK.contact, CAROL.contact, BOB.contact)
        )
        given = scene(an_event("note.added", signed_in(ROOT)), ticket, crew(everything(*Audience), (ALICE, CAROL)))
        assert told(given).keys() == {ALICE.email, CAROL.email}
        assert set(not_told(given).values()) == {Silence.STAFF_ONLY}

    def test_an_administrator_who_has_it_hears_of_notes(self) -> None:
        found = told(scene(an_event("note.added", signed_in(BOB)), a_ticket(State.IN_PROGRESS, ROOT)))
        assert found == {ROOT.email: Reason.ASSIGNEE, ALICE.email: Reason.STAND_IN}

    def test_a_change_of_who_hears_is_the_staff_s_business(self) -> None:
        event = an_event("ticket.changed", signed_in(ALICE), {"notify": ("a", "b")})
        assert told(scene(event, of=crew(everything(*Audience)))).keys() == {BOB.email}

    @pytest.mark.parametrize("topic", Topic)
    def test_a_kind_that_somebody_turned_off_is_not_mailed_whatever_is_set(self, topic: Topic) -> None:
        event = an_event(KIND_OF[topic])
        ticket = replace(a_ticket(State.DONE, BOB), reminded_at=event.at)
        given = scene(event, ticket, crew(everything(*Audience)))
        everybody = [EVA, BOB, ALICE, WANDA]
        muted = {each.email: replace(each, muted=(topic,)) for each in everybody}
        quiet = replace(given, known=Known({**given.known.people, **muted}))
        assert told(quiet).keys() <= {OFFICE}
        others = {each.email: replace(each, muted=tuple(t for t in Topic if t is not topic)) for each in everybody}
        assert told(replace(given, known=Known({**given.known.people, **others}))) == told(given)

    def test_who_unsubscribed_is_not_told(self) -> None:
        given = scene(
            an_event(REPLY), of=crew(Notify(addresses=(OFFICE,))), unsubscribed=frozenset({EVA.email, OFFICE})
        )
        assert not_told(given) == {EVA.email: Silence.UNSUBSCRIBED, OFFICE: Silence.UNSUBSCRIBED}

    def test_but_of_work_that_is_theirs_now(self) -> None:
        event = an_event("ticket.handed_over", signed_in(ALICE), TO_CAROL)
        given = scene(event, a_ticket(State.IN_PROGRESS, CAROL), unsubscribed=frozenset({CAROL.email, BOB.email}))
        assert told(given)[CAROL.email] is Reason.NEW_ASSIGNEE
        assert not_told(given) == {BOB.email: Silence.UNSUBSCRIBED}

    def test_an_address_whose_mail_fails_is_not_mailed_for_any_reason(self) -> None:
        everybody = {each.email: Address(each.email, Mark.BOUNCED) for each in (EVA, BOB, CAROL, WANDA, ALICE)}
        for event in (an_event(SUBMITTED), an_event(REPLY), an_event("ticket.handed_over", changes=TO_CAROL)):
            given = scene(event, a_ticket(State.IN_PROGRESS, CAROL), marked=everybody)
            assert told(given) == {}
            assert set(not_told(given).values()) == {Silence.MARKED}

    def test_a_reminder_that_somebody_was_quicker_than_is_not_sent(self) -> None:
        event = an_event("ticket.reminded")
        reminded = replace(a_ticket(State.DONE, BOB), reminded_at=event.at)
        assert told(scene(event, reminded)) == {EVA.email: Reason.REQUESTER}
        answered = replace(reminded, updated_at=event.at + timedelta(seconds=1))
        again = replace(reminded, reminded_at=event.at + timedelta(days=1))
        for overtaken in (answered, again, replace(reminded, state=State.IN_PROGRESS)):
            assert not_told(scene(event, overtaken)) == {EVA.email: Silence.OVERTAKEN}

    def test_a_stranger_is_not_even_considered(self) -> None:
        given = scene(an_event(REPLY), of=crew(everything(*Audience)))
        assert STRANGER.email not in {each.email for each in hearing.hearers(given)}


class TestHearer:
    def test_who_reads_and_who_is_staff(self) -> None:
        given = scene(an_event(REPLY), of=crew(Notify(addresses=(OFFICE,))))
        found = {each.email: (each.staff, each.reader) for each in hearing.hearers(given)}
        assert found == {
            EVA.email: (False, True),
            BOB.email: (True, True),
            WANDA.email: (False, True),
            OFFICE: (False, False),
        }

    def test_the_digest_takes_everything_but_the_receipt(self) -> None:
        digesting = {each.email: replace(each, digest=True) for each in (EVA, ALICE, BOB)}
        assert one(replace(scene(an_event(REPLY)), known=Known(digesting)), EVA).digest
        new = replace(scene(an_event(SUBMITTED), a_ticket()), known=Known(digesting))
        assert not one(new, EVA).digest
        assert one(new, ALICE).digest
        assert not one(scene(an_event(REPLY)), WANDA).digest
