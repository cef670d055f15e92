"""Reminds requesters of solutions they have not checked, and closes what they leave alone."""

import logging
from collections.abc import Callable
from datetime import date
from functools import partial

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.domain import ending
from chalicelib.domain.closing import Step, due, reminds_on, working_day
from chalicelib.domain.people import SYSTEM
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import TicketCard
from chalicelib.storage import claims, listings, projects, tickets

log = logging.getLogger(__name__)

_SPARE_MS = 10_000
"""What is left of the function's time when it begins nothing new: more than one request takes with all its retries."""

_STEPS = {Step.REMIND: ending.remind, Step.CLOSE: ending.auto_close}


def run(remaining_ms: Callable[[], int]) -> None:
    """Does what is due of today in every project, unless that is done; called every hour.

    It looks at dates, not at what earlier runs did, so a day without a run is caught up by the next. A request or a
    project that fails holds up no other: it is logged, tried again with the next run, and raised in the end.
    `remaining_ms` is asked how many milliseconds there are left to work; what does not fit waits for the next run.
    """
    today = working_day(clock.now(), settings().zone)
    if today is None:
        return
    failures: list[Exception] = []
    for project in _still_to_do(today):
        if remaining_ms() < _SPARE_MS:
            log.warning("no time left to close what is done; the next run goes on")
            break
        try:
            failures += _day_of(project, today, remaining_ms)
        except Exception as error:
            log.exception("what is done in %s could not be looked through", project.key)
            failures.append(error)
    if failures:
        raise failures[0]


def _still_to_do(today: date) -> list[Project]:
    """The projects whose work of the day is neither done nor in other hands; archived ones are among them."""
    works = {_work(project, today): project for project in projects.every()}
    taken = claims.taken(works, clock.now())
    return [project for work, project in works.items() if work not in taken]


def _work(project: Project, today: date) -> str:
    return f"closing#{project.key}#{today}"


def _day_of(project: Project, today: date, remaining_ms: Callable[[], int]) -> list[Exception]:
    """Does the day's work of one project, and remembers that it is done where all of it is; what failed."""
    claimed = claims.claim(_work(project, today), clock.now())
    if claimed is None:
        return []
    failures: list[Exception] = []
    for card in listings.unchanged_longest(project.key):
        if reminds_on(card, project.auto_close_days, settings().zone) > today:
            break  # nor is anything due that has changed later
        if remaining_ms() < _SPARE_MS:
            claims.release(claimed, clock.now())
            return failures
        try:
            tickets.again_when_stale(partial(_settle, card, project, today))
        except Exception as error:
            log.exception("request %s could not be reminded of or closed", card.number)
            failures.append(error)
    (claims.release if failures else claims.finish)(claimed, clock.now())
    return failures


def _settle(card: TicketCard, project: Project, today: date) -> None:
    """Reminds of one request or closes it, where that is due; the list may be behind, so the request itself decides."""
    days, zone = project.auto_close_days, settings().zone
    if due(card, days, zone, today) is None:
        return
    ticket = tickets.load(card.number)
    step = due(ticket, days, zone, today)
    if step is not None:
        changed, event = _STEPS[step](ticket, SYSTEM, clock.stamp())
        tickets.save(ticket, changed, event)
