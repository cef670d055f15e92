"""Addresses that are not mailed, for administrators."""

from chalice.app import Response

from chalicelib import addresses, urls
from chalicelib.domain.errors import NotFound
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import views
from chalicelib.web.pages.answers import language, page, sent_on
from chalicelib.web.routing import Permission, Routes

pages = Routes("addresses", is_api=False)

_PAGE = 50


@pages.get("/admin/addresses", Permission.ADMIN)
def marked(call: Call) -> Response:
    """What is not mailed and why, in the order of the alphabet."""
    cursor = call.first("cursor")
    found, following = addresses.marked(call.signed_in, _PAGE, cursor)
    context = {
        "rows": [views.marked_address(each, language(call)) for each in found],
        "resumed": call.first("resumed") == "1",
        "first": urls.addresses() if cursor else None,
        "more": urls.addresses(following) if following else None,
    }
    return page(call, "admin/addresses.html", context)


@pages.post("/admin/addresses", Permission.ADMIN, body=Form)
def mail_again(call: Call, body: Form) -> Response:
    """Has one mailed again; one that is already stays so."""
    try:
        addresses.clear(body.one("email"), call.signed_in)
    except NotFound:
        return sent_on(urls.addresses())
    return sent_on(urls.addresses(resumed=True))
