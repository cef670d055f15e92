"""Addresses that are not mailed, for administrators."""

from chalicelib import addresses
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery
from chalicelib.web.api.views import AddressView, Listing
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_addresses", is_api=True)


@api.get("/addresses", Permission.ADMIN, query=ListQuery, answer=Listing[AddressView])
def marked(call: Call, query: ListQuery) -> Listing[AddressView]:
    """The addresses that are not mailed, in the order of the alphabet."""
    found, following = addresses.marked(call.signed_in, query.limit, query.cursor)
    return views.listing(views.address, found, following)


@api.delete("/addresses/{email}", Permission.ADMIN, status=204)
def mail_again(call: Call, email: str) -> Answer:
    """Have an address mailed again. 404 where it is."""
    addresses.clear(email, call.signed_in)
    return Answer(status=204)
