"""The pages of a request at its end: the day it closes, the rating, the follow-up."""

import re
from dataclasses import replace

import pytest

from chalicelib import desk
from chalicelib.domain import ending
from chalicelib.domain.people import ProjectRole
from chalicelib.domain.tickets import State
from chalicelib.storage import history, people, tickets
from tests.cast import ALICE, BOB, DAVE, EVA, FRANK, HANA, HR, WANDA, signed_in
from tests.stage import filed, left_alone, moved, standing_at
from tests.web.api.door import by_link
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of


class TestTheDayItCloses:
    def test_both_pages_name_it_while_the_request_is_done(self, browser: Browser) -> None:
        standing_at(State.DONE)
        assert "Sám se ukončí" in page_of(browser(EVA).get("/t/WEB-1")).words
        assert "Closes by itself" in page_of(browser(BOB).get("/desk/WEB-1")).words

    def test_and_neither_does_before_or_after(self, browser: Browser) -> None:
        standing_at(State.IN_PROGRESS)
        standing_at(State.CLOSED)
        for number in ("WEB-1", "WEB-2"):
            assert "Sám se ukončí" not in page_of(browser(EVA).get(f"/t/{number}")).words
            assert "Closes by itself" not in page_of(browser(BOB).get(f"/desk/{number}")).words

    def test_the_history_says_that_the_requester_was_reminded(self, browser: Browser) -> None:
        left_alone(ending.remind)
        assert "připomněli" in page_of(browser(EVA).get("/t/WEB-1")).words
        assert "was reminded" in page_of(browser(BOB).get("/desk/WEB-1")).words

    def test_a_reminder_opens_the_answer_it_offered(self, browser: Browser) -> None:
        left_alone(ending.remind)
        text = browser(EVA).get("/t/WEB-1", move="reject").text
        [opened] = re.findall(r"<details[^>]* open>\s*<summary>.*?#(\w+)", text)
        assert opened == "reject"
        assert browser(EVA).get("/t/WEB-1", move="<script>").status == 200


class TestRating:
    ADDRESS = "/t/WEB-1/rating"

    def test_by_link_with_one_press_and_no_code(self, browser: Browser) -> None:
        client = by_link(browser(), left_alone(ending.auto_close), EVA)
        form = page_of(client.get("/t/WEB-1", rating="4")).form(self.ADDRESS)
        assert form.fields["rating"] == ["4"]
        answer = client.form(form.action, form.filled(text="Díky"))
        assert answer.location == "/t/WEB-1?sent=rating"
        page = page_of(client.follow(answer))
        assert "4 of 5" in page.words
        assert self.ADDRESS not in [each.action for each in page.forms]

    def test_opening_the_link_rates_nothing(self, browser: Browser) -> None:
        client, before = by_link(browser(), left_alone(ending.auto_close), EVA), history.of_ticket("WEB-1")
        for _ in range(2):
            client.get("/t/WEB-1", rating="1")
        assert client.request("GET", self.ADDRESS).status == 405
        assert history.of_ticket("WEB-1") == before

    @pytest.mark.parametrize("value", ["9", "", "x", "<b>"])
    def test_what_is_not_on_the_scale_is_not_chosen(self, browser: Browser, value: str) -> None:
        left_alone(ending.auto_close)
        form = page_of(browser(EVA).get("/t/WEB-1", rating=value)).form(self.ADDRESS)
        assert "rating" not in form.fields
        page = page_of(browser(EVA).form(form.action, form.filled(rating=value, text="Slovo")), 422)
        assert page.form(self.ADDRESS).fields["text"] == ["Slovo"]
        assert "#rate-rating" in page.links

    def test_a_double_click_is_one_rating(self, browser: Browser) -> None:
        eva, version = browser(EVA), left_alone(ending.auto_close).version
        sent = {"key": "k", "version": version, "rating": "4", "text": "Díky\r\n"}
        assert {eva.form(self.ADDRESS, sent).location for _ in range(2)} == {"/t/WEB-1?sent=rating"}
        assert [event.kind for event in history.of_ticket("WEB-1")].count("ticket.rated") == 1

    def test_a_second_rating_is_refused_and_shown_the_first(self, browser: Browser) -> None:
        eva, version = browser(EVA), left_alone(ending.auto_close).version
        eva.form(self.ADDRESS, {"version": version, "rating": "4", "text": ""})
        page = page_of(eva.form(self.ADDRESS, {"version": version, "rating": "1", "text": ""}), 409)
        assert "4 z 5" in page.words
        assert tickets.load("WEB-1").rating == 4

    def test_only_the_requester_is_asked(self, browser: Browser) -> None:
        left_alone(ending.auto_close)
        assert self.ADDRESS not in [form.action for form in page_of(browser(WANDA).get("/t/WEB-1")).forms]
        for person, status in ((WANDA, 403), (FRANK, 404), (None, 404), (BOB, 403)):
            browser(person).form(self.ADDRESS, {"rating": "5"})
            page_of(browser(person).form(self.ADDRESS, {"rating": "5"}), status)
        assert tickets.load("WEB-1").rating is None

    def test_what_was_withdrawn_is_not_rated(self, browser: Browser) -> None:
        moved(filed(), "withdraw", EVA)
        assert self.ADDRESS not in [form.action for form in page_of(browser(EVA).get("/t/WEB-1")).forms]


class TestFollowUp:
    FORM = "/new/WEB?follows=WEB-1"

    def test_from_the_closed_request_to_the_new_one_and_back(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        eva = browser(EVA)
        assert self.FORM in page_of(eva.get("/t/WEB-1")).links
        form = page_of(eva.get(self.FORM)).form("/new/WEB")
        assert (form.fields["subject"], form.fields["follows"]) == (["Nejde tisk faktur"], ["WEB-1"])
        assert eva.form(form.action, form.filled(text="Znovu to nejde.")).status == 303
        assert "/t/WEB-1" in page_of(eva.get("/t/WEB-2")).links
        assert "/t/WEB-2" in page_of(eva.get("/t/WEB-1")).links
        bob = browser(BOB)
        assert "/desk/WEB-1" in page_of(bob.get("/desk/WEB-2")).links
        assert "/desk/WEB-2" in page_of(bob.get("/desk/WEB-1")).links

    def test_by_link_on_an_open_form_the_address_is_still_typed(self, browser: Browser) -> None:
        client = by_link(browser(), standing_at(State.CLOSED), EVA)
        assert self.FORM in page_of(client.get("/t/WEB-1")).links
        form = page_of(client.get(self.FORM)).form("/new/WEB")
        sent = form.filled(text="Znovu.", email=EVA.email, name="Eva")
        assert client.form(form.action, sent).status == 303
        assert tickets.load("WEB-2").follows == "WEB-1"

    def test_staff_go_on_with_the_same_requester(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        bob = browser(BOB)
        assert self.FORM in page_of(bob.get("/desk/WEB-1")).links
        form = page_of(bob.get(self.FORM)).form("/new/WEB")
        assert (form.fields["email"], form.fields["name"]) == ([EVA.email], [EVA.name])
        bob.form(form.action, form.filled(text="Zákaznice volala."))
        assert tickets.load("WEB-2").requester == EVA.contact

    def test_by_link_where_the_form_is_for_members_one_signs_in_first(self, browser: Browser) -> None:
        frank = people.find(FRANK.email)
        assert frank
        member = replace(frank, roles={HR: ProjectRole.CUSTOMER})
        people.update(frank, member)
        closed = moved(moved(filed(member, project=HR), "finish", HANA), "accept", FRANK)
        page = page_of(by_link(browser(), closed, FRANK).get("/t/HR-1"))
        assert "/sign-in?next=%2Fnew%2FHR%3Ffollows%3DHR-1" in page.links
        assert "/new/HR?follows=HR-1" in page_of(browser(FRANK).get("/t/HR-1")).links

    def test_none_while_it_is_open(self, browser: Browser) -> None:
        standing_at(State.DONE)
        assert not [link for link in page_of(browser(EVA).get("/t/WEB-1")).links if "follows" in link]
        assert browser(EVA).get(self.FORM).status == 404

    def test_the_form_is_not_there_for_what_is_foreign_or_absent(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        for person in (None, FRANK, DAVE):
            pages = [browser(person).get("/new/WEB", follows=number) for number in ("WEB-1", "WEB-9", "\x00", "HR-1")]
            assert {page.status for page in pages} == {404}
            assert len({page.text.replace("WEB-9", "WEB-1") for page in pages[:2]}) == 1

    def test_a_refused_form_keeps_what_it_follows(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        page = page_of(browser(EVA).form("/new/WEB", {"subject": "", "text": "Text", "follows": "WEB-1"}), 422)
        assert page.form("/new/WEB").fields["follows"] == ["WEB-1"]

    def test_a_forged_one_is_said_at_the_top_with_a_way_out(self, browser: Browser) -> None:
        standing_at(State.CLOSED)
        sent = {"subject": "Předmět", "text": "Text", "follows": "WEB-1"}
        page = page_of(browser(FRANK).form("/new/WEB", sent), 422)
        assert {"#follows", "/new/WEB"} <= set(page.links)

    def test_who_may_read_one_of_them_alone_sees_the_number(self, browser: Browser) -> None:
        closed = standing_at(State.CLOSED)
        order = desk.SubmitOrder("WEB", "Jiný", "Text", email=FRANK.email, follows=closed.number)
        desk.submit(order, signed_in(ALICE), "192.0.2.1")
        assert "WEB-2" in page_of(browser(EVA).get("/t/WEB-1")).words
        assert "Jiný" not in browser(EVA).get("/t/WEB-1").text
        assert "WEB-1" in page_of(browser(FRANK).get("/t/WEB-2")).words
        assert "tisk faktur" not in browser(FRANK).get("/t/WEB-2").text
