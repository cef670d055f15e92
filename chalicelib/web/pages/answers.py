"""How a page answers: rendered for whoever reads it, or sending them on to another page."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalice.app import Response

from chalicelib import rendering
from chalicelib.domain.errors import DeskError
from chalicelib.web import problems
from chalicelib.web.calls import Call

SEE_OTHER = 303


def page(
    call: Call,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
    *,
    here: str | None = None,
    cookies: Iterable[str] = (),
) -> Response:
    """`template` for whoever is calling. `here` is the address to come back to where that is not the call's own."""
    given = {**context, "person": call.person, "here": here or call.here}
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Vary": "Cookie, Accept-Language",
        **_set(cookies),
    }
    return Response(rendering.page(template, language(call), given), headers, status)


def sent_on(address: str, cookies: Iterable[str] = ()) -> Response:
    """Sends the browser on to `address` with a GET."""
    return Response("", {"Location": address, "Cache-Control": "no-store", **_set(cookies)}, SEE_OTHER)


def language(call: Call) -> str:
    """The language of the page: that of whoever is signed in, before what their browser says."""
    _ = call.person
    return call.language


def refused(response: Response, error: DeskError) -> Response:
    """`response`, a form shown again, with the status and the headers of what was wrong."""
    response.status_code = problems.status_of(error)
    response.headers.update(problems.retry_after(error))
    return response


def _set(cookies: Iterable[str]) -> dict[str, str | list[str]]:
    given = list(cookies)
    return {"Set-Cookie": given} if given else {}
