"""Every kind of event can be read and mailed, and what is internal stays with the team."""

from string import Formatter

import pytest

from chalicelib.domain.events import EVENTS, Hears, Kind, event_of
from chalicelib.domain.workflow import TRANSITIONS
from tests.cast import BOB, NOW, SCREENSHOT, a_ticket, signed_in, stamp

KINDS = {
    "ticket.submitted",
    "ticket.started",
    "ticket.handed_over",
    "ticket.returned",
    "ticket.resubmitted",
    "ticket.finished",
    "ticket.accepted",
    "ticket.rejected",
    "ticket.withdrawn",
    "ticket.auto_closed",
    "ticket.reminded",
    "ticket.rated",
    "ticket.followed",
    "ticket.changed",
    "comment.added",
    "note.added",
    "watcher.added",
    "watcher.removed",
}

# An allow-list: a new rule tells nobody of what is internal until somebody has thought about it.
OF_THE_TEAM = {
    Hears.ASSIGNEE,
    Hears.FORMER_ASSIGNEE,
    Hears.PROJECT_MANAGERS,
    Hears.WHO_HAS_IT,
    Hears.STAFF_WATCHERS,
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_kinds_the_interface_promises_are_there() -> None:
    assert set(EVENTS) >= KINDS


def test_every_move_records_a_kind_of_its_own() -> None:
    kinds = [row.event_kind for row in TRANSITIONS.values()]
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.code)
class TestEveryKind:
    def test_it_is_filed_under_its_own_code(self, kind: Kind) -> None:
        assert EVENTS[kind.code] is kind

    def test_it_has_a_sentence_and_a_headline(self, kind: Kind) -> None:
        assert kind.sentence.strip()
        assert kind.headline.strip()

    def test_they_ask_only_for_what_can_be_filled_in(self, kind: Kind) -> None:
        assert placeholders(kind.headline) <= {"actor", "assignee", "number"}
        assert placeholders(kind.sentence) <= {
            "actor",
            "assignee",
            "number",
            "watcher",
            "follow_up",
            "address",
            "reason",
        }

    def test_they_end_without_a_full_stop_like_the_others(self, kind: Kind) -> None:
        assert not kind.sentence.endswith(".")
        assert not kind.headline.endswith(".")

    def test_what_is_internal_tells_no_customer(self, kind: Kind) -> None:
        assert not kind.internal or kind.tells <= OF_THE_TEAM

    def test_an_event_of_it_is_as_public_as_its_row(self, kind: Kind) -> None:
        event = event_of(kind.code, a_ticket(), signed_in(BOB), stamp(), text="Ano.", attachments=(SCREENSHOT,))
        assert event.row is kind
        assert event.internal is kind.internal
        assert (event.id, event.at, event.actor, event.version) == (stamp().id, NOW, BOB.contact, 3)
        assert (event.text, event.attachments, event.changes, event.by_team) == ("Ano.", (SCREENSHOT,), {}, False)


class TestAudience:
    def test_only_notes_and_what_becomes_of_mail_are_internal(self) -> None:
        internal = {kind.code for kind in EVENTS.values() if kind.internal}
        assert internal == {"note.added", "mail.failed", "mail.bounced", "mail.complained", "mail.resumed"}

    @pytest.mark.parametrize("code", [code for code in EVENTS if code.startswith("mail.")])
    def test_of_mail_that_fails_no_mail_is_sent(self, code: str) -> None:
        assert not EVENTS[code].tells

    @pytest.mark.parametrize("code", ["ticket.started", "ticket.handed_over", "ticket.returned", "ticket.finished"])
    def test_the_requester_hears_what_the_team_does(self, code: str) -> None:
        assert Hears.REQUESTER in EVENTS[code].tells

    @pytest.mark.parametrize("code", ["ticket.resubmitted", "ticket.withdrawn", "comment.added", "note.added"])
    def test_whoever_has_it_hears_of_it(self, code: str) -> None:
        assert Hears.WHO_HAS_IT in EVENTS[code].tells

    @pytest.mark.parametrize("code", ["ticket.accepted", "ticket.rejected"])
    def test_manager_and_assignee_hear_the_verdict(self, code: str) -> None:
        assert EVENTS[code].tells >= {Hears.ASSIGNEE, Hears.PROJECT_MANAGERS}

    def test_the_manager_hears_of_every_new_request(self) -> None:
        assert Hears.PROJECT_MANAGERS in EVENTS["ticket.submitted"].tells

    def test_both_sides_of_a_hand_over_hear_of_it(self) -> None:
        assert EVENTS["ticket.handed_over"].tells >= {Hears.ASSIGNEE, Hears.FORMER_ASSIGNEE}

    def test_whoever_has_it_taken_from_them_hears_of_it(self) -> None:
        assert Hears.FORMER_ASSIGNEE in EVENTS["ticket.started"].tells
