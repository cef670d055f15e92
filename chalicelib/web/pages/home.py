"""The first page: what this is, and the forms one may use."""

from chalice.app import Response

from chalicelib import directory
from chalicelib.web.calls import Call
from chalicelib.web.pages.answers import page
from chalicelib.web.routing import Permission, Routes

pages = Routes("home", is_api=False)


@pages.get("/", Permission.PUBLIC)
def home(call: Call) -> Response:
    """The ways in."""
    return page(call, "home.html", {"projects": directory.form_projects(call.actor)})
