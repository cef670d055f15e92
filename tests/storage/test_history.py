"""History: oldest first, in parts, and each event as it was written."""

import pytest

from chalicelib.domain.events import COMMENT_ADDED, SUBMITTED, event_of
from chalicelib.storage import bulk, history
from tests.cast import ALICE, EVA, NUMBER, SCREENSHOT, a_ticket, signed_in, stamp

pytestmark = pytest.mark.usefixtures("aws")


def test_events_come_oldest_first_and_in_parts_without_loss() -> None:
    events = [event_of(COMMENT_ADDED, a_ticket(), signed_in(ALICE), stamp(day), text=str(day)) for day in range(7)]
    bulk.write(bulk.ticket_rows([], reversed(events), pending=lambda event: False))
    assert history.of_ticket(NUMBER) == events
    parts, after = [], None
    while part := history.of_ticket(NUMBER, 3, after):
        parts.append(part)
        after = part[-1].id
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [event for part in parts for event in part] == events


def test_an_event_comes_back_as_it_was_written() -> None:
    event = event_of(
        SUBMITTED,
        a_ticket(),
        signed_in(EVA),
        stamp(),
        text="Příliš žluťoučký kůň 🐎\n<b>&amp;\u2028",
        changes={"state": (None, "new")},
        attachments=(SCREENSHOT,),
        by_team=True,
    )
    bulk.write(bulk.ticket_rows([], [event], pending=lambda event: True))
    assert history.load(NUMBER, event.id) == event
    assert history.of_ticket(NUMBER) == [event]


def test_what_is_not_there_is_nothing() -> None:
    assert history.of_ticket("WEB-9") == []
    assert history.load(NUMBER, "absent") is None


def test_a_history_longer_than_one_answer_of_dynamodb_is_read_whole() -> None:
    long = "ř" * 20_000
    events = [event_of(COMMENT_ADDED, a_ticket(), signed_in(ALICE), stamp(day), text=long) for day in range(40)]
    bulk.write(bulk.ticket_rows([], events, pending=lambda event: False))
    assert len(history.of_ticket(NUMBER)) == 40
    assert len(history.of_ticket(NUMBER, 35)) == 35
