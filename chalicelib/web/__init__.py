"""Pages and API: who may call, what comes in and what goes out are declared; the work is done by the verbs."""

from chalicelib.web import static
from chalicelib.web.api import (
    addresses,
    history,
    me,
    notices,
    openapi,
    organisations,
    people,
    people_import,
    projects,
    session,
    tickets,
    uploads,
    watchers,
)
from chalicelib.web.pages import (
    addresses as address_pages,
)
from chalicelib.web.pages import (
    desk_list,
    desk_ticket,
    files,
    find,
    health,
    help,
    home,
    language,
    my,
    new,
    own_settings,
    person,
    project,
    recipients,
    sign_in,
    ticket,
    undelivered,
    unsubscribe,
)
from chalicelib.web.pages import (
    organisations as organisation_pages,
)
from chalicelib.web.pages import (
    people as people_pages,
)
from chalicelib.web.pages import (
    people_import as people_import_pages,
)
from chalicelib.web.pages import (
    projects as project_pages,
)
from chalicelib.web.routing import Routes

ROUTES: list[Routes] = [
    health.pages,
    addresses.api,
    history.api,
    me.api,
    notices.api,
    openapi.api,
    organisations.api,
    people.api,
    people_import.api,
    projects.api,
    session.api,
    tickets.api,
    uploads.api,
    watchers.api,
    home.pages,
    new.pages,
    ticket.pages,
    my.pages,
    own_settings.pages,
    sign_in.pages,
    find.pages,
    language.pages,
    desk_list.pages,
    desk_ticket.pages,
    files.pages,
    recipients.pages,
    undelivered.pages,
    address_pages.pages,
    project_pages.pages,
    project.pages,
    people_pages.pages,
    people_import_pages.pages,
    person.pages,
    organisation_pages.pages,
    unsubscribe.pages,
    help.pages,
    static.pages,
]
