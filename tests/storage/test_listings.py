"""Every list against a list made by brute force: filters, reach, order, pages, cursors, and what a page may cost."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.lists import NOBODY, Filter, Page, Reach
from chalicelib.domain.tickets import Priority, State, Ticket, Type, card_of
from chalicelib.storage import aws, bulk, listings
from tests.cast import BOB, CAROL, DAVE, EVA, FRANK, HR, NOW, WANDA, WEB, a_ticket

EVERYTHING = Reach(True, frozenset(), "")
SIDES: dict[str, tuple[Any, ...]] = {
    "projects": (WEB, HR, "OLD"),
    "assignees": (NOBODY, BOB.email, CAROL.email, DAVE.email),
    "requesters": (EVA.email, FRANK.email, WANDA.email),
    "states": tuple(State),
}
COMBINATIONS = [sides for size in range(5) for sides in combinations(SIDES, size)]
HOW_MANY = 40


def some_tickets(seed: int = 7) -> list[Ticket]:
    """Forty tickets in random places; several of them changed in the same microsecond."""
    chance = random.Random(seed)
    return [
        replace(
            a_ticket(chance.choice(list(State))),
            number=f"{project}-{position + 1}",
            project=project,
            assignee=chance.choice([None, BOB.contact, CAROL.contact, DAVE.contact]),
            requester=chance.choice([EVA.contact, FRANK.contact, WANDA.contact]),
            type=chance.choice(list(Type)),
            priority=chance.choice(list(Priority)),
            updated_at=NOW + timedelta(minutes=chance.randrange(HOW_MANY // 2)),
            organisation=chance.choice(["", "novak", "jina"]),
        )
        for position, project in enumerate(chance.choices((WEB, HR, "OLD"), k=HOW_MANY))
    ]


@pytest.fixture
def shelf(aws: None) -> list[Ticket]:
    tickets = some_tickets()
    bulk.write(bulk.ticket_rows(tickets, [], pending=lambda event: False))
    return tickets


def matches(ticket: Ticket, wanted: Filter) -> bool:
    assignee = ticket.assignee.email if ticket.assignee else NOBODY
    return (
        (wanted.projects is None or ticket.project in wanted.projects)
        and (wanted.states is None or ticket.state in wanted.states)
        and (wanted.assignees is None or assignee in wanted.assignees)
        and (wanted.requesters is None or ticket.requester.email in wanted.requesters)
        and (wanted.types is None or ticket.type in wanted.types)
        and (wanted.priorities is None or ticket.priority in wanted.priorities)
        and (wanted.archived is None or ticket.archived is wanted.archived)
        and ticket.requester.email != wanted.not_requester
    )


def reached(ticket: Ticket, reach: Reach) -> bool:
    theirs = ticket.organisation == reach.organisation != "" and ticket.project in reach.shared
    return reach.everything or ticket.project in reach.projects or ticket.requester.email == reach.own or theirs


def by_brute_force(tickets: list[Ticket], wanted: Filter, reach: Reach = EVERYTHING) -> list[str]:
    found = [ticket for ticket in tickets if matches(ticket, wanted) and reached(ticket, reach)]
    found.sort(key=lambda ticket: (ticket.updated_at, ticket.number), reverse=not wanted.oldest_first)
    return [ticket.number for ticket in found]


def pages(wanted: Filter, reach: Reach, limit: int) -> Iterator[Page]:
    cursor = None
    for _ in range(2 * HOW_MANY):
        page = listings.page(wanted, reach, limit, cursor)
        yield page
        cursor = page.next
        if cursor is None:
            return
    raise AssertionError("the list has no end")


def numbers(page: Page) -> list[str]:
    return [card.number for card in page.items]


def some_filters(sides: tuple[str, ...], seed: int = 3) -> Iterator[Filter]:
    """Filters on just these sides: each with one value, with several, and with all."""
    chance = random.Random(f"{seed} {sides}")
    for how_many in (1, 2, 3):
        chosen: dict[str, Any] = {
            side: frozenset(chance.sample(SIDES[side], min(how_many, len(SIDES[side])))) for side in sides
        }
        for archived in (None, False, True):
            yield Filter(**chosen, archived=archived, oldest_first=chance.random() < 0.5)


class TestFilters:
    def test_there_are_sixteen_combinations(self) -> None:
        assert len(COMBINATIONS) == 16

    def test_every_combination_gives_what_brute_force_gives(self, shelf: list[Ticket]) -> None:
        for sides in COMBINATIONS:
            for wanted in some_filters(sides):
                page = listings.page(wanted, EVERYTHING, 100, None)
                assert (numbers(page), page.next) == (by_brute_force(shelf, wanted), None), wanted

    @pytest.mark.parametrize(
        "reach",
        [
            Reach(False, frozenset({WEB}), ""),
            Reach(False, frozenset({WEB}), EVA.email),
            Reach(False, frozenset({WEB, HR}), FRANK.email),
            Reach(False, frozenset(), WANDA.email),
            Reach(False, frozenset(), WANDA.email, "novak", frozenset({WEB, HR})),
            Reach(False, frozenset({HR}), EVA.email, "novak", frozenset({WEB})),
            Reach(False, frozenset(), "", "novak", frozenset({WEB})),
            Reach(False, frozenset(), "", "", frozenset({WEB})),
            Reach(False, frozenset(), "", "novak", frozenset()),
            Reach(False, frozenset(), ""),
        ],
        ids=[
            "solver",
            "solver with own requests",
            "works in two",
            "customer",
            "customer with colleagues",
            "works in one, has colleagues in another",
            "colleagues alone",
            "no organisation",
            "nothing shared",
            "nobody",
        ],
    )
    def test_a_list_never_leaves_the_reach_of_its_reader(self, shelf: list[Ticket], reach: Reach) -> None:
        for sides in COMBINATIONS:
            for wanted in list(some_filters(sides))[::3]:
                page = listings.page(wanted, reach, 100, None)
                assert numbers(page) == by_brute_force(shelf, wanted, reach), wanted

    def test_of_colleagues_one_s_own_are_left_out_over_any_number_of_pages(self, shelf: list[Ticket]) -> None:
        wanted, reach = Filter(not_requester=EVA.email), Reach(False, frozenset(), "", "novak", frozenset({WEB, HR}))
        listed = [number for page in pages(wanted, reach, 2) for number in numbers(page)]
        assert listed == by_brute_force(shelf, wanted, reach)
        assert listed

    def test_what_is_both_one_s_own_and_the_organisation_s_is_listed_once(self, shelf: list[Ticket]) -> None:
        reach = Reach(False, frozenset(), EVA.email, "novak", frozenset({WEB, HR, "OLD"}))
        for limit in (1, 3, 100):
            listed = [number for page in pages(Filter(), reach, limit) for number in numbers(page)]
            assert listed == by_brute_force(shelf, Filter(), reach)

    def test_type_and_priority_thin_a_list_out(self, shelf: list[Ticket]) -> None:
        wanted = Filter(types=frozenset({Type.INCIDENT}), priorities=frozenset({Priority.HIGH, Priority.LOW}))
        listed = [number for page in pages(wanted, EVERYTHING, 2) for number in numbers(page)]
        assert listed == by_brute_force(shelf, wanted)

    def test_a_card_carries_what_the_list_shows(self, shelf: list[Ticket]) -> None:
        by_number = {ticket.number: ticket for ticket in shelf}
        page = listings.page(Filter(), EVERYTHING, 100, None)
        assert all(card == card_of(by_number[card.number]) for card in page.items)

    def test_a_side_narrowed_to_nothing_shows_nothing_and_reads_nothing(
        self, shelf: list[Ticket], reads: "Reads"
    ) -> None:
        for side in SIDES:
            empty: Any = {side: frozenset()}
            assert listings.page(Filter(**empty), EVERYTHING, 50, None) == Page((), None)
        assert reads.sizes == []

    def test_more_filters_than_can_be_merged_are_refused(self, aws: None) -> None:
        crowd = frozenset(f"somebody{number}@elsewhere.example" for number in range(101))
        with pytest.raises(Invalid):
            listings.page(Filter(requesters=crowd, states=frozenset({State.NEW})), EVERYTHING, 50, None)

    def test_a_value_no_ticket_can_have_finds_nothing(self, shelf: list[Ticket], reads: "Reads") -> None:
        """moto would look up what DynamoDB refuses as a key, so that such a key must not get there at all."""
        for evil in ("x" * 5000, "\ud800", "WEB|open", "a@b.example|open"):
            for side in ("projects", "assignees", "requesters"):
                wanted: Any = {side: frozenset({evil})}
                assert listings.page(Filter(**wanted), EVERYTHING, 50, None).items == ()
            assert "|" in evil or reads.sizes == []


class TestPages:
    @pytest.mark.parametrize("limit", [1, 3, 50])
    @pytest.mark.parametrize("oldest_first", [False, True], ids=["newest", "oldest"])
    def test_paging_loses_nothing_and_repeats_nothing(
        self, shelf: list[Ticket], limit: int, oldest_first: bool
    ) -> None:
        for wanted, reach in (
            (Filter(), EVERYTHING),
            (Filter(projects=frozenset({WEB})), EVERYTHING),
            (Filter(states=frozenset({State.NEW, State.DONE, State.CLOSED})), EVERYTHING),
            (Filter(assignees=frozenset({BOB.email, NOBODY}), archived=False), EVERYTHING),
            (Filter(), Reach(False, frozenset({WEB, HR}), EVA.email)),
        ):
            ordered = replace(wanted, oldest_first=oldest_first)
            seen = list(pages(ordered, reach, limit))
            listed = [number for page in seen for number in numbers(page)]
            assert listed == by_brute_force(shelf, ordered, reach), ordered
            assert all(len(page.items) == limit for page in seen[:-1]), ordered

    def test_a_cursor_gives_the_same_page_again(self, shelf: list[Ticket]) -> None:
        first = listings.page(Filter(), EVERYTHING, 5, None)
        again = [listings.page(Filter(), EVERYTHING, 5, first.next) for _ in range(2)]
        assert again[0] == again[1]

    def test_a_ticket_that_changes_meanwhile_pushes_no_other_out(self, shelf: list[Ticket]) -> None:
        first = listings.page(Filter(), EVERYTHING, 5, None)
        expected = listings.page(Filter(), EVERYTHING, 5, first.next)
        moved_up = replace(shelf[0], updated_at=NOW + timedelta(days=1))
        bulk.write(bulk.ticket_rows([moved_up], [], pending=lambda event: False))
        after = listings.page(Filter(), EVERYTHING, 6, first.next)
        assert set(numbers(expected)) - {moved_up.number} <= set(numbers(after))


class TestCursors:
    def test_an_edited_cursor_is_refused(self, shelf: list[Ticket]) -> None:
        cursor = listings.page(Filter(), EVERYTHING, 5, None).next
        assert cursor is not None
        for position in range(0, len(cursor), 7):
            edited = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
            with pytest.raises(Invalid):
                listings.page(Filter(), EVERYTHING, 5, edited)

    def test_a_made_up_cursor_is_refused_and_an_empty_one_is_none(self, shelf: list[Ticket]) -> None:
        for made_up in ("x", ".", "WyJ4IiwieSJd", "ž", "\ud800", "a" * 5000, "\0"):
            with pytest.raises(Invalid):
                listings.page(Filter(), EVERYTHING, 5, made_up)
        assert listings.page(Filter(), EVERYTHING, 5, "") == listings.page(Filter(), EVERYTHING, 5, None)

    @pytest.mark.parametrize(
        ("wanted", "reach"),
        [
            (Filter(projects=frozenset({WEB})), EVERYTHING),
            (Filter(oldest_first=True), EVERYTHING),
            (Filter(), Reach(False, frozenset({WEB}), "")),
        ],
        ids=["another filter", "another order", "another reader"],
    )
    def test_the_cursor_of_another_list_is_refused(self, shelf: list[Ticket], wanted: Filter, reach: Reach) -> None:
        cursor = listings.page(Filter(), EVERYTHING, 5, None).next
        with pytest.raises(Invalid):
            listings.page(wanted, reach, 5, cursor)


class Reads:
    """What a page asked of the table: how many rounds, and how many rows each read could have cost."""

    def __init__(self) -> None:
        self.rounds = 0
        self.sizes: list[int] = []
        self.rows = 0


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    counted = Reads()
    read = listings._read

    def counting_read(stream: Any, after: Any, size: int, oldest_first: bool) -> Any:
        counted.sizes.append(size)
        rows = read(stream, after, size, oldest_first)
        counted.rows += len(rows)
        return rows

    def counting_together(calls: Any) -> Any:
        counted.rounds += 1
        return aws.together(calls)

    monkeypatch.setattr(listings, "_read", counting_read)
    monkeypatch.setattr(listings, "together", counting_together)
    return counted


class TestCost:
    def test_one_stream_is_one_read_of_the_page_and_one_row_more(self, shelf: list[Ticket], reads: Reads) -> None:
        listings.page(Filter(projects=frozenset({WEB}), archived=False), EVERYTHING, 5, None)
        assert (reads.rounds, reads.sizes) == (1, [6])

    @pytest.mark.parametrize("limit", [1, 11])
    def test_no_page_takes_more_than_two_rounds_nor_more_rows_than_its_streams_could_show(
        self, shelf: list[Ticket], reads: Reads, limit: int
    ) -> None:
        reach = Reach(False, frozenset({WEB, HR}), EVA.email)
        for sides in COMBINATIONS:
            for wanted in list(some_filters(sides))[limit % 3 :: 4]:
                cursor = None
                for _ in range(2):
                    reads.rounds, reads.sizes, reads.rows = 0, [], 0
                    page = listings.page(wanted, reach, limit, cursor)
                    streams = {stream for part in listings._within(wanted, reach) for stream in listings._streams(part)}
                    assert reads.rounds <= 2, wanted
                    assert reads.rows <= len(streams) * (limit + 1), wanted
                    cursor = page.next
                    if cursor is None:
                        break

    def test_a_lopsided_merge_still_takes_two_rounds(self, aws: None, reads: Reads) -> None:
        """All new changes lie in one of five streams, so that its share of the first round cannot be enough."""
        lopsided = [
            replace(
                a_ticket(State.NEW if position < 30 else list(State)[position % 5]),
                number=f"WEB-{position + 1}",
                updated_at=NOW - timedelta(minutes=position),
            )
            for position in range(HOW_MANY)
        ]
        bulk.write(bulk.ticket_rows(lopsided, [], pending=lambda event: False))
        wanted = Filter(states=frozenset(State))
        page = listings.page(wanted, EVERYTHING, 30, None)
        assert numbers(page) == by_brute_force(lopsided, wanted)[:30]
        assert reads.rounds == 2

    def test_a_thin_filter_does_not_creep_through_the_list_row_by_row(self, aws: None, reads: Reads) -> None:
        questions = [replace(a_ticket(), number=f"WEB-{number}", type=Type.QUESTION) for number in range(1, 121)]
        bulk.write(bulk.ticket_rows(questions, [], pending=lambda event: False))
        page = listings.page(Filter(types=frozenset({Type.INCIDENT})), EVERYTHING, 1, None)
        assert page == Page((), None)
        assert reads.rounds <= 6
