"""Filing a request: from the open form, as a member, for a customer, twice by mistake, and wrongly."""

from dataclasses import replace

import pytest

from chalicelib import clock, desk
from chalicelib.desk import SubmitOrder
from chalicelib.domain.errors import Invalid, KeyReused, NotAllowed, TooMany
from chalicelib.domain.people import ANONYMOUS, Actor
from chalicelib.domain.text import NAME_LENGTH, SUBJECT_LENGTH, TEXT_LENGTH
from chalicelib.domain.tickets import Priority, State, Ticket, Type
from chalicelib.domain.workflow import MAX_WATCHERS
from chalicelib.storage import counters, history, limits, tickets
from tests.cast import (
    ALICE,
    BOB,
    DAVE,
    EVA,
    FRANK,
    HANA,
    HR,
    MARIE,
    ROOT,
    STRANGER,
    WANDA,
    WEB,
    by_link,
    by_token,
    signed_in,
)
from tests.stage import MEMBERS_HR, NETWORK, Clock, filed, filed_by_form, settle, uploaded

pytestmark = pytest.mark.usefixtures("stage")
ORDER = SubmitOrder(WEB, "Nejde tisk", "Po aktualizaci.", Type.INCIDENT, "petr@elsewhere.example", "Petr Pokorný")
BY_FORM = replace(ANONYMOUS, language="cs")


def submit(order: SubmitOrder = ORDER, by: Actor = BY_FORM, key: str | None = None) -> Ticket:
    return desk.submit(order, by, NETWORK, key)


def refused_fields(order: SubmitOrder, by: Actor = BY_FORM) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        submit(order, by)
    return {error.field for error in refusal.value.errors}


def with_text(field: str, text: str) -> SubmitOrder:
    """The order with another text in one of its fields."""
    return replace(ORDER, **{field: text})  # type: ignore[arg-type]


class TestOpenForm:
    def test_anybody_with_an_address_may_file(self) -> None:
        ticket = submit()
        assert tickets.load(ticket.number) == ticket
        assert (ticket.number, ticket.state, ticket.version) == ("WEB-1", State.NEW, 1)
        assert (ticket.requester.email, ticket.requester.name) == ("petr@elsewhere.example", "Petr Pokorný")
        assert (ticket.type, ticket.priority, ticket.assignee) == (Type.INCIDENT, Priority.NORMAL, None)

    def test_the_address_is_not_believed_and_the_language_is_that_of_the_form(self) -> None:
        ticket = submit()
        assert not ticket.confirmed
        assert ticket.language == "cs"
        assert submit(by=replace(BY_FORM, language="en")).language == "en"

    def test_the_history_begins_with_it(self) -> None:
        ticket = submit()
        [event] = history.of_ticket(ticket.number)
        assert (event.kind, event.actor, event.by_team) == ("ticket.submitted", ticket.requester, False)
        assert event.text == ticket.text
        assert event.changes["state"] == (None, "new")

    def test_it_is_counted(self) -> None:
        submit()
        assert counters.by_state({WEB})[State.NEW] == 1

    def test_watchers_are_for_the_signed_in(self) -> None:
        assert refused_fields(replace(ORDER, watchers=(WANDA.email,))) == {"watchers"}

    def test_a_staff_address_typed_in_gives_no_power(self) -> None:
        ticket = filed_by_form(ALICE)
        assert not ticket.confirmed
        assert not history.of_ticket(ticket.number)[0].by_team


class TestMembers:
    def test_whoever_is_signed_in_files_as_themselves(self) -> None:
        for by in (signed_in(FRANK), by_token(FRANK)):
            ticket = submit(SubmitOrder(WEB, "Printer", "It smokes."), by)
            assert (ticket.requester, ticket.confirmed, ticket.language) == (FRANK.contact, True, "en")

    def test_naming_ones_own_address_changes_nothing(self) -> None:
        order = SubmitOrder(WEB, "Printer", "It smokes.", email=" FRANK@customer.example ", name="Not Frank")
        assert submit(order, signed_in(FRANK)).requester == FRANK.contact

    def test_the_members_form_is_for_members_and_administrators(self) -> None:
        order = SubmitOrder(HR, "Dovolená", "Prosím.")
        for member in (DAVE, HANA, ROOT):
            assert submit(order, signed_in(member)).project == HR
        for other in (ALICE, BOB, EVA, MARIE, STRANGER):
            assert refused_fields(order, signed_in(other)) == {"project"}, other

    def test_a_link_or_an_address_makes_nobody_a_member(self) -> None:
        order = SubmitOrder(HR, "Dovolená", "Prosím.", email=DAVE.email, name=DAVE.name)
        assert refused_fields(order) == {"project"}
        assert refused_fields(order, by_link(DAVE)) == {"project"}

    def test_watchers_are_added(self) -> None:
        ticket = filed(watchers=(WANDA.email, " WANDA@elsewhere.example", FRANK.email))
        assert [watcher.email for watcher in ticket.watchers] == [WANDA.email, FRANK.email]

    def test_too_many_watchers_are_refused(self) -> None:
        crowd = tuple(f"w{number}@elsewhere.example" for number in range(MAX_WATCHERS + 1))
        assert refused_fields(SubmitOrder(WEB, "s", "t", watchers=crowd), signed_in(EVA)) == {"watchers"}


class TestProject:
    def test_what_one_may_not_use_looks_like_what_is_not_there(self) -> None:
        with pytest.raises(Invalid) as unknown:
            submit(replace(ORDER, project="NOPE"))
        for key in (HR, "OLD", "", "web/..", "\ud800", "W" * 3000, "WEB\0"):
            with pytest.raises(Invalid) as refusal:
                submit(replace(ORDER, project=key))
            assert refusal.value.errors == unknown.value.errors, ascii(key[:9])

    def test_the_key_may_be_typed_in_small_letters(self) -> None:
        assert submit(replace(ORDER, project=" web ")).project == WEB


class TestForACustomer:
    ORDER = SubmitOrder(WEB, "Volal zákazník", "Nejde mu tisk.", email=FRANK.email)

    def test_staff_file_for_somebody_they_know_by_name(self) -> None:
        for staff in (ALICE, BOB, ROOT):
            ticket = submit(self.ORDER, signed_in(staff))
            assert (ticket.requester, ticket.confirmed) == (FRANK.contact, True)
            event = history.of_ticket(ticket.number)[0]
            assert (event.actor, event.by_team) == (staff.contact, True)

    def test_the_unknown_are_named_as_given_and_written_to_in_the_language_of_the_project(self) -> None:
        order = replace(self.ORDER, email="new@elsewhere.example", name="Nový Zákazník")
        ticket = submit(order, signed_in(BOB))
        assert (ticket.requester.name, ticket.language) == ("Nový Zákazník", "cs")
        assert submit(replace(order, name=""), signed_in(BOB)).requester.name == "new"

    def test_nobody_else_may(self) -> None:
        for other in (EVA, DAVE, HANA, WANDA, MARIE, STRANGER):
            with pytest.raises(NotAllowed):
                submit(self.ORDER, signed_in(other))
        assert counters.by_state({WEB})[State.NEW] == 0


class TestTwice:
    def test_a_double_click_is_one_ticket(self) -> None:
        first = submit(key="k1")
        assert submit(key="k1") == first
        assert counters.by_state({WEB})[State.NEW] == 1
        assert len(history.of_ticket(first.number)) == 1

    def test_a_double_click_with_files_is_one_ticket(self) -> None:
        """The first click took the files; to the second they are no reason to refuse."""
        order = replace(ORDER, uploads=(uploaded(BY_FORM).id,))
        first = submit(order, key="k1")
        assert submit(order, key="k1") == first

    def test_another_order_under_the_same_key_is_refused(self) -> None:
        order = replace(ORDER, uploads=(uploaded(BY_FORM).id,))
        submit(order, key="k1")
        for other in (
            replace(order, text="Něco jiného."),
            replace(order, uploads=()),
            replace(order, type=Type.CHANGE),
        ):
            with pytest.raises(KeyReused):
                submit(other, key="k1")
        assert counters.by_state({WEB})[State.NEW] == 1

    def test_without_a_key_or_with_another_it_is_another_ticket(self) -> None:
        assert len({submit(key=key).number for key in (None, None, "k1", "k2")}) == 4

    def test_two_people_may_use_the_same_key(self) -> None:
        other = replace(ORDER, email="jana@elsewhere.example")
        assert submit(key="k1").number != submit(other, key="k1").number

    def test_after_a_day_the_key_is_free(self, stopped: Clock) -> None:
        first = submit(key="k1")
        stopped.forward(hours=24)
        assert submit(key="k1").number != first.number

    def test_a_key_that_is_none_is_refused(self) -> None:
        for key in ("", "x" * 201, "klíč", "a\nb", "\0", "\ud800"):
            with pytest.raises(Invalid):
                submit(key=key)


class TestBadInput:
    def test_an_address_one_cannot_write_to(self) -> None:
        for email in ("", "petr", "petr@", "@x.cz", "a@b", "a b@x.cz", "á@x.cz", "a@x.cz,b@x.cz", "\ud800@x.cz"):
            assert refused_fields(replace(ORDER, email=email)) == {"email"}, ascii(email)
        assert refused_fields(replace(ORDER, email="a@x.cz\nBcc: v@x.cz")) == {"email"}

    def test_characters_that_cannot_be_stored(self) -> None:
        for bad in ("\0", "a\0b", "\ud800", "x\udfff", "\x1b[31m", "\ufffe"):
            for field in ("subject", "text", "name"):
                assert refused_fields(with_text(field, f"Dobrý {bad} den")) == {field}, ascii(bad)

    def test_too_long_and_empty_texts(self) -> None:
        for field, longest in (("subject", SUBJECT_LENGTH), ("text", TEXT_LENGTH), ("name", NAME_LENGTH)):
            assert refused_fields(with_text(field, "ž" * (longest + 1))) == {field}
            assert refused_fields(with_text(field, " \n\t ")) == {field}

    def test_the_longest_allowed_is_kept_whole(self) -> None:
        order = replace(ORDER, subject="ž" * SUBJECT_LENGTH, text="🐎" * TEXT_LENGTH)
        kept = tickets.load(submit(order).number)
        assert (kept.subject, kept.text) == (order.subject, order.text)

    def test_fields_the_project_does_not_have(self) -> None:
        assert refused_fields(replace(ORDER, fields={"colour": "red"})) == {"fields.colour"}

    def test_too_many_files(self) -> None:
        assert refused_fields(replace(ORDER, uploads=tuple(f"id{number}" for number in range(21)))) == {"uploads"}

    def test_a_refused_request_leaves_nothing_behind(self) -> None:
        refused_fields(replace(ORDER, uploads=("absent",)))
        assert counters.by_state({WEB})[State.NEW] == 0
        assert submit().number == "WEB-1"


class TestLimits:
    def test_one_address_is_stopped_after_twenty_in_an_hour(self, stopped: Clock) -> None:
        for _ in range(20):
            limits.spend([(desk._PER_ADDRESS, "petr@elsewhere.example")], stopped.at)
        with pytest.raises(TooMany) as refusal:
            submit()
        assert 0 < refusal.value.retry_after <= 3600
        submit(replace(ORDER, email="jana@elsewhere.example"))
        stopped.forward(hours=1)
        submit()

    def test_one_network_and_one_project_are_stopped_too(self) -> None:
        for limit, who in ((desk._PER_NETWORK, NETWORK), (desk._PER_PROJECT, WEB)):
            at = clock.now()
            with pytest.raises(TooMany):
                limits.spend([(replace(limit, most=0), who)], at)
            for _ in range(limit.most - 1 if limit.most < 100 else 0):
                limits.spend([(limit, who)], at)
        with pytest.raises(TooMany):
            submit()
        submit(SubmitOrder(WEB, "Signed in", "is not stopped by the network"), signed_in(EVA))


def test_a_project_that_is_archived_takes_no_more() -> None:
    settle(replace(MEMBERS_HR, archived=True))
    assert refused_fields(SubmitOrder(HR, "s", "t"), signed_in(DAVE)) == {"project"}
