"""One's own settings: name, language, and which mail one gets and how."""

from chalice.app import Response

from chalicelib import directory, i18n, urls
from chalicelib.directory import ProfileOrder
from chalicelib.domain.notices import Topic
from chalicelib.domain.people import Actor, Person
from chalicelib.web import cookies
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("own_settings", is_api=False)


@pages.get("/me", Permission.SIGNED_IN)
def settings(call: Call) -> Response:
    """What one may set for oneself."""
    return _page(call, directory.profile(call.signed_in), forms.EMPTY)


@pages.post("/me", Permission.SIGNED_IN, body=Form)
def save(call: Call, body: Form) -> Response:
    """Keeps it, for pages and mail alike."""
    by = call.signed_in
    offered, heard = _topics_for(by), body.all("hears")
    try:
        before = directory.profile(by)
        order = ProfileOrder(
            name=body.one("name"),
            language=forms.one_of(i18n.LANGUAGES, body.one("language"), "language"),
            muted=tuple(
                topic for topic in Topic if (topic in before.muted if topic not in offered else topic not in heard)
            ),
            digest=body.one("digest") == "1",
        )
        after = directory.change_profile(order, by)
    except forms.REFUSALS as refusal:
        form = FormView(body.values, forms.errors_of(refusal, language(call)))
        return refused(_page(call, directory.profile(by), form, heard), refusal)
    return sent_on(urls.me(saved=True), [cookies.language(after.language)])


def _topics_for(by: Actor) -> tuple[Topic, ...]:
    """What there is to hear of for `by`: internal notes are for staff."""
    return tuple(topic for topic in Topic if by.is_staff or topic is not Topic.NOTES)


def _page(call: Call, person: Person, form: FormView, heard: tuple[str, ...] | None = None) -> Response:
    topics = _topics_for(call.signed_in)
    context = {
        "own": person,
        "topics": topics,
        "heard": tuple(topic for topic in topics if topic not in person.muted) if heard is None else heard,
        "form": form,
        "saved": call.first("saved") == "1",
    }
    return page(call, "me.html", context, here=urls.me())
