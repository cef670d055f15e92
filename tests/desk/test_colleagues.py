"""Colleagues: customers of one organisation see each other's requests where the project allows it, and no more."""

from dataclasses import replace
from itertools import product as every

import pytest

from chalicelib import desk, directory, reading
from chalicelib.desk import CommentOrder, MoveRequest, SubmitOrder
from chalicelib.domain.errors import Invalid, NotAllowed, NotFound
from chalicelib.domain.lists import Filter
from chalicelib.domain.people import ANONYMOUS, Actor, Person, ProjectRole
from chalicelib.domain.tickets import State, Ticket
from chalicelib.domain.workflow import TRANSITIONS
from chalicelib.storage import access, people, tickets
from chalicelib.storage.access import Holder
from tests.cast import ALICE, BOB, EVA, FRANK, HR, NOW, WEB, by_form, by_link, signed_in
from tests.stage import NETWORK, filed, share, standing_at, uploaded

pytestmark = pytest.mark.usefixtures("stage")
NOVAK, JINA = "novak", "jina"


def changed(person: Person, **more: object) -> Person:
    """`person` as an administrator changes them."""
    now = people.find(person.email)
    assert now
    assert people.update(now, replace(now, **more))  # type: ignore[arg-type]
    found = people.find(person.email)
    assert found
    return found


def entering(person: Person) -> Actor | None:
    """Whoever signs in as `person` now, as the desk reads it for every request."""
    known = people.find(person.email)
    assert known
    access.save_session("secret", known, NOW.replace(year=2999))
    return directory.by_session("secret", person.email)


@pytest.fixture
def shared(stage: None) -> Ticket:
    """Eva's request in hand, a note in it; Frank is of her organisation, and the project shares."""
    share(WEB)
    eva = changed(EVA, organisation=NOVAK)
    changed(FRANK, organisation=NOVAK)
    upload = uploaded(signed_in(eva))
    ticket = filed(eva, uploads=(upload.id,))
    ticket = desk.move(ticket.number, MoveRequest("hand_over", 1, BOB.email), signed_in(ALICE))
    desk.comment(ticket.number, CommentOrder("Tajné.", internal=True), signed_in(BOB))
    return ticket


class TestReading:
    def test_a_colleague_reads_what_its_customer_reads(self, shared: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        dossier = reading.dossier(shared.number, frank)
        assert [event.kind for event in dossier.events] == ["ticket.submitted", "ticket.handed_over"]
        _, [file] = reading.ticket_with_files(shared.number, frank)
        assert reading.attachment_url(file.id, frank)

    def test_and_finds_it_in_lists_and_by_number(self, shared: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        own = filed(FRANK)
        assert {card.number for card in reading.listed(Filter(), frank, 50, None).items} == {shared.number, own.number}
        assert [card.number for card in reading.requests_of_colleagues(frank, 50, None).items] == [shared.number]
        assert [card.number for card in reading.own_requests(frank, 50, None).items] == [own.number]
        assert [card.number for card in reading.numbered(shared.number, Filter(), frank, 50)] == [shared.number]

    def test_the_filters_of_a_list_narrow_theirs_too(self, shared: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        for wanted, expected in (
            (Filter(states=frozenset({State.IN_PROGRESS})), [shared.number]),
            (Filter(states=frozenset({State.NEW})), []),
            (Filter(assignees=frozenset({BOB.email})), [shared.number]),
            (Filter(assignees=frozenset({ALICE.email})), []),
            (Filter(requesters=frozenset({EVA.email})), [shared.number]),
            (Filter(requesters=frozenset({FRANK.email})), []),
            (Filter(projects=frozenset({HR})), []),
            (Filter(archived=True), []),
        ):
            assert [card.number for card in reading.listed(wanted, frank, 50, None).items] == expected, wanted


class TestActing:
    def test_a_colleague_writes_and_decides_nothing(self, shared: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        for internal in (False, True):
            with pytest.raises(NotAllowed):
                desk.comment(shared.number, CommentOrder("Slovo.", internal=internal), frank)
        for action in TRANSITIONS:
            with pytest.raises(NotAllowed):
                desk.move(shared.number, MoveRequest(action, shared.version, BOB.email, "Text"), frank)
        with pytest.raises(NotAllowed):
            desk.watch(shared.number, ALICE.email, frank)
        with pytest.raises(NotAllowed):
            desk.rate(shared.number, 5, "", frank)
        assert tickets.load(shared.number) == shared

    def test_but_may_watch_it_and_stop(self, shared: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        assert desk.watch(shared.number, FRANK.email, frank).watched_by(FRANK.email)
        assert not desk.unwatch(shared.number, FRANK.email, frank).watched_by(FRANK.email)

    def test_and_follow_up_what_is_closed(self, shared: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        done = desk.move(shared.number, MoveRequest("finish", shared.version), signed_in(BOB))
        desk.move(shared.number, MoveRequest("accept", done.version), signed_in(EVA))
        new = desk.submit(SubmitOrder(WEB, "Znovu", "Text", follows=shared.number), frank, NETWORK)
        assert (new.follows, new.requester.email, new.organisation) == (shared.number, FRANK.email, NOVAK)


class TestNobodyElse:
    @pytest.mark.parametrize(
        "instead",
        [
            {"organisation": JINA},
            {"organisation": ""},
            {"roles": {}},
            {"roles": {HR: ProjectRole.CUSTOMER}},
        ],
        ids=["another organisation", "none", "no customer any more", "a customer next door"],
    )
    def test_reads_it(self, shared: Ticket, instead: dict[str, object]) -> None:
        changed(FRANK, **instead)
        self.finds_nothing(shared)

    def test_where_the_project_does_not_share(self, shared: Ticket) -> None:
        share(WEB, False)
        self.finds_nothing(shared)

    def finds_nothing(self, ticket: Ticket) -> None:
        frank = entering(FRANK)
        assert frank
        with pytest.raises(NotFound):
            reading.dossier(ticket.number, frank)
        assert reading.listed(Filter(), frank, 50, None).items == ()
        assert reading.requests_of_colleagues(frank, 50, None).items == ()
        assert reading.numbered(ticket.number, Filter(), frank, 50) == []
        with pytest.raises(NotFound):
            desk.watch(ticket.number, FRANK.email, frank)

    def test_who_is_deactivated_is_not_let_in_at_all(self, shared: Ticket) -> None:
        changed(FRANK, active=False)
        assert entering(FRANK) is None

    @pytest.mark.parametrize("by", [by_link(FRANK, "WEB-2"), by_form(FRANK), ANONYMOUS])
    def test_a_link_or_a_typed_address_makes_no_colleague(self, shared: Ticket, by: Actor) -> None:
        by = replace(by, organisation=NOVAK, shared_projects=frozenset({WEB}), roles={WEB: ProjectRole.CUSTOMER})
        with pytest.raises(NotFound):
            reading.read(shared.number, by)

    def test_what_was_filed_before_somebody_joined_stays_their_own(self, stage: None) -> None:
        share(WEB)
        before = filed(EVA)
        changed(EVA, organisation=NOVAK)
        changed(FRANK, organisation=NOVAK)
        frank = entering(FRANK)
        assert frank
        with pytest.raises(NotFound):
            reading.read(before.number, frank)

    def test_who_leaves_takes_nothing_along_and_sees_no_more(self, shared: Ticket) -> None:
        changed(EVA, organisation=JINA)
        assert tickets.load(shared.number).organisation == NOVAK
        frank, eva = entering(FRANK), entering(EVA)
        assert frank
        assert eva
        assert reading.read(shared.number, frank)
        assert reading.read(shared.number, eva)  # it is still their own
        theirs = filed(FRANK)
        with pytest.raises(NotFound):
            reading.read(theirs.number, eva)


class TestFiling:
    """A request keeps the organisation that its requester has when it is filed."""

    @pytest.mark.parametrize(("by", "email"), list(every([EVA, ALICE], ["", FRANK.email, "new@elsewhere.example"])))
    def test_that_of_the_requester_whoever_files(self, by: Person, email: str) -> None:
        organisations = {EVA.email: NOVAK, FRANK.email: JINA}
        eva = changed(EVA, organisation=NOVAK)
        changed(FRANK, organisation=JINA)
        actor = signed_in(eva if by is EVA else by)
        if by is EVA and email:
            with pytest.raises(NotAllowed):
                desk.submit(SubmitOrder(WEB, "S", "T", email=email), actor, NETWORK)
            return
        ticket = desk.submit(SubmitOrder(WEB, "S", "T", email=email), actor, NETWORK)
        assert tickets.load(ticket.number).organisation == organisations.get(email or by.email, "")

    def test_also_of_whoever_is_named_on_the_open_form(self) -> None:
        changed(EVA, organisation=NOVAK)
        order = SubmitOrder(WEB, "S", "T", email=f" {EVA.email.upper()} ", name="Eva")
        assert desk.submit(order, ANONYMOUS, NETWORK).organisation == NOVAK

    def test_an_address_that_is_none_is_refused_as_before(self) -> None:
        with pytest.raises(Invalid):
            desk.submit(SubmitOrder(WEB, "S", "T", email="\x00@", name="Eva"), ANONYMOUS, NETWORK)


def test_no_holder_without_a_role_shares_anything(shared: Ticket) -> None:
    """The set of projects that share is the same for everybody; what an actor makes of it is not."""
    staff = entering(ALICE)
    assert staff
    assert staff.shared_projects == frozenset()
    found = access.session("secret", ALICE.email, NOW)
    assert isinstance(found, Holder)
    assert found.shared_projects == {WEB}
    assert standing_at(State.NEW).organisation == ""  # of the cast as it is written down
