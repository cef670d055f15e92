"""One project, for administrators: each section of its page is a form of its own, with an address of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from chalice.app import Response

from chalicelib import i18n, project_admin, urls
from chalicelib.domain.currencies import CURRENCIES
from chalicelib.domain.errors import DeskError, Invalid, NotFound
from chalicelib.domain.notices import Notify
from chalicelib.domain.own_fields import in_figures
from chalicelib.domain.people import ProjectRole
from chalicelib.domain.project_settings import INTRODUCTION_LENGTH, MOST_DAYS, NAME_LENGTH, PROJECTOR_CODE_LENGTH
from chalicelib.domain.projects import Form as WhoMayFile
from chalicelib.domain.projects import Member, Project, project_key
from chalicelib.domain.tickets import Type
from chalicelib.domain.words import N_
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call
from chalicelib.web.pages import forms, notify, project_fields
from chalicelib.web.pages.answers import language, page, refused, sent_on
from chalicelib.web.pages.forms import FormView
from chalicelib.web.pages.project_fields import Row
from chalicelib.web.routing import Permission, Routes

pages = Routes("project", is_api=False)

SECTIONS = ("form", "manager", "members", "fields", "notices", "closing", "billing")
SENT = frozenset({*SECTIONS, "created", "archive"})


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page stands: freshly opened, or with the form of one section that was refused."""

    section: str = ""
    form: FormView = forms.EMPTY
    types: tuple[str, ...] | None = None
    rows: tuple[Row, ...] | None = None
    hears: tuple[str, ...] | None = None


@pages.get("/admin/projects/{key}", Permission.ADMIN)
def project(call: Call, key: str) -> Response:
    """Everything that can be set about a project."""
    return _page(call, _known(key), Shown())


@pages.post("/admin/projects/{key}/form", Permission.ADMIN, body=Form)
def save_form(call: Call, key: str, body: Form) -> Response:
    """What stands on the form, and who may use it."""
    types = body.all("types")

    def settle(before: Project) -> Project:
        return replace(
            before,
            name=body.one("name"),
            form=forms.choice(WhoMayFile, body.one("form"), "form"),
            language=body.one("language"),
            introduction=body.one("introduction"),
            types=tuple(forms.choice(Type, each, "types") for each in types),
            shares_requests=bool(body.one("shares_requests")),
        )

    return _save(call, key, body, settle, Shown("form", types=types))


@pages.post("/admin/projects/{key}/manager", Permission.ADMIN, body=Form)
def save_manager(call: Call, key: str, body: Form) -> Response:
    """Whom new requests go to."""
    return _save(call, key, body, lambda before: replace(before, manager=body.one("manager").strip()), Shown("manager"))


@pages.post("/admin/projects/{key}/members", Permission.ADMIN, body=Form)
def save_member(call: Call, key: str, body: Form) -> Response:
    """Puts somebody into the project, gives them another role, or takes them out."""
    known, by, email = _known(key), call.signed_in, body.one("email")
    try:
        if body.one("do") == "remove":
            project_admin.remove_member(known, email, by)
        else:
            role = forms.choice(ProjectRole, body.one("role"), "role")
            project_admin.put_member(known, email, role, by)
    except forms.REFUSALS as refusal:
        return _refused(call, known, body, refusal, Shown("members"))
    return sent_on(urls.project(known, "members"))


@pages.post("/admin/projects/{key}/fields", Permission.ADMIN, body=Form)
def save_fields(call: Call, key: str, body: Form) -> Response:
    """The project's own fields, all of them."""
    entered = project_fields.entered(body)
    return _save(call, key, body, lambda before: replace(before, fields=entered.fields()), Shown("fields"), entered)


@pages.post("/admin/projects/{key}/notices", Permission.ADMIN, body=Form)
def save_notices(call: Call, key: str, body: Form) -> Response:
    """Who hears of the requests of the project."""
    wanted = Notify() if body.one("do") == "reset" else notify.settings_of(body, notify.OF_PROJECT)
    shown = Shown("notices", hears=body.all("hears"))
    return _save(call, key, body, lambda before: replace(before, notify=wanted), shown)


@pages.post("/admin/projects/{key}/closing", Permission.ADMIN, body=Form)
def save_closing(call: Call, key: str, body: Form) -> Response:
    """After how many days a solved request closes by itself."""
    days = forms.whole_number(body.one("auto_close_days").strip()) or 0
    return _save(call, key, body, lambda before: replace(before, auto_close_days=days), Shown("closing"))


@pages.post("/admin/projects/{key}/billing", Permission.ADMIN, body=Form)
def save_billing(call: Call, key: str, body: Form) -> Response:
    """What an hour costs, and how Projector calls the project."""

    def settle(before: Project) -> Project:
        return replace(
            before,
            projector_code=body.one("projector_code"),
            hourly_rate=_amount(body.one("hourly_rate"), "hourly_rate"),
            currency=body.one("currency").strip().upper(),
            vat_rate=_amount(body.one("vat_rate"), "vat_rate") or Decimal(0),
        )

    return _save(call, key, body, settle, Shown("billing"))


def _amount(text: str, field: str) -> Decimal | None:
    """Raises Invalid."""
    if not text.strip():
        return None
    figures = in_figures(text)
    if figures is None:
        raise Invalid.of(field, N_("This is not a number."))
    return Decimal(figures)


@pages.get("/admin/projects/{key}/archive", Permission.ADMIN)
def confirm_archive(call: Call, key: str) -> Response:
    """Asks before the form is closed or opened again, and says what is open."""
    found = project_admin.setup(_known(key), call.signed_in)
    return page(call, "admin/archive_project.html", {"project": found.crew.project, "open": found.open, "problem": ""})


@pages.post("/admin/projects/{key}/archive", Permission.ADMIN, body=Form)
def archive(call: Call, key: str, body: Form) -> Response:
    """Archives the project, or brings it back."""
    known, by, archived = _known(key), call.signed_in, body.one("do") == "archive"
    version = forms.whole_number(body.one("version")) or 0
    try:
        project_admin.change(known, lambda before: replace(before, archived=archived), by, version)
    except forms.REFUSALS as refusal:
        found = project_admin.setup(known, by)
        problem = " ".join(forms.errors_of(refusal, language(call)).values())
        context = {"project": found.crew.project, "open": found.open, "problem": problem}
        here = urls.project_act(known, "archive")
        return refused(page(call, "admin/archive_project.html", context, here=here), refusal)
    return sent_on(urls.project(known, "archive"))


def _known(key: str) -> str:
    """`key` as projects have it. Raises NotFound for what cannot be one."""
    try:
        return project_key(key)
    except Invalid as error:
        raise NotFound from error


def _save(
    call: Call,
    key: str,
    body: Form,
    settle: Callable[[Project], Project],
    shown: Shown,
    entered: project_fields.Entered | None = None,
) -> Response:
    known = _known(key)
    try:
        project_admin.change(known, settle, call.signed_in, forms.whole_number(body.one("version")) or 0)
    except forms.REFUSALS as refusal:
        return _refused(call, known, body, refusal, shown, entered)
    return sent_on(urls.project(known, shown.section))


def _refused(
    call: Call, key: str, body: Form, refusal: DeskError, shown: Shown, entered: project_fields.Entered | None = None
) -> Response:
    errors = forms.errors_of(refusal, language(call))
    if entered is not None:
        rows = entered.rows or (project_fields.blank(0),)
        shown = replace(shown, form=FormView({}, entered.at_rows(errors)), rows=rows)
    else:
        shown = replace(shown, form=FormView(body.values, errors))
    return refused(_page(call, key, shown), refusal)


def _page(call: Call, key: str, shown: Shown) -> Response:
    found, words = project_admin.setup(key, call.signed_in), language(call)
    now, sent = found.crew.project, call.first("sent") or ""
    given = FormView(_values(now, found.crew.manager, words), {})
    context = {
        "project": now,
        "manager": found.crew.manager,
        "members": sorted(found.crew.members, key=lambda member: _rank(member, words)),
        "staff": found.crew.staff,
        "open": found.open,
        "forms": {**dict.fromkeys(SECTIONS, given), "members": forms.EMPTY}
        | ({shown.section: shown.form} if shown.section else {}),
        "types": now.types if shown.types is None else shown.types,
        "rows": project_fields.rows_of(now.fields) if shown.rows is None else shown.rows,
        "notify": notify.table(notify.OF_PROJECT, now.notify, None, words, shown.hears),
        "currencies": sorted(CURRENCIES),
        "address": urls.absolute(f"/new/{key}"),
        "posts": {act: urls.project_act(key, act) for act in (*SECTIONS, "archive")},
        "limits": {
            "name": NAME_LENGTH,
            "introduction": INTRODUCTION_LENGTH,
            "projector_code": PROJECTOR_CODE_LENGTH,
            "days": MOST_DAYS,
        },
        "sent": sent if sent in SENT else "",
    }
    return page(call, "admin/project.html", context, here=urls.project(key))


_RANKS = {role: rank for rank, role in enumerate(ProjectRole)}


def _rank(member: Member, words: str) -> tuple[int, tuple[str, str]]:
    return _RANKS[member.role], i18n.sort_key(member.name or member.email, words)


def _values(now: Project, manager: str, words: str) -> dict[str, str]:
    return {
        "name": now.name,
        "form": now.form,
        "language": now.language,
        "introduction": now.introduction,
        "shares_requests": "1" if now.shares_requests else "",
        "manager": manager,
        "auto_close_days": str(now.auto_close_days),
        "projector_code": now.projector_code,
        "hourly_rate": "" if now.hourly_rate is None else _figures(now.hourly_rate, words),
        "currency": now.currency,
        "vat_rate": _figures(now.vat_rate, words),
    }


def _figures(amount: Decimal, words: str) -> str:
    """`amount` as a person types it: without zeros that say nothing, with the decimal mark of the language."""
    text = f"{amount:f}"
    whole, _, cents = text.partition(".")
    mark = "," if words == "cs" else "."
    return whole if not cents.strip("0") else f"{whole}{mark}{cents}"
