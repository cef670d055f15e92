"""The convention of every list: at most `limit` items, and an opaque cursor for what comes after them."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from msgspec import Meta

from chalicelib.storage import cursors
from chalicelib.web.bodies import Body

T = TypeVar("T")

Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(description="`next` of the page before")]


class ListQuery(Body, frozen=True):
    """Which page of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None


def part(
    found: Sequence[T], position: Callable[[T], str], query: ListQuery, *question: str
) -> tuple[list[T], str | None]:
    """The page of `found`, which is all there is, that `query` asks for, by unique `position`s; and the next cursor.

    Raises Invalid for a cursor that belongs to another `question`.
    """
    ordered = sorted(found, key=position)
    if query.cursor:
        after = cursors.unseal(query.cursor, question)
        ordered = [each for each in ordered if position(each) > after]
    items = ordered[: query.limit]
    return items, cursors.seal(position(items[-1]), question) if len(ordered) > len(items) else None
