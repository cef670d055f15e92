"""Pages and API: who may call, what comes in and what goes out are declared; the work is done by the verbs."""

from chalicelib.web.pages import health
from chalicelib.web.routing import Routes

ROUTES: list[Routes] = [health.pages]
