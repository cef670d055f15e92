"""Organisations, for administrators: listed, made and renamed."""

from chalice.app import Response

from chalicelib import i18n, people_admin, urls
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.routing import Permission, Routes

pages = Routes("organisations", is_api=False)

SENT = frozenset({"made", "renamed"})


@pages.get("/admin/organisations", Permission.ADMIN)
def organisations(call: Call) -> Response:
    """All of them in the order of their names; `rename` opens the form for another name of one."""
    return _page(call, call.first("rename") or "")


@pages.post("/admin/organisations", Permission.ADMIN, body=Form)
def create(call: Call, body: Form) -> Response:
    """Makes one."""
    try:
        people_admin.create_organisation(body.one("name"), call.signed_in)
    except forms.REFUSALS as refusal:
        typed = FormView(body.values, forms.errors_of(refusal, language(call), "name"))
        return refused(_page(call, "", new=typed), refusal)
    return sent_on(urls.organisations(sent="made"))


@pages.post("/admin/organisations/{id}", Permission.ADMIN, body=Form)
def rename(call: Call, id: str, body: Form) -> Response:
    """Gives one another name."""
    version = forms.whole_number(body.one("version")) or 0
    try:
        people_admin.rename_organisation(id, body.one("name"), call.signed_in, version)
    except forms.REFUSALS as refusal:
        typed = FormView(body.values, forms.errors_of(refusal, language(call), "name"))
        return refused(_page(call, id, renaming=typed), refusal)
    return sent_on(urls.organisations(sent="renamed"))


def _page(call: Call, renamed: str, new: FormView = forms.EMPTY, renaming: FormView | None = None) -> Response:
    words = language(call)
    found = sorted(people_admin.all_organisations(call.signed_in), key=lambda each: i18n.sort_key(each.name, words))
    chosen = next((each for each in found if each.id == renamed), None)
    sent = call.first("sent") or ""
    context = {
        "rows": found,
        "new": new,
        "chosen": chosen,
        "renaming": renaming or FormView({"name": chosen.name if chosen else ""}, {}),
        "sent": sent if sent in SENT else "",
    }
    return page(call, "admin/organisations.html", context, here=urls.organisations())
