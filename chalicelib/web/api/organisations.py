"""Organisations, for administrators."""

from msgspec import UNSET, UnsetType

from chalicelib import people_admin
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery, part
from chalicelib.web.api.views import Listing, OrganisationView
from chalicelib.web.bodies import Body, given
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

api = Routes("api_organisations", is_api=True)


class OrganisationOrder(Body, frozen=True):
    """A new organisation. Its name is its own, however it is written."""

    name: str


class OrganisationChange(Body, frozen=True):
    """Another name for an organisation. 409 where `version` is old."""

    name: str
    version: int | UnsetType = UNSET


@api.get("/organisations", Permission.ADMIN, query=ListQuery, answer=Listing[OrganisationView])
def organisations(call: Call, query: ListQuery) -> Listing[OrganisationView]:
    """All organisations, in the order of their ids."""
    page, following = part(people_admin.all_organisations(call.signed_in), lambda each: each.id, query, "organisations")
    return views.listing(views.organisation, page, following)


@api.post("/organisations", Permission.ADMIN, body=OrganisationOrder, answer=OrganisationView, status=201)
def create_organisation(call: Call, body: OrganisationOrder) -> OrganisationView:
    """Make an organisation."""
    return views.organisation(people_admin.create_organisation(body.name, call.signed_in))


@api.patch("/organisations/{id}", Permission.ADMIN, body=OrganisationChange, answer=OrganisationView)
def rename_organisation(call: Call, id: str, body: OrganisationChange) -> OrganisationView:
    """Give an organisation another name."""
    return views.organisation(people_admin.rename_organisation(id, body.name, call.signed_in, given(body.version)))
