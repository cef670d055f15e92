"""Filing a request: the choice of a project, the form, and the thanks."""

import pytest

from chalicelib import urls
from chalicelib.domain.files import Attachment
from chalicelib.domain.tickets import Type
from chalicelib.storage import history, tickets
from tests.cast import ALICE, EVA, FRANK, HANA, STRANGER, by_form, signed_in
from tests.stage import moved, uploaded
from tests.web.client import Answer
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

TYPED = {
    "key": "k1",
    "email": "Nova@Customer.example",
    "name": "Nová Zákaznice",
    "type": "incident",
    "subject": "Nejde tisk",
    "text": "Nic se netiskne.\r\n\r\nAni po restartu.",
    "website": "",
}


def filed_number(answer: Answer) -> str:
    assert answer.status == 303, answer
    return answer.location.partition("?")[0].rpartition("/")[2]


def attached(number: str) -> list[Attachment]:
    return [file for event in history.of_ticket(number) for file in event.attachments]


class TestForm:
    def test_a_stranger_chooses_among_the_open_forms(self, browser: Browser) -> None:
        page = page_of(browser().get("/new"))
        assert [link for link in page.links if link.startswith("/new/")] == ["/new/WEB"]

    def test_a_member_also_has_those_for_members(self, browser: Browser) -> None:
        page = page_of(browser(HANA).get("/new"))
        assert [link for link in page.links if link.startswith("/new/")] == ["/new/HR", "/new/WEB"]

    @pytest.mark.parametrize("key", ["HR", "OLD", "NONE", "%2e%2e", "a b"])
    def test_a_form_that_is_not_open_to_one_looks_like_none(self, browser: Browser, key: str) -> None:
        absent = browser().get("/new/ABSENT").text.replace("ABSENT", key)
        answer = browser().get(f"/new/{key}")
        assert (answer.status, answer.text) == (404, absent) or answer.status == 404
        assert browser().form(f"/new/{key}", TYPED).status == 404

    def test_each_form_has_its_own_mark(self, browser: Browser) -> None:
        client = browser()
        marks = {page_of(client.get("/new/WEB")).form("/new/WEB").fields["key"][0] for _ in range(2)}
        assert len(marks) == 2

    def test_staff_may_file_for_a_customer_and_a_customer_may_not(self, browser: Browser) -> None:
        assert "email" in page_of(browser(ALICE).get("/new/WEB")).form("/new/WEB").fields
        assert "email" not in page_of(browser(EVA).get("/new/WEB")).form("/new/WEB").fields


class TestFile:
    def test_a_stranger_files(self, browser: Browser) -> None:
        client = browser()
        form = page_of(client.get("/new/WEB")).form("/new/WEB")
        answer = client.form(form.action, form.filled(**{name: TYPED[name] for name in TYPED if name != "key"}))
        ticket = tickets.load(filed_number(answer))
        assert (ticket.subject, ticket.type) == ("Nejde tisk", Type.INCIDENT)
        assert ticket.text == "Nic se netiskne.\n\nAni po restartu."
        assert (ticket.requester.email, ticket.requester.name) == ("nova@customer.example", "Nová Zákaznice")
        assert not ticket.confirmed

    def test_with_the_files_of_a_browser_without_scripts(self, browser: Browser) -> None:
        sent = [("výpis.txt", "text/plain", b"x" * 200_000), ("prázdný.txt", "text/plain", b"")]
        number = filed_number(browser().form("/new/WEB", TYPED, sent))
        found = {file.filename: file.size for file in attached(number)}
        assert found == {"výpis.txt": 200_000, "prázdný.txt": 0}

    def test_with_files_that_were_sent_before(self, browser: Browser) -> None:
        upload = uploaded(by_form(STRANGER))
        number = filed_number(browser().form("/new/WEB", TYPED | {"uploads": [upload.id]}))
        assert [file.id for file in attached(number)] == [upload.id]

    def test_a_double_click_is_one_request_with_its_files_once(self, browser: Browser) -> None:
        sent = [("výpis.txt", "text/plain", b"once")]
        first, second = (browser().form("/new/WEB", TYPED, sent) for _ in range(2))
        assert filed_number(first) == filed_number(second) == "WEB-1"
        assert len(attached("WEB-1")) == 1

    def test_another_request_under_a_used_mark_is_asked_about(self, browser: Browser) -> None:
        filed_number(browser().form("/new/WEB", TYPED))
        page = page_of(browser().form("/new/WEB", TYPED | {"subject": "Něco jiného"}), 409)
        form = page.form("/new/WEB")
        assert form.fields["subject"] == ["Něco jiného"]
        assert filed_number(browser().form("/new/WEB", form.filled())) == "WEB-2"

    def test_staff_file_for_a_customer(self, browser: Browser) -> None:
        number = filed_number(browser(ALICE).form("/new/WEB", TYPED | {"email": FRANK.email, "name": ""}))
        assert tickets.load(number).requester == FRANK.contact

    def test_an_address_typed_by_a_customer_who_is_signed_in_counts_for_nothing(self, browser: Browser) -> None:
        number = filed_number(browser(EVA).form("/new/WEB", TYPED | {"email": FRANK.email}))
        assert tickets.load(number).requester == EVA.contact

    def test_another_site_cannot_file(self, browser: Browser) -> None:
        page_of(browser(EVA, origin="https://evil.example").form("/new/WEB", TYPED), 403)

    def test_what_the_host_says_is_of_no_effect(self, browser: Browser) -> None:
        answer = browser().request(
            "GET", "/new/WEB", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        )
        assert "evil.example" not in answer.text


class TestRefused:
    def test_all_that_is_wrong_is_said_and_all_that_was_typed_is_kept(self, browser: Browser) -> None:
        wrong = TYPED | {"email": "nikdo", "name": "", "subject": " ", "type": "change"}
        page = page_of(browser().form("/new/WEB", wrong, [("výpis.txt", "text/plain", b"kept")]), 422)
        form = page.form("/new/WEB")
        assert [anchor for anchor in page.links if anchor.startswith("#")][1:] == ["#email", "#name", "#subject"]
        assert form.fields["text"] == ["Nic se netiskne.\r\n\r\nAni po restartu."]
        assert form.fields["email"] == ["nikdo"]
        assert form.fields["type"] == ["change"]
        assert form.fields["key"] == ["k1"]
        number = filed_number(browser().form("/new/WEB", form.filled(email=EVA.email, name="Eva", subject="Tisk")))
        assert [file.filename for file in attached(number)] == ["výpis.txt"]

    def test_a_program_that_fills_in_everything_is_asked_once_more(self, browser: Browser) -> None:
        page = page_of(browser().form("/new/WEB", TYPED | {"website": "http://buy.example"}), 422)
        form = page.form("/new/WEB")
        assert form.fields["website"] == [""]
        assert filed_number(browser().form("/new/WEB", form.filled())) == "WEB-1"

    def test_files_together_have_a_limit(self, browser: Browser) -> None:
        sent = [(f"{n}.bin", "application/octet-stream", b"x" * 1_500_000) for n in range(3)]
        page = page_of(browser().form("/new/WEB", TYPED, sent), 422)
        assert "4 MB" in page.words
        assert page.form("/new/WEB").fields["subject"] == ["Nejde tisk"]

    def test_a_file_that_is_somebody_elses_is_refused(self, browser: Browser) -> None:

        upload = uploaded(signed_in(EVA))
        page = page_of(browser().form("/new/WEB", TYPED | {"uploads": upload.id}), 422)
        assert "uploads" not in page.form("/new/WEB").fields

    def test_text_that_cannot_be_stored(self, browser: Browser) -> None:
        page_of(browser().form("/new/WEB", TYPED | {"text": "nula \0"}), 422)

    def test_too_many_keep_what_was_typed(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        from chalicelib import desk
        from chalicelib.storage.limits import Limit

        monkeypatch.setattr(desk, "_PER_ADDRESS", Limit("submit-address", 0, 3600))
        answer = browser().form("/new/WEB", TYPED)
        assert int(answer.headers["retry-after"]) > 0
        assert page_of(answer, 429).form("/new/WEB").fields["subject"] == ["Nejde tisk"]

    @pytest.mark.parametrize(("kind", "status"), [("text/plain", 415), ("multipart/form-data; boundary=x", 400)])
    def test_what_is_no_form(self, browser: Browser, kind: str, status: int) -> None:
        answer = browser().request("POST", "/new/WEB", b"nothing", headers={"Content-Type": kind})
        page_of(answer, status)


class TestThanks:
    def test_number_address_and_what_follows(self, browser: Browser) -> None:
        client = browser()
        page = page_of(client.follow(client.form("/new/WEB", TYPED)))
        assert "WEB-1" in page.words
        assert "Nejde tisk" in page.words
        assert "nova@customer.example" in page.words
        assert urls.absolute("/t/WEB-1") in page.words

    def test_the_receipt_says_nothing_of_what_others_did_since(self, browser: Browser) -> None:
        client = browser()
        answer = client.form("/new/WEB", TYPED | {"email": EVA.email})
        moved(tickets.load("WEB-1"), "start", ALICE)
        assert "Nejde tisk" not in page_of(client.follow(answer)).words

    def test_it_opens_nothing(self, browser: Browser) -> None:
        client = browser()
        client.follow(client.form("/new/WEB", TYPED | {"email": EVA.email}))
        assert "Nejde tisk" not in client.get("/t/WEB-1").text
        assert not [name for name in client.cookies if "link" in name or "session" in name]

    @pytest.mark.parametrize("receipt", ["", "x", "IldFQi0xIg.x.y"])
    def test_without_a_receipt_one_is_sent_to_the_request(self, browser: Browser, receipt: str) -> None:
        client = browser()
        client.form("/new/WEB", TYPED)
        answer = client.get("/thanks/WEB-1", receipt=receipt)
        assert (answer.status, answer.location) == (303, "/t/WEB-1")

    def test_a_receipt_is_for_one_request(self, browser: Browser) -> None:
        client = browser()
        one = client.form("/new/WEB", TYPED)
        client.form("/new/WEB", TYPED | {"key": "k2", "subject": "Druhý"})
        answer = client.get(one.location.replace("WEB-1", "WEB-2"))
        assert (answer.status, answer.location) == (303, "/t/WEB-2")

    def test_one_event_was_written(self, browser: Browser) -> None:
        browser().form("/new/WEB", TYPED)
        assert [event.kind for event in history.of_ticket("WEB-1")] == ["ticket.submitted"]
