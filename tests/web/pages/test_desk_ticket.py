"""The working page: who has it, what it shows, and what may be done there."""

import pytest

from chalicelib import desk
from chalicelib.desk import CommentOrder
from chalicelib.domain.tickets import State
from chalicelib.storage import history, tickets
from tests.cast import ALICE, BOB, CAROL, DAVE, EVA, FRANK, HANA, MARIE, STRANGER, WANDA, signed_in
from tests.stage import filed, last_event, moved, standing_at, uploaded
from tests.web.client import Answer, Client
from tests.web.conftest import Browser
from tests.web.pages.reading import Form, Page, page_of


def offered(page: Page) -> list[str]:
    return [form.fields["action"][0] for form in page.forms if "action" in form.fields]


def form_of(client: Client, number: str, act: str, **holding: str) -> Form:
    return page_of(client.get(f"/desk/{number}")).form(f"/desk/{number}/{act}", **holding)


def sent(client: Client, number: str, act: str, **fields: object) -> Answer:
    version = tickets.load(number).version
    return client.form(f"/desk/{number}/{act}", {"key": "k", "version": version, **fields})


class TestRead:
    def test_it_shows_history_notes_properties_and_files(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        upload = uploaded(signed_in(BOB), filename="záznam.txt")
        desk.comment(ticket.number, CommentOrder("Jen pro nás", internal=True, uploads=(upload.id,)), signed_in(BOB))
        page = page_of(browser(BOB).get(f"/desk/{ticket.number}"))
        for words in ("Po aktualizaci", "Jen pro nás", "záznam.txt", "Handed over to Bob Brown", EVA.email, "Normal"):
            assert words in page.words

    @pytest.mark.parametrize(
        ("person", "moves"),
        [(ALICE, ["finish", "hand_over", "return"]), (BOB, ["finish", "hand_over", "return"]), (CAROL, [])],
    )
    def test_the_moves_are_those_one_may_make(self, browser: Browser, person: object, moves: list[str]) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        assert sorted(offered(page_of(browser(person).get(f"/desk/{ticket.number}")))) == moves

    def test_it_can_be_handed_to_the_staff_of_the_project_but_not_to_whoever_has_it(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        form = form_of(browser(ALICE), ticket.number, "move", action="hand_over")
        assert form.offered["assignee"] == ["", ALICE.email, CAROL.email]

    @pytest.mark.parametrize("person", [DAVE, HANA])
    def test_to_staff_of_another_project_it_looks_like_none(self, browser: Browser, person: object) -> None:
        filed()
        client = browser(person)
        answer, absent = client.get("/desk/WEB-1"), client.get("/desk/WEB-2")
        page_of(answer, 404)
        assert answer.text == absent.text.replace("WEB-2", "WEB-1")

    @pytest.mark.parametrize("person", [EVA, FRANK, WANDA, MARIE, STRANGER])
    def test_whoever_is_no_staff_is_refused_whether_it_exists_or_not(self, browser: Browser, person: object) -> None:
        filed(watchers=(WANDA.email,))
        client = browser(person)
        assert len({page_of(client.get(f"/desk/WEB-{number}"), 403).words for number in (1, 2)}) == 1

    def test_a_stranger_signs_in_first(self, browser: Browser) -> None:
        assert browser().get("/desk/WEB-1").location == "/sign-in?next=%2Fdesk%2FWEB-1"
        page_of(browser().form("/desk/WEB-1/reply", {"text": "x"}), 401)

    def test_a_closed_request_can_only_be_read(self, browser: Browser) -> None:
        ticket = standing_at(State.CLOSED)
        page = page_of(browser(ALICE).get(f"/desk/{ticket.number}"))
        assert {form.action for form in page.forms} == {"/language", "/sign-out"}
        answer = sent(browser(ALICE), ticket.number, "note", text="Pozdě", version=ticket.version)
        page_of(answer, 409)

    def test_properties_that_changed_are_named(self, browser: Browser) -> None:
        ticket, client = filed(), browser(BOB)
        moved(ticket, "hand_over", ALICE, assignee=BOB.email)
        sent(client, ticket.number, "properties", type="incident", priority="high", due="2030-01-31")
        words = page_of(client.get(f"/desk/{ticket.number}")).words
        for change in ("Type: Question → Incident", "Priority: Normal → High", "Due: – → 31 Jan 2030"):
            assert change in words

    def test_no_requester_makes_it_too_large_to_be_sent(self, browser: Browser) -> None:
        """Lambda answers with 6 MB at most, files and the escapes of JSON included: these are texts alone."""
        ticket = filed(EVA)
        for _ in range(150):
            desk.comment(ticket.number, CommentOrder("*\n-\n" * 825 + "."), signed_in(EVA))
        answer = browser(BOB).get(f"/desk/{ticket.number}")
        assert answer.status == 200
        assert len(answer.content) < 4_000_000


class TestWrite:
    @pytest.mark.parametrize(("act", "kind"), [("reply", "comment.added"), ("note", "note.added")])
    def test_a_reply_and_a_note(self, browser: Browser, act: str, kind: str) -> None:
        ticket, client = standing_at(State.IN_PROGRESS), browser(BOB)
        form = form_of(client, ticket.number, act)
        answer = client.form(form.action, form.filled(text="Díváme se"), [("a.txt", "text/plain", b"soubor")])
        assert answer.location == f"/desk/{ticket.number}?sent={act}"
        event = last_event(ticket)
        assert (event.kind, event.internal, event.text) == (kind, act == "note", "Díváme se")
        assert [file.filename for file in event.attachments] == ["a.txt"]
        assert f'data-accepted="{act}-{ticket.number}"' in client.follow(answer).text

    def test_an_empty_note_is_refused_beside_the_note(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        answer = sent(browser(BOB), ticket.number, "note", text="")
        assert "#note-text" in page_of(answer, 422).links
        assert 'value="note" checked' in answer.text

    @pytest.mark.parametrize(
        ("state", "action", "typed", "after"),
        [
            (State.NEW, "start", {}, State.IN_PROGRESS),
            (State.NEW, "hand_over", {"assignee": CAROL.email, "text": "Prosím"}, State.IN_PROGRESS),
            (State.IN_PROGRESS, "return", {"text": "Jaká verze?"}, State.RETURNED),
            (State.IN_PROGRESS, "finish", {"text": ""}, State.DONE),
            (State.DONE, "accept", {"rating": "4"}, State.CLOSED),
        ],
    )
    def test_moves_as_the_page_offers_them(
        self, browser: Browser, state: State, action: str, typed: dict[str, str], after: State
    ) -> None:
        ticket, client = standing_at(state), browser(ALICE)
        page = page_of(client.get(f"/desk/{ticket.number}"))
        address = f"/desk/{ticket.number}/move"
        bare = [form for form in page.forms if form.action == address and "action" not in form.fields]
        form = page.form(address, action=action) if typed or action != "start" else bare[0]
        answer = client.form(address, form.filled(action=action, **typed))
        assert answer.location == f"/desk/{ticket.number}?sent=move-{action}"
        assert tickets.load(ticket.number).state is after

    def test_what_a_move_lacks_is_said_in_its_form(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        page = page_of(sent(browser(BOB), ticket.number, "move", action="hand_over", text="Prosím"), 422)
        assert "#hand_over-assignee" in page.links
        assert page.form(f"/desk/{ticket.number}/move", action="hand_over").fields["text"] == ["Prosím"]

    @pytest.mark.parametrize("email", [DAVE.email, EVA.email, "nobody"])
    def test_only_staff_of_the_project_can_be_given_it(self, browser: Browser, email: str) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        page = page_of(sent(browser(BOB), ticket.number, "move", action="hand_over", assignee=email), 422)
        assert "Only a solver or manager of this project" in page.words

    def test_properties(self, browser: Browser) -> None:
        ticket, client = filed(), browser(ALICE)
        form = form_of(client, ticket.number, "properties")
        assert form.fields["priority"] == ["normal"]
        answer = client.form(form.action, form.filled(priority="urgent", due="2030-01-31"))
        assert answer.location == f"/desk/{ticket.number}?sent=properties"
        found = tickets.load(ticket.number)
        assert (found.priority.value, str(found.due)) == ("urgent", "2030-01-31")
        form = form_of(client, ticket.number, "properties")
        client.form(form.action, form.filled(due=""))
        assert tickets.load(ticket.number).due is None

    @pytest.mark.parametrize(
        "typed", [{"due": "31. 1."}, {"due": "2030-02-30"}, {"priority": "soon"}, {"type": ""}, {}]
    )
    def test_properties_that_are_none(self, browser: Browser, typed: dict[str, str]) -> None:
        ticket = filed()
        fields = {"type": "question", "priority": "normal", "due": "", **typed}
        page_of(sent(browser(ALICE), ticket.number, "properties", **fields), 422)
        assert len(history.of_ticket(ticket.number)) == 1

    def test_watchers(self, browser: Browser) -> None:
        ticket, client = filed(), browser(BOB)
        form = form_of(client, ticket.number, "watch", email="")
        answer = client.form(form.action, form.filled(email=WANDA.email, do="add"))
        assert answer.location == f"/desk/{ticket.number}?sent=watch"
        twice = page_of(client.form(form.action, form.filled(email=WANDA.email, do="add")), 409)
        assert "watches the request already" in twice.words
        page_of(client.form(form.action, {"email": "x", "do": "add"}), 422)
        form = form_of(client, ticket.number, "watch", email=WANDA.email)
        assert client.form(form.action, form.filled(do="remove")).status == 303
        assert not tickets.load(ticket.number).watchers

    @pytest.mark.parametrize("act", ["reply", "note", "move", "properties", "watch", "notify"])
    def test_for_others_there_is_nothing_to_write_to(self, browser: Browser, act: str) -> None:
        filed()
        fields = {
            "text": "x", "action": "start", "version": 1, "type": "change", "priority": "low", "due": "",
            "email": DAVE.email, "do": "add",
        }  # fmt: skip
        page_of(browser(DAVE).form(f"/desk/WEB-1/{act}", fields), 404)
        page_of(browser(DAVE).form(f"/desk/WEB-9/{act}", fields), 404)
        page_of(browser(EVA).form(f"/desk/WEB-1/{act}", fields), 403)
        page_of(browser(ALICE, origin="https://evil.example").form(f"/desk/WEB-1/{act}", fields), 403)
        assert browser(ALICE).get(f"/desk/WEB-1/{act}").status == 405
        assert len(history.of_ticket("WEB-1")) == 1

    def test_a_solver_who_has_not_got_it_may_not_move_it(self, browser: Browser) -> None:
        ticket = standing_at(State.IN_PROGRESS)
        page_of(sent(browser(CAROL), ticket.number, "move", action="finish"), 403)


class TestStale:
    def test_a_move_is_refused_with_what_is_new_and_the_text_kept(self, browser: Browser) -> None:
        ticket, client = standing_at(State.IN_PROGRESS), browser(ALICE)
        form = form_of(client, ticket.number, "move", action="return")
        desk.comment(ticket.number, CommentOrder("Mezitím od zákazníka"), signed_in(EVA))
        answer = client.form(form.action, form.filled(text="Jaká verze?"), [("a.txt", "text/plain", b"soubor")])
        page = page_of(answer, 409)
        assert page.words.count("Mezitím od zákazníka") == 2
        again = page.form(form.action, action="return")
        assert again.fields["text"] == ["Jaká verze?"]
        assert client.form(again.action, again.filled()).status == 303
        assert [file.filename for file in last_event(ticket).attachments] == ["a.txt"]

    def test_a_move_whose_time_is_over_leaves_its_text_to_be_read(self, browser: Browser) -> None:
        ticket, client = standing_at(State.IN_PROGRESS), browser(ALICE)
        form = form_of(client, ticket.number, "move", action="return")
        moved(ticket, "finish", BOB, text="Hotovo.")
        page = page_of(client.form(form.action, form.filled(text="Jaká verze?")), 409)
        assert "Jaká verze?" in page.words
        assert tickets.load(ticket.number).state is State.DONE

    def test_properties_too(self, browser: Browser) -> None:
        ticket, client = filed(), browser(ALICE)
        form = form_of(client, ticket.number, "properties")
        moved(ticket, "start", ALICE)
        page = page_of(client.form(form.action, form.filled(priority="high")), 409)
        again = page.form(form.action)
        assert again.fields["priority"] == ["high"]
        assert client.form(again.action, again.filled()).status == 303

    def test_a_double_click_is_one_move(self, browser: Browser) -> None:
        ticket, client = standing_at(State.IN_PROGRESS), browser(BOB)
        form = form_of(client, ticket.number, "move", action="finish")
        first, second = (client.form(form.action, form.filled(text="Opraveno.")) for _ in range(2))
        assert first.location == second.location == f"/desk/{ticket.number}?sent=move-finish"
        assert [event.kind for event in history.of_ticket(ticket.number)].count("ticket.finished") == 1

    def test_a_reply_is_never_stale(self, browser: Browser) -> None:
        ticket, client = standing_at(State.IN_PROGRESS), browser(BOB)
        form = form_of(client, ticket.number, "reply")
        desk.comment(ticket.number, CommentOrder("Mezitím"), signed_in(EVA))
        assert client.form(form.action, form.filled(text="Odpověď")).status == 303
        assert [event.text for event in history.of_ticket(ticket.number)][-2:] == ["Mezitím", "Odpověď"]
