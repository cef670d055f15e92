"""Addresses, and what an actor is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.people import (
    ANONYMOUS,
    MAX_EMAIL,
    SYSTEM,
    Actor,
    Person,
    ProjectRole,
    Via,
    actor_of,
    email_address,
)
from tests.cast import (
    ALICE,
    BOB,
    DAVE,
    EVA,
    HR,
    MARIE,
    ROOT,
    STRANGER,
    WEB,
    by_form,
    by_link,
    by_token,
    called,
    signed_in,
)

LONGEST = "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + ".eu.cz"


class TestEmailAddress:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("eva@customer.example", "eva@customer.example"),
            ("  Eva.Novak@Customer.EXAMPLE\r\n", "eva.novak@customer.example"),
            ("eva+desk@a-b.co.uk", "eva+desk@a-b.co.uk"),
            ("o'neil@x1.cz", "o'neil@x1.cz"),
            ("e@xn--kdy-hoa.xn--p1ai", "e@xn--kdy-hoa.xn--p1ai"),
            (LONGEST, LONGEST),
        ],
    )
    def test_it_is_trimmed_and_lower_case(self, text: str, address: str) -> None:
        assert email_address(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "eva",
            "eva@",
            "@customer.example",
            "eva@customer",
            "eva@@customer.example",
            "eva@customer..example",
            "eva@.example",
            "eva@-customer.example",
            "eva@customer-.example",
            "eva@customer.example.",
            "eva@127.0.0.1",
            "eva@[127.0.0.1]",
            ".eva@customer.example",
            "eva.@customer.example",
            "e..va@customer.example",
            "eva novak@customer.example",
            '"eva"@customer.example',
            "Eva <eva@customer.example>",
            "eva@customer.example, bob@desk.example",
            "eva@customer.example\nBcc: bob@desk.example",
            "eva\0@customer.example",
            "éva@customer.example",
            "eva@přítel.example",
            "mi\u212ae@customer.example",  # the Kelvin sign, whose lower case is the letter k
            "a" * 65 + "@customer.example",
            "a@" + "b" * 64 + ".example",
            "x" + LONGEST,
            "a@" + "b." * 130 + "cz",
        ],
    )
    def test_what_cannot_be_written_to_is_refused(self, text: str) -> None:
        with pytest.raises(Invalid) as refused:
            email_address(text, "assignee")
        assert refused.value.errors[0].field == "assignee"

    @given(st.emails() | st.text(max_size=30) | st.from_regex(r"[^@]{1,8}@[^@]{1,8}\.[^@]{2,4}", fullmatch=True))
    def test_it_stays_what_it_became(self, text: str) -> None:
        try:
            address = email_address(text)
        except Invalid:
            return
        assert email_address(address) == address == email_address(address.upper())
        assert address == text.strip().lower()
        assert address.isascii()
        assert address.isprintable()
        assert len(address) <= MAX_EMAIL
        assert not set(address) & set(' ,;:<>()[]"\\')


class TestActor:
    @pytest.mark.parametrize("via", [Via.SESSION, Via.TOKEN])
    def test_it_is_the_person(self, via: Via) -> None:
        actor = actor_of(ALICE, via)
        assert (actor.email, actor.name, actor.language, actor.via) == (ALICE.email, ALICE.name, "cs", via)
        assert (actor.contact, actor.roles, actor.link_ticket) == (ALICE.contact, ALICE.roles, None)

    @pytest.mark.parametrize("actor", [signed_in(EVA), by_token(EVA)], ids=called)
    def test_whoever_proved_the_address_is_known(self, actor: Actor) -> None:
        assert actor.is_known

    @pytest.mark.parametrize("actor", [by_link(EVA), by_form(EVA), ANONYMOUS, SYSTEM], ids=called)
    def test_nobody_else_is(self, actor: Actor) -> None:
        assert not actor.is_known

    @pytest.mark.parametrize(
        ("person", "staff", "admin"),
        [
            (ALICE, True, False),
            (BOB, True, False),
            (DAVE, True, False),
            (ROOT, True, True),
            (EVA, False, False),
            (MARIE, False, False),
            (STRANGER, False, False),
        ],
        ids=called,
    )
    def test_who_is_staff_and_who_administers(self, person: Person, staff: bool, admin: bool) -> None:
        actor = signed_in(person)
        assert (actor.is_staff, actor.is_admin) == (staff, admin)

    def test_staff_projects_are_those_one_works_in(self) -> None:
        roles = {WEB: ProjectRole.SOLVER, HR: ProjectRole.PROJECT_MANAGER, "SHOP": ProjectRole.CUSTOMER}
        actor = signed_in(Person("x@desk.example", "X", "cs", roles=roles))
        assert actor.staff_projects == (HR, WEB)
        assert (actor.role_in("SHOP"), actor.role_in("NONE")) == (ProjectRole.CUSTOMER, None)


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_nothing_typed_is_asked_for_rather_than_called_wrong(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        email_address(text)
    assert [error.message for error in refused.value.errors] == ["Please fill this in."]
