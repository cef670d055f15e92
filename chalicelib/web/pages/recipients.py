"""Who will be told of the next reply and of the next note, before it is sent."""

from chalice.app import Response

from chalicelib import i18n, notifications, urls
from chalicelib.domain.hearing import OBSTACLE_OF, RULE_OF
from chalicelib.notifications import Expected
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import language, page
from chalicelib.web.routing import Permission, Routes

pages = Routes("recipients", is_api=False)


@pages.get("/desk/{number}/recipients", Permission.STAFF)
def recipients(call: Call, number: str) -> Response:
    """Two lists, each with those who would be told and those who would not, and why."""
    words = language(call)
    found = notifications.expected(number, call.signed_in)
    context = {
        "number": number,
        "reply": [_row(each, words) for each in found[False]],
        "note": [_row(each, words) for each in found[True]],
        "back": urls.desk_ticket(number),
    }
    return page(call, "desk/recipients.html", context)


def _row(expected: Expected, words: str) -> dict[str, object]:
    hearer = expected.hearer
    return {
        "contact": {"email": hearer.email, "name": expected.name},
        "reason": i18n.translated(RULE_OF[hearer.reason].label, words),
        "staff": hearer.staff,
        "digest": hearer.digest and hearer.told,
        "told": hearer.told,
        "why": i18n.translated(OBSTACLE_OF[hearer.silence].label, words) if hearer.silence else "",
    }
