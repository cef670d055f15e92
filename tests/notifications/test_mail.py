"""What a mail says and how it is wrapped: threads, languages, links, and what it must not repeat."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_given
from hypothesis import strategies as st

from chalicelib import desk, directory, i18n, letters, mailer, notifications, reading
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.events import EVENTS, Event, Kind, event_of
from chalicelib.domain.hearing import Reason
from chalicelib.domain.people import Person, email_address
from chalicelib.domain.tickets import State, Ticket
from chalicelib.letters import Recipient
from chalicelib.mailer import Mail
from chalicelib.storage import history, people, projects, tickets
from chalicelib.storage.models import ExpiringRow
from tests.cast import ALICE, BOB, EVA, FRANK, SCREENSHOT, STRANGER, WANDA, a_ticket, by_form, signed_in, stamp
from tests.stage import (
    NETWORK,
    OPEN_WEB,
    SentMail,
    filed,
    filed_by_form,
    forget_mails,
    last_event,
    mails_to,
    moved,
    sent_mails,
    settle,
    standing_at,
    uploaded,
)

lenient = settings_of_given(max_examples=60, deadline=None)
HORSE = "Příliš žluťoučký kůň úpěl ďábelské ódy 🐎"


def told(ticket: Ticket) -> list[SentMail]:
    """The mails about the last event of `ticket`."""
    forget_mails()
    notifications.deliver(ticket.number, last_event(ticket).id)
    return sent_mails()


def told_to(person: Person, ticket: Ticket) -> SentMail:
    told(ticket)
    [mail] = mails_to(person)
    return mail


@pytest.mark.usefixtures("stage")
class TestHeaders:
    def test_all_mails_of_a_ticket_are_one_thread_and_each_its_own_message(self) -> None:
        ticket = filed(watchers=(WANDA.email,))
        mails = told(ticket)
        desk.comment(ticket.number, CommentOrder("Slovo."), signed_in(BOB))
        mails += told(ticket)
        mails += told(moved(ticket, "finish", ALICE))
        threads = {(mail.message["References"], mail.message["In-Reply-To"]) for mail in mails}
        assert threads == {(f"<{ticket.number}@desk.example>", f"<{ticket.number}@desk.example>")}
        ids = [mail.message["Message-ID"] for mail in mails]
        assert len(set(ids)) == len(ids) == 8
        assert all(re.fullmatch(r"<[0-9a-z.]+@desk\.example>", each) for each in ids)

    def test_no_machine_should_answer(self) -> None:
        for mail in told(filed()):
            assert mail.message["Auto-Submitted"] == "auto-generated"
            assert mail.message["X-Auto-Response-Suppress"] == "All"

    def test_it_comes_from_the_desk_and_goes_to_one_address(self) -> None:
        for mail in told(filed(watchers=(WANDA.email, FRANK.email))):
            assert mail.message["From"] == "Pythagoras Helpdesk <desk@desk.example>"
            assert mail.envelope == (mail.to,)
            assert mail.message["Cc"] is None
            assert mail.message["Date"]

    def test_the_subject_names_the_ticket_and_stays_the_same(self) -> None:
        ticket = filed(subject=HORSE)
        expected = f"[{ticket.number}] {HORSE}"
        assert {mail.subject for mail in told(ticket)} == {expected}
        assert {mail.subject for mail in told(moved(ticket, "start", ALICE))} == {expected}


@pytest.mark.usefixtures("stage")
class TestContent:
    def test_czech_survives_in_both_parts(self) -> None:
        ticket = filed(subject=HORSE)
        desk.comment(ticket.number, CommentOrder(HORSE), signed_in(ALICE))
        mail = told_to(EVA, ticket)
        assert HORSE in mail.text
        assert HORSE in mail.html
        assert "Alice Adamová" in mail.text

    def test_what_somebody_wrote_is_text_and_never_markup(self) -> None:
        ticket = filed(subject="<img src=x onerror=alert(1)>")
        text = "<script>alert(1)</script>\n{{ 7*7 }} {actor} %s"
        desk.comment(ticket.number, CommentOrder(text), signed_in(ALICE))
        mail = told_to(EVA, ticket)
        assert "<script" not in mail.html
        assert "<img" not in mail.html
        assert "{{ 7*7 }} {actor} %s" in mail.text

    def test_it_says_whose_turn_it_is_and_what_comes_next(self) -> None:
        mail = told_to(FRANK, moved(moved(filed(FRANK), "start", ALICE), "return", ALICE, text="Which version?"))
        assert "It is your turn" in mail.text
        assert "Please add what is missing" in mail.text
        assert "Open the request and answer" in mail.text
        assert "> Which version?" in mail.text

    def test_files_are_named_and_never_linked(self) -> None:
        upload = uploaded(signed_in(EVA), filename="výpis.txt")
        mail = told_to(ALICE, filed(uploads=(upload.id,)))
        assert "výpis.txt" in mail.text
        assert "amazonaws" not in mail.text + mail.html

    def test_names_with_braces_do_no_harm(self) -> None:
        ticket = filed_by_form(STRANGER, name="{0} {actor!r} {number}")
        assert "{0} {actor!r} {number}" in told_to(ALICE, ticket).text


@pytest.mark.usefixtures("stage")
class TestLinks:
    def link(self, mail: SentMail) -> str:
        [token] = set(re.findall(r"https://desk\.example/t/[^#\s]+#k=(\S+)", mail.text))
        assert f"#k={token}" in mail.html
        return str(token)

    def test_the_link_in_a_mail_opens_exactly_that_ticket(self) -> None:
        ticket, other = filed(), filed()
        token = self.link(told_to(EVA, ticket))
        opened, _ = directory.open_link(token, NETWORK)
        assert (opened.ticket, opened.email) == (ticket.number, EVA.email)
        actor = directory.by_link(token)
        assert actor is not None
        assert reading.read(ticket.number, actor).number == ticket.number
        with pytest.raises(NotFound):
            reading.read(other.number, actor)

    def test_each_recipient_has_a_link_of_their_own(self) -> None:
        ticket = filed(watchers=(WANDA.email, FRANK.email))
        mails = [mail for mail in told(ticket) if mail.to != ALICE.email]
        opened = {directory.open_link(self.link(mail), NETWORK)[0].email: mail.to for mail in mails}
        assert opened == {each: each for each in (EVA.email, WANDA.email, FRANK.email)}

    def test_the_secret_of_a_link_is_not_kept(self) -> None:
        token = self.link(told_to(EVA, filed()))
        kept = " ".join(str(row.serialize()) for row in ExpiringRow.scan())
        assert token.partition(".")[2] not in kept

    def test_staff_get_the_working_page_without_any_secret(self) -> None:
        ticket = filed()
        mail = told_to(ALICE, ticket)
        assert f"https://desk.example/desk/{ticket.number}\n" in mail.text
        assert "#k=" not in mail.text + mail.html


@pytest.mark.usefixtures("stage")
class TestUnconfirmed:
    """An anonymous submitter must not be able to have the desk mail their words to somebody else's address."""

    WORDS = ("Levné hodinky", "Kupte u nás!", "Pan Reklama")

    def spam(self) -> Ticket:
        return filed_by_form(STRANGER, *self.WORDS)

    def words_in(self, mail: SentMail) -> set[str]:
        return {word for word in self.WORDS if word in mail.whole}

    def test_the_receipt_repeats_nothing_of_what_was_typed(self) -> None:
        ticket = self.spam()
        mail = told_to(STRANGER, ticket)
        assert self.words_in(mail) == set()
        assert ticket.number in mail.subject
        assert "#k=" in mail.text

    def test_the_file_names_are_not_repeated_either(self) -> None:
        upload = uploaded(by_form(STRANGER), filename="kup-nase-hodinky.txt")
        order = desk.SubmitOrder("WEB", *self.WORDS[:2], email=STRANGER.email, name="x", uploads=(upload.id,))
        mail = told_to(STRANGER, desk.submit(order, by_form(STRANGER), NETWORK))
        assert "kup-nase-hodinky" not in mail.whole

    def test_later_mails_do_not_repeat_it_either(self) -> None:
        ticket = self.spam()
        for action, more in (("start", {}), ("return", {"text": "Čemu máme rozumět?"})):
            mail = told_to(STRANGER, moved(ticket, action, ALICE, **more))
            assert self.words_in(mail) == set()
        desk.comment(ticket.number, CommentOrder("Ozvěte se."), signed_in(BOB))
        mail = told_to(STRANGER, ticket)
        assert self.words_in(mail) == set()
        assert "Ozvěte se." in mail.text

    def test_a_watcher_nobody_has_confirmed_reads_nothing_of_it_either(self) -> None:
        ticket = self.spam()
        desk.watch(ticket.number, WANDA.email, signed_in(BOB))
        notifications.deliver(ticket.number, history.of_ticket(ticket.number)[0].id)
        assert self.words_in(mails_to(WANDA)[0]) == set()
        assert self.words_in(told_to(WANDA, moved(ticket, "start", ALICE))) == set()

    def test_staff_read_all_of_it(self) -> None:
        assert self.words_in(told_to(ALICE, self.spam())) == set(self.WORDS)

    def test_once_the_address_is_confirmed_it_is_shown(self) -> None:
        ticket = self.spam()
        people.update(STRANGER, replace(STRANGER, confirmed_at=ticket.created_at))
        mail = told_to(STRANGER, ticket)
        assert self.words_in(mail) >= {"Levné hodinky", "Kupte u nás!"}
        assert mail.subject == f"[{ticket.number}] Levné hodinky"

    def test_what_staff_filed_for_a_customer_is_shown(self) -> None:
        mail = told_to(FRANK, filed(ALICE, subject="Volal jste", email=FRANK.email))
        assert "Volal jste" in mail.text


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("language", i18n.LANGUAGES)
class TestLanguages:
    def test_each_kind_can_be_written_to_everybody_in_every_state(self, language: str) -> None:
        crew = projects.crew("WEB")
        for kind in EVENTS.values():
            for state in State:
                ticket = a_ticket(state, BOB)
                event = replace(
                    _event(kind, ticket), text=HORSE, attachments=(SCREENSHOT,), changes={"assignee": (None, BOB.email)}
                )
                for email, staff, confirmed, reason in (
                    (EVA.email, False, True, Reason.RECEIPT),
                    (EVA.email, False, False, Reason.REQUESTER),
                    (BOB.email, True, True, Reason.NEW_ASSIGNEE),
                    (WANDA.email, False, True, Reason.WATCHER),
                    ("all@customer.example", False, True, Reason.ADDRESS),
                ):
                    to = Recipient(email, language, staff, confirmed, reason, reader=reason is not Reason.ADDRESS)
                    mail = letters.about(event, ticket, crew.project, to)
                    assert f'<html lang="{language}">' in mail.html
                    assert mail.subject.startswith(f"[{ticket.number}] ")
                    assert not re.search(r"\{[a-z]+\}|None|Undefined", mail.text + mail.html), mail.text
                    assert len(mail.text) > 100

    def test_no_english_is_left_in_the_czech(self, language: str) -> None:
        """The sentences that differ by kind, state and reader are all translated."""
        said = set()
        for kind in EVENTS.values():
            said.add(i18n.translated(kind.headline, language, actor="A", assignee="B", number="C"))
            filled = {"assignee": "B", "watcher": "C", "follow_up": "D", "address": "E", "reason": "F"}
            said.add(i18n.translated(kind.sentence, language, **filled))
        english = {kind.headline.format(actor="A", assignee="B", number="C") for kind in EVENTS.values()}
        assert bool(said & english) is (language == "en")


def _event(kind: Kind, ticket: Ticket) -> Event:
    return event_of(kind.code, ticket, signed_in(ALICE), stamp())


def a_mail(**more: str) -> Mail:
    given_values = {"to": EVA.email, "subject": "s", "text": "t\n", "html": "<p>t</p>", "message_id": "1@desk.example"}
    return Mail(**{**given_values, **more}, thread="WEB-1@desk.example")  # type: ignore[arg-type]


@pytest.mark.usefixtures("stage")
class TestCompose:
    @lenient
    @given(st.text())
    def test_no_subject_breaks_out_of_its_header(self, subject: str) -> None:
        subject = subject.encode(errors="replace").decode()
        evil = a_mail(subject=f"{subject}\r\nBcc: victim@elsewhere.example\r\n\r\nbody")
        message = message_from_bytes(mailer.compose(evil).as_bytes(), policy=default)
        assert message["Bcc"] is None
        assert message["To"] == EVA.email
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]

    @pytest.mark.parametrize(
        "subject",
        [
            "=?utf-8?q?=0d=0aBcc:victim@elsewhere.example?= hi",
            "[WEB-1] =?utf-8?q?=0d=0aBcc:_victim@elsewhere.example?=",
            "=?utf-8?q?=0d=0a=0d=0aPay_here?= hi",
            "=?utf-8?q?=0d=0aBcc:x@elsewhere.example?= žluťoučký kůň " + "ž" * 100,
            "=?utf-8?q?=0d=0aBcc:x@elsewhere.example?=" * 4,
            "what does =? mean",
        ],
    )
    def test_an_encoded_word_in_a_subject_means_itself(self, subject: str) -> None:
        raw = mailer.compose(a_mail(subject=subject)).as_bytes()
        head = raw.partition(b"\r\n\r\n")[0].lower()
        assert b"\nbcc" not in head
        assert b"\nauto-submitted" in head
        message = message_from_bytes(raw)
        assert str(make_header(decode_header(message["Subject"]))) == subject

    @lenient
    @given(st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,20}@[a-z]{1,10}\.[a-z]{2,6}", fullmatch=True))
    def test_every_address_the_desk_takes_can_be_written_to(self, text: str) -> None:
        try:
            address = email_address(text)
        except Invalid:
            return
        message = message_from_bytes(mailer.compose(a_mail(to=address)).as_bytes(), policy=default)
        assert message["To"].addresses[0].addr_spec == address

    @lenient
    @given(st.text("kůň ěž- a", max_size=200))
    def test_every_space_of_a_czech_subject_survives(self, subject: str) -> None:
        message = message_from_bytes(mailer.compose(a_mail(subject=f"[WEB-1] {subject}")).as_bytes(), policy=default)
        assert message["Subject"] == " ".join(f"[WEB-1] {subject}".split())

    @pytest.mark.parametrize("address", ["=?utf-8?b?SGVsbG8=?=@evil.example", "=?us-ascii?q?a?=@evil.example"])
    def test_an_address_that_reads_as_another_is_not_taken(self, address: str) -> None:
        with pytest.raises(Invalid):
            email_address(address)

    def test_the_name_of_the_desk_may_be_czech(self, monkeypatch: pytest.MonkeyPatch) -> None:
        name = "Zákaznická podpora společnosti Žluťoučký kůň úpěl ďábelské ódy, spol. s r. o."
        monkeypatch.setattr(mailer, "settings", lambda: replace(settings(), mail_from="a@b.example", desk_name=name))
        raw = message_from_bytes(mailer.compose(a_mail()).as_bytes())["From"]
        decoded = str(make_header(decode_header(raw)))  # the policy's own parser puts spaces into long names
        assert decoded == f"{name} <a@b.example>"
        assert raw.endswith(" <a@b.example>")

    def test_long_lines_are_wrapped_for_the_wire(self) -> None:
        raw = mailer.compose(a_mail(subject="ž" * 200, text="ž" * 20_000, html="ž" * 20_000)).as_bytes()
        assert raw.isascii()
        assert mailer.compose(a_mail(text="Krátký český text.\n")).as_bytes().isascii()
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert message_from_bytes(raw, policy=default)["Subject"] == "ž" * 200

    def test_other_headers_are_kept_on_one_line(self) -> None:
        mail = replace(a_mail(), headers={"List-Unsubscribe": "<https://desk.example/x>\r\nBcc: v@x.cz"})
        message = message_from_bytes(mailer.compose(mail).as_bytes(), policy=default)
        assert message["Bcc"] is None
        assert message["List-Unsubscribe"] == "<https://desk.example/x> Bcc: v@x.cz"

    def test_the_address_to_unsubscribe_at_is_whole_and_in_plain_sight(self) -> None:
        """A mail provider reads it from the wire (RFC 8058): neither broken over lines nor encoded."""
        address = f"https://desk.example/unsubscribe/{'a' * 200}.b"
        raw = mailer.compose(replace(a_mail(), headers={"List-Unsubscribe": f"<{address}>"})).as_bytes()
        assert f"<{address}>".encode() in raw.replace(b"\r\n ", b" ").split()

    def test_a_mail_outside_a_thread_has_none(self) -> None:
        message = mailer.compose(replace(a_mail(), thread=None))
        assert message["References"] is None
        assert message["In-Reply-To"] is None


@pytest.mark.usefixtures("stage")
def test_a_ticket_of_a_renamed_project_is_announced_under_its_new_name() -> None:
    settle(replace(OPEN_WEB, name="E-shop & web"))
    ticket = standing_at(State.NEW)
    assert "E-shop & web" in told_to(ALICE, tickets.load(ticket.number)).text
