"""The switch of the language, on every page."""

from chalice.app import Response

from chalicelib import directory, i18n, urls
from chalicelib.directory import ProfileOrder
from chalicelib.web import cookies
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import sent_on
from chalicelib.web.routing import Permission, Routes

pages = Routes("language", is_api=False)


@pages.post("/language", Permission.PUBLIC, body=Form)
def choose(call: Call, body: Form) -> Response:
    """Remembers the language in this browser, and for whoever is signed in also for their mail."""
    wanted = forms.one_of(i18n.LANGUAGES, body.one("language"), "language")
    if call.person is not None and call.person.language != wanted:
        directory.change_profile(ProfileOrder(language=wanted), call.person)
    return sent_on(urls.local_path(body.one("next")) or urls.home(), [cookies.language(wanted)])
