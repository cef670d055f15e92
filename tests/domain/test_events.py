"""Every kind of event can be read and mailed, and what is internal stays with the team."""

from string import Formatter

import pytest

from chalicelib.domain.events import EVENTS, Kind, event_of, for_customers
from chalicelib.domain.notices import Topic
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

    def test_what_is_internal_is_of_the_topic_for_staff_or_tells_nobody(self, kind: Kind) -> None:
        assert kind.internal is (kind.topic in (Topic.NOTES, None))

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
        assert EVENTS[code].topic is None

    @pytest.mark.parametrize(
        ("topic", "codes"),
        [
            (Topic.NEW, {"ticket.submitted"}),
            (Topic.REPLIES, {"comment.added"}),
            (Topic.VERDICTS, {"ticket.accepted", "ticket.rejected"}),
            (Topic.NOTES, {"note.added"}),
            (Topic.CHANGES, {"ticket.changed", "watcher.added", "watcher.removed"}),
        ],
    )
    def test_each_topic_has_its_kinds(self, topic: Topic, codes: set[str]) -> None:
        assert {kind.code for kind in EVENTS.values() if kind.topic is topic} >= codes

    def test_every_move_changes_a_state_or_is_a_verdict(self) -> None:
        topics = {EVENTS[row.event_kind].topic for row in TRANSITIONS.values()}
        assert topics == {Topic.STATES, Topic.VERDICTS}


class TestForCustomers:
    def test_the_staff_s_own_business_is_nothing_to_them(self) -> None:
        event = event_of("ticket.changed", a_ticket(), signed_in(BOB), stamp(), changes={"notify": ("a", "b")})
        assert event.for_staff_only
        assert for_customers(event, ()) is None

    def test_what_changed_beside_it_stays(self) -> None:
        changes = {"notify": ("a", "b"), "priority": ("low", "high")}
        event = event_of("ticket.changed", a_ticket(), signed_in(BOB), stamp(), changes=changes)
        seen = for_customers(event, ())
        assert not event.for_staff_only
        assert seen is not None
        assert seen.changes == {"priority": ("low", "high")}

    def test_any_other_event_is_the_same_to_everybody(self) -> None:
        event = event_of("comment.added", a_ticket(), signed_in(BOB), stamp(), text="Ano.")
        assert not event.for_staff_only
        assert for_customers(event, ()) is event
