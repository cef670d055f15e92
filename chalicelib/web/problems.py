"""Refusals as answers: problem+json (RFC 9457) for the API, a page for people; every error type has one status."""

import logging

import msgspec
from chalice.app import Response

from chalicelib import i18n, rendering, urls
from chalicelib.domain import errors
from chalicelib.domain.errors import DeskError, FieldError, Invalid, NotFound, NotSignedIn, Unavailable
from chalicelib.domain.people import Actor
from chalicelib.domain.words import N_
from chalicelib.storage.failures import DEPENDENCY_FAILURES
from chalicelib.web.calls import Call
from chalicelib.web.headers import with_safety

log = logging.getLogger(__name__)

STATUS: dict[type[DeskError], int] = {
    errors.Unreadable: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.UnsupportedType: 415,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.DeskError: 500,
}

TITLES: dict[int, str] = {
    400: N_("Cannot be read"),
    401: N_("Sign-in needed"),
    403: N_("Not allowed"),
    404: N_("Nothing here"),
    405: N_("Method not supported"),
    409: N_("Does not fit the present state"),
    413: N_("Too large"),
    415: N_("Kind of content not accepted"),
    422: N_("Not acceptable"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong"),
    503: N_("Out of service for a moment"),
}


class FieldProblem(msgspec.Struct, frozen=True):
    """One field and what is wrong with it, in the caller's language."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """A refusal as the API answers it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem]


def status_of(error: DeskError) -> int:
    """The HTTP status of `error`: that of the nearest type in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def known(error: Exception) -> DeskError:
    """`error` as a refusal: ours as it is, a silent dependency as Unavailable, the rest logged as a fault."""
    if isinstance(error, DeskError):
        return error
    if isinstance(error, DEPENDENCY_FAILURES):
        log.exception("a service the desk depends on failed")
        return Unavailable()
    log.exception("a fault of our own")
    return DeskError()


def problem_of(error: DeskError, language: str) -> Problem:
    """`error` in words."""
    status = status_of(error)
    return Problem(
        type=f"urn:pythagoras-helpdesk:{error.code}",
        title=i18n.translated(TITLES[status], language),
        status=status,
        detail=i18n.translated(error.message, language, **error.values),
        errors=field_problems(error, language),
    )


def field_problems(error: DeskError, language: str) -> list[FieldProblem]:
    """What is wrong with which field, in words."""
    found: tuple[FieldError, ...] = error.errors if isinstance(error, Invalid) else ()
    return [FieldProblem(each.field, i18n.translated(each.message, language, **dict(each.values))) for each in found]


def api_answer(error: DeskError, language: str) -> Response:
    """`error` as problem+json."""
    problem = problem_of(error, language)
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **retry_after(error)}
    return Response(msgspec.json.encode(problem).decode(), with_safety(headers), problem.status)


def page_answer(error: DeskError, call: Call, person: Actor | None) -> Response:
    """`error` as a page; whoever is to sign in before they see a page is taken there and back."""
    here = call.here if call.method == "GET" else urls.home()
    if isinstance(error, NotSignedIn) and call.method == "GET":
        return Response("", with_safety({"Location": urls.sign_in(here), "Cache-Control": "no-store"}), 303)
    problem = problem_of(error, call.language)
    context = {
        "status": problem.status,
        "title": problem.title,
        "detail": problem.detail,
        "suggestion": " ".join(each.message for each in problem.errors),
        "person": person,
        "here": here,
    }
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **retry_after(error)}
    return Response(rendering.page("errors/problem.html", call.language, context), with_safety(headers), problem.status)


def retry_after(error: DeskError) -> dict[str, str]:
    """The header that says when to try again, where that is known."""
    seconds = getattr(error, "retry_after", None)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def not_found_response(headers: dict[str, str]) -> Response:
    """The answer for an address that no route has, where the gateway leaves it to us."""
    call = Call("GET", "", headers, {}, b"", "", is_api=True)
    return page_answer(NotFound(), call, None) if call.wants_page else api_answer(NotFound(), call.language)
