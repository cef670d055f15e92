"""Ends the mails about one request, or the daily digest, by the link at their foot (RFC 8058).

The token is the whole authority: no cookie, no session and no field of the form counts. So a mail provider may post
from anywhere, and another site gains nothing by posting with somebody's cookies.
"""

from chalice.app import Response

from chalicelib import subscriptions, urls
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import page, sent_on
from chalicelib.web.routing import Permission, Routes

pages = Routes("unsubscribe", is_api=False)


@pages.get("/unsubscribe/{token}", Permission.PUBLIC)
def ask(call: Call, token: str) -> Response:
    """What would end, or has ended, with a button. Reading it changes nothing, for mail scanners read it as well."""
    return _page(call, token)


@pages.post("/unsubscribe/{token}", Permission.PUBLIC)
def unsubscribe(call: Call, token: str) -> Response:
    """Ends it, also for a mail provider that asks in somebody's name, and as often as it asks.

    Answers with the page itself: RFC 8058 (3.2) forbids a redirect, for a provider does not follow one.
    """
    subscriptions.end(token)
    return _page(call, token)


@pages.post("/unsubscribe/{token}/undo", Permission.PUBLIC)
def undo(_: Call, token: str) -> Response:
    """Turns it on again."""
    subscriptions.resume(token)
    return sent_on(urls.unsubscribe(token))


def _page(call: Call, token: str) -> Response:
    context = {"subscription": subscriptions.of(token), "token": token}
    return page(call, "unsubscribe.html", context, here=urls.unsubscribe(token))
