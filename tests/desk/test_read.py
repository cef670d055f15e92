"""Reading a ticket, its history, its files and lists of tickets: each sees what is theirs, and no trace of the rest."""

from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import desk, reading
from chalicelib.desk import CommentOrder
from chalicelib.domain.errors import Invalid, NotFound, NotSignedIn
from chalicelib.domain.lists import Filter
from chalicelib.domain.people import ANONYMOUS, SYSTEM, Person
from chalicelib.domain.tickets import State, Ticket
from tests.cast import (
    ALICE,
    BOB,
    CAROL,
    CAST,
    DAVE,
    EVA,
    FRANK,
    HR,
    MARIE,
    ROOT,
    STRANGER,
    WANDA,
    by_form,
    by_link,
    by_token,
    signed_in,
)
from tests.stage import filed, standing_at, uploaded

pytestmark = pytest.mark.usefixtures("stage")
TEAM = (ALICE, BOB, CAROL, ROOT)
READERS = (*TEAM, EVA, WANDA)


def with_a_note() -> Ticket:
    ticket = standing_at(State.IN_PROGRESS)
    desk.comment(ticket.number, CommentOrder("Veřejné.", uploads=(uploaded(signed_in(BOB)).id,)), signed_in(BOB))
    note = CommentOrder("Tajné.", internal=True, uploads=(uploaded(signed_in(BOB), filename="tajné.txt").id,))
    desk.comment(ticket.number, note, signed_in(BOB))
    return ticket


class TestDossier:
    def test_everybody_at_the_door(self) -> None:
        ticket = with_a_note()
        for person in CAST:
            if person not in READERS:
                with pytest.raises(NotFound):
                    reading.dossier(ticket.number, signed_in(person))
                continue
            texts = [event.text for event in reading.dossier(ticket.number, by_token(person)).events]
            assert "Veřejné." in texts
            assert ("Tajné." in texts) is (person in TEAM), person.name

    def test_a_link_shows_its_ticket_without_notes_and_no_other(self) -> None:
        ticket, other = with_a_note(), filed()
        seen = reading.dossier(ticket.number, by_link(EVA, ticket.number))
        assert "Tajné." not in [event.text for event in seen.events]
        with pytest.raises(NotFound):
            reading.dossier(other.number, by_link(EVA, ticket.number))
        with pytest.raises(NotFound):
            reading.dossier(ticket.number, by_link(BOB, ticket.number))

    def test_an_address_typed_in_opens_nothing(self) -> None:
        ticket = filed()
        for nobody in (by_form(EVA), ANONYMOUS):
            with pytest.raises(NotFound):
                reading.dossier(ticket.number, nobody)
        assert reading.read(ticket.number, SYSTEM) == ticket

    def test_absent_and_foreign_look_the_same(self) -> None:
        foreign = filed(ROOT, project=HR)
        answers = []
        for number in (foreign.number, "HR-999", "NOPE-1", "x"):
            with pytest.raises(NotFound) as refusal:
                reading.dossier(number, signed_in(EVA))
            answers.append(str(refusal.value))
        assert len(set(answers)) == 1

    def test_files_of_notes_are_not_among_those_a_customer_sees(self) -> None:
        ticket = with_a_note()
        for person, names in ((EVA, {"výpis.txt"}), (BOB, {"výpis.txt", "tajné.txt"})):
            _, attachments = reading.ticket_with_files(ticket.number, signed_in(person))
            assert {each.filename for each in attachments} == names


class TestEventsPage:
    def test_pages_hide_notes_without_gaps_or_empty_pages(self) -> None:
        ticket = filed()
        for position in range(9):
            desk.comment(ticket.number, CommentOrder(str(position), internal=position % 3 != 0), signed_in(ALICE))
        for person, expected in ((EVA, ["0", "3", "6"]), (ALICE, [str(position) for position in range(9)])):
            texts: list[str] = []
            cursor = None
            while True:
                events, cursor = reading.events_page(ticket.number, signed_in(person), 2, cursor)
                texts += [event.text for event in events]
                assert len(events) == 2 or cursor is None
                if cursor is None:
                    break
            assert texts[1:] == expected

    def test_a_cursor_of_another_ticket_is_refused(self) -> None:
        ticket, other = filed(), filed()
        desk.comment(ticket.number, CommentOrder("Dvě."), signed_in(EVA))
        _, cursor = reading.events_page(ticket.number, signed_in(EVA), 1, None)
        assert cursor
        for number, bad in ((other.number, cursor), (ticket.number, cursor + "x")):
            with pytest.raises(Invalid):
                reading.events_page(number, signed_in(EVA), 1, bad)


class TestAttachmentUrl:
    def who_may_download(self, filename: str) -> list[Person]:
        ticket = with_a_note()
        _, attachments = reading.ticket_with_files(ticket.number, signed_in(BOB))
        [file_id] = [each.id for each in attachments if each.filename == filename]
        through = []
        for person in CAST:
            try:
                url = reading.attachment_url(file_id, signed_in(person))
            except NotFound:
                continue
            assert "attachment" in parse_qs(urlsplit(url).query)["response-content-disposition"][0]
            through.append(person)
        return through

    def test_a_public_file_is_for_all_readers(self) -> None:
        assert self.who_may_download("výpis.txt") == [person for person in CAST if person in READERS]

    def test_the_file_of_a_note_is_for_the_team(self) -> None:
        assert self.who_may_download("tajné.txt") == [person for person in CAST if person in TEAM]

    def test_a_link_downloads_from_its_own_ticket_only(self) -> None:
        upload = uploaded(signed_in(EVA))
        ticket, other = filed(uploads=(upload.id,)), filed()
        assert reading.attachment_url(upload.id, by_link(EVA, ticket.number))
        with pytest.raises(NotFound):
            reading.attachment_url(upload.id, by_link(EVA, other.number))

    def test_what_is_not_linked_yet_is_not_there_even_to_its_owner(self) -> None:
        upload = uploaded(signed_in(EVA))
        for file_id in (upload.id, "absent", "", "\ud800"):
            with pytest.raises(NotFound):
                reading.attachment_url(file_id, signed_in(EVA))


class TestLists:
    def test_each_lists_what_is_theirs(self) -> None:
        evas, franks, hr = filed(EVA), filed(FRANK), filed(ROOT, project=HR)
        web, everything = {evas.number, franks.number}, {evas.number, franks.number, hr.number}
        for person, numbers in (
            (ALICE, web),
            (BOB, web),
            (DAVE, {hr.number}),
            (EVA, {evas.number}),
            (FRANK, {franks.number}),
            (ROOT, everything),
            (MARIE, set()),
            (STRANGER, set()),
        ):
            page = reading.listed(Filter(), signed_in(person), 50, None)
            assert {card.number for card in page.items} == numbers, person.name

    def test_without_ones_own_only_what_one_works_on(self) -> None:
        filed(BOB, project="WEB")
        assert reading.listed(Filter(), signed_in(EVA), 50, None, own=False).items == ()

    def test_own_requests_are_ones_own_alone(self) -> None:
        own, _ = filed(BOB), filed(EVA)
        assert [card.number for card in reading.own_requests(signed_in(BOB), 50, None).items] == [own.number]

    def test_whoever_is_not_signed_in_lists_nothing(self) -> None:
        ticket = filed()
        for actor in (ANONYMOUS, by_form(EVA), by_link(EVA, ticket.number)):
            with pytest.raises(NotSignedIn):
                reading.listed(Filter(), actor, 50, None)
            with pytest.raises(NotSignedIn):
                reading.own_requests(actor, 50, None)

    def test_the_cursor_of_somebody_else_is_refused(self) -> None:
        filed(EVA), filed(EVA)
        cursor = reading.listed(Filter(), signed_in(ALICE), 1, None).next
        with pytest.raises(Invalid):
            reading.listed(Filter(), signed_in(EVA), 1, cursor)


class TestNumbered:
    def test_a_number_or_its_digits_find_what_one_may_see(self) -> None:
        web, hr = filed(EVA), filed(ROOT, project=HR)
        digits = web.number.partition("-")[2]
        for text in (web.number, web.number.lower(), digits, f" {digits} "):
            found = reading.numbered(text, Filter(), signed_in(ALICE), 10)
            assert [card.number for card in found] == [web.number], text
        assert {card.number for card in reading.numbered(digits, Filter(), signed_in(ROOT), 10)} == {
            web.number,
            hr.number,
        }
        assert reading.numbered(web.number, Filter(), signed_in(DAVE), 10) == []
        assert reading.numbered(web.number, Filter(states=frozenset({State.DONE})), signed_in(ALICE), 10) == []

    def test_what_is_no_number_finds_nothing(self) -> None:
        filed()
        for text in ("", "tisk", "0", "9" * 400, "²", "\ud800", "WEB-"):
            assert reading.numbered(text, Filter(), signed_in(ROOT), 10) == [], ascii(text[:9])


class TestLongHistories:
    """A page carries what Lambda can answer with, however much a requester writes."""

    def test_how_it_began_and_the_newest_are_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "_PAGE_EVENTS", 3)
        ticket = filed(EVA)
        for position in range(5):
            desk.comment(ticket.number, CommentOrder(f"{position}"), signed_in(BOB))
        case = reading.workplace(ticket.number, signed_in(BOB)).case
        assert [event.text for event in case.events[1:]] == ["2", "3", "4"]
        assert case.events[0].kind == "ticket.submitted"
        assert case.left_out == 2

    def test_long_texts_leave_room_for_fewer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "_PAGE_BYTES", 1_000)
        ticket = filed(EVA)
        for letter in "abc":
            desk.comment(ticket.number, CommentOrder(letter * 400), signed_in(BOB))
        _, case = reading.case(ticket.number, [signed_in(EVA)])
        assert [event.text[0] for event in case.events[1:]] == ["b", "c"]
        assert case.left_out == 1
