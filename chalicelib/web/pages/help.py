"""States and moves explained from the very tables that guard them."""

from dataclasses import dataclass

from chalice.app import Response

from chalicelib import i18n
from chalicelib.domain.guidance import STANDINGS, STATES
from chalicelib.domain.tickets import TURN_OF, State, Turn
from chalicelib.domain.words import N_
from chalicelib.domain.workflow import TRANSITIONS, Transition
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import language, page
from chalicelib.web.routing import Permission, Routes

pages = Routes("help", is_api=False)

INPUTS = {
    "assignee": N_("a solver or manager of the project"),
    "text": N_("a text"),
    "text_or_files": N_("a text or files"),
    "uploads": N_("files"),
    "rating": N_("a rating from 1 to 5"),
}


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state in words."""

    state: State
    meaning: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move in words."""

    action: str
    label: str
    sources: tuple[State, ...]
    to: State
    who: str
    needs: str


@pages.get("/help", Permission.PUBLIC)
def explain(call: Call) -> Response:
    """How a request travels, and who may do what."""
    words = language(call)
    context = {
        "states": [
            StateRow(state, i18n.translated(STATES[state].meaning, words), turn) for state, turn in TURN_OF.items()
        ],
        "moves": [_move(row, words) for row in TRANSITIONS.values()],
    }
    return page(call, "help.html", context)


def _move(row: Transition, words: str) -> MoveRow:
    return MoveRow(
        action=row.action,
        label=i18n.translated(row.label, words),
        sources=tuple(state for state in State if state in row.sources),
        to=row.to,
        who=", ".join(i18n.translated(text, words) for standing, text in STANDINGS.items() if standing in row.by),
        needs="; ".join([*_named(row.needs, words), *_optional(row, words)]) or "–",
    )


def _named(inputs: frozenset[str], words: str) -> list[str]:
    return [i18n.translated(text, words) for name, text in INPUTS.items() if name in inputs]


def _optional(row: Transition, words: str) -> list[str]:
    implied = frozenset({"text", "uploads"}) if "text_or_files" in row.needs else frozenset()
    given = _named(row.takes - implied, words)
    return [i18n.translated(N_("{input} (optional)"), words, input=text) for text in given]
