"""Pages and API: who may call, what comes in and what goes out are declared; the work is done by the verbs."""

from chalicelib.web.api import history, me, openapi, projects, session, tickets, uploads, watchers
from chalicelib.web.pages import health
from chalicelib.web.routing import Routes

ROUTES: list[Routes] = [
    health.pages,
    history.api,
    me.api,
    openapi.api,
    projects.api,
    session.api,
    tickets.api,
    uploads.api,
    watchers.api,
]
