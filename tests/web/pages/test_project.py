"""/admin/projects: the list, a new project, and the sections of one, each saved by itself."""

from typing import Any

import pytest

from chalicelib import desk, notifications, project_admin
from chalicelib.desk import CommentOrder
from chalicelib.domain.notices import Audience, Notify, Topic
from chalicelib.domain.people import Person, ProjectRole
from chalicelib.domain.projects import FieldKind, Form, OwnField, Project
from chalicelib.storage import projects
from tests.cast import ALICE, BOB, DAVE, EVA, HANA, MARIE, ROOT, STRANGER, called, signed_in
from tests.stage import filed, forget_mails, moved, sent_mails
from tests.web.client import Answer, Client
from tests.web.conftest import Browser
from tests.web.pages.reading import page_of

LIST, NEW, WEB = "/admin/projects", "/admin/projects/new", "/admin/projects/WEB"
NOTE = OwnField("note", "Poznámka", FieldKind.TEXT)
SYSTEM = OwnField("system", "Systém", FieldKind.CHOICE, required=True, choices=("Linux", "macOS"), filterable=True)


@pytest.fixture
def root(browser: Browser) -> Client:
    return browser(ROOT)


def form_of(client: Client, section: str, path: str = WEB) -> dict[str, Any]:
    """What the form of a section would send as it stands."""
    return dict(page_of(client.get(path)).form(f"{path}/{section}").fields)


def post(client: Client, section: str, **typed: Any) -> Answer:
    return client.form(f"{WEB}/{section}", form_of(client, section) | typed)


def saved(answer: Answer, section: str) -> None:
    assert (answer.status, answer.location) == (303, f"{WEB}?sent={section}#{section}")


class TestList:
    def test_all_with_their_managers_and_what_is_open(self, root: Client) -> None:
        filed()
        page = page_of(root.get(LIST))
        assert "WEB Web a e-shop Open to anybody Alice Adamová 1 open" in page.words
        assert "HR Human resources For members Hana Horáková –" in page.words
        assert page.words.index("Zrušený") > page.words.index("Web a e-shop")
        assert {WEB, f"{LIST}/HR", f"{LIST}/OLD", NEW, "/desk?project=WEB"} <= set(page.links)


class TestNew:
    def test_a_project_is_made_and_its_page_opens(self, root: Client) -> None:
        form = page_of(root.get(NEW)).form(NEW)
        assert form.fields["form"] == ["members"]
        answer = root.form(NEW, form.filled(key="shop", name="E-shop", form="open", manager=BOB.email))
        assert answer.location == f"{LIST}/SHOP?sent=created#created"
        page = page_of(root.follow(answer))
        assert "The project is there." in page.words
        assert "https://desk.example/new/SHOP" in root.get(f"{LIST}/SHOP").text
        assert projects.load("SHOP") == Project("SHOP", "E-shop", Form.OPEN, "en", manager=BOB.email)

    def test_a_refused_one_comes_back_as_it_was_typed(self, root: Client) -> None:
        form = page_of(root.get(NEW)).form(NEW)
        typed = form.filled(key="-", name="", form="open", introduction="<b>Ahoj", manager="nobody@nowhere.example")
        answer = root.form(NEW, typed)
        again = page_of(answer, 422).form(NEW)
        assert again.fields == {name: [each] if isinstance(each, str) else each for name, each in typed.items()}
        assert "A project key is 2 to 10 letters" in page_of(answer, 422).words

    @pytest.mark.parametrize(
        ("typed", "status"), [({"key": "WEB"}, 409), ({"manager": "x@nowhere.example"}, 422), ({"form": "?"}, 422)]
    )
    def test_what_cannot_be(self, root: Client, typed: dict[str, str], status: int) -> None:
        form = page_of(root.get(NEW)).form(NEW)
        assert root.form(NEW, form.filled(**({"key": "SHOP", "name": "E-shop"} | typed))).status == status


class TestSections:
    def test_the_form(self, root: Client) -> None:
        answer = post(
            root, "form", name="Weby", form="members", language="en", introduction="Ahoj",
            types=["change"], shares_requests="1",
        )  # fmt: skip
        saved(answer, "form")
        found = projects.load("WEB")
        assert (found.name, found.form, found.language, found.introduction) == ("Weby", Form.MEMBERS, "en", "Ahoj")
        assert (found.types, found.shares_requests, found.version) == (("change",), True, 2)
        assert "Saved." in page_of(root.follow(answer)).words

    def test_no_kind_of_request(self, root: Client) -> None:
        answer = post(root, "form", types=[], name="Weby")
        page = page_of(answer, 422)
        assert "Please choose at least one kind of request." in page.words
        assert page.form(f"{WEB}/form").fields["name"] == ["Weby"]
        assert "types" not in page.form(f"{WEB}/form").fields

    def test_closing(self, root: Client) -> None:
        saved(post(root, "closing", auto_close_days=" 5 "), "closing")
        assert projects.load("WEB").auto_close_days == 5
        for days in ("0", "91", "5.5", "", "x"):
            assert post(root, "closing", auto_close_days=days).status == 422

    def test_billing_with_a_decimal_comma(self, root: Client) -> None:
        saved(
            post(root, "billing", projector_code="P-1", hourly_rate="1 200,50", currency="eur", vat_rate="12"),
            "billing",
        )
        found = projects.load("WEB")
        assert (found.projector_code, str(found.hourly_rate), found.currency, str(found.vat_rate)) == (
            "P-1",
            "1200.50",
            "EUR",
            "12.00",
        )
        assert form_of(root, "billing")["hourly_rate"] == ["1200.50"]
        saved(post(root, "billing", hourly_rate=""), "billing")
        assert projects.load("WEB").hourly_rate is None

    def test_billing_that_is_wrong(self, root: Client) -> None:
        for typed in ({"hourly_rate": "mnoho"}, {"hourly_rate": "-1"}, {"currency": "?"}, {"vat_rate": "101"}):
            page = page_of(post(root, "billing", **typed), 422)
            name, value = next(iter(typed.items()))
            assert page.form(f"{WEB}/billing").fields[name] == [value]

    def test_the_manager(self, root: Client) -> None:
        saved(post(root, "manager", manager=BOB.email), "manager")
        assert projects.crew("WEB").manager == BOB.email
        page = page_of(post(root, "manager", manager="nobody@nowhere.example"), 422)
        assert "Invite the person first, under People." in page.words

    def test_a_stale_form_changes_nothing_and_keeps_what_was_typed(self, root: Client) -> None:
        early = form_of(root, "closing")
        saved(post(root, "form", name="Jinak"), "form")
        answer = root.form(f"{WEB}/closing", early | {"auto_close_days": "7"})
        page = page_of(answer, 409)
        assert "Somebody changed the project meanwhile." in page.words
        assert page.form(f"{WEB}/closing").fields["auto_close_days"] == ["7"]
        assert projects.load("WEB").auto_close_days == 14
        saved(root.form(f"{WEB}/closing", page.form(f"{WEB}/closing").fields), "closing")
        assert projects.load("WEB").auto_close_days == 7

    def test_nobody_hears_of_new_requests_until_a_manager_is_named(self, root: Client) -> None:
        project_admin.create(Project("SHOP", "E-shop", Form.OPEN, "cs"), signed_in(ROOT))
        warning = "Nobody hears of new requests"
        assert warning in page_of(root.get(f"{LIST}/SHOP")).words
        assert warning not in page_of(root.get(WEB)).words


class TestMembers:
    def test_somebody_comes_in_changes_and_goes(self, root: Client) -> None:
        members = f"{WEB}/members"
        order = {"email": HANA.email, "role": "customer", "do": "put"}
        saved(root.form(members, order), "members")
        saved(root.form(members, order | {"role": "solver"}), "members")
        assert projects.crew("WEB").roles[HANA.email] is ProjectRole.SOLVER
        row = page_of(root.get(WEB)).form(members, email=HANA.email)
        saved(root.form(members, row.filled(do="remove")), "members")
        assert HANA.email not in projects.crew("WEB").roles

    def test_the_manager_has_no_buttons_and_stays_all_the_same(self, root: Client) -> None:
        forms = page_of(root.get(WEB)).forms
        assert not [form for form in forms if form.fields.get("email") == [ALICE.email]]
        answer = root.form(f"{WEB}/members", {"email": ALICE.email, "do": "remove"})
        assert "Name another project manager first." in page_of(answer, 409).words

    def test_somebody_unknown(self, root: Client) -> None:
        answer = root.form(f"{WEB}/members", {"email": "x@nowhere.example", "role": "solver", "do": "put"})
        page = page_of(answer, 422)
        assert "Invite the person first" in page.words
        assert page.form(f"{WEB}/members", email="x@nowhere.example").fields["role"] == ["solver"]


class TestFields:
    def test_they_are_added_one_by_one(self, root: Client) -> None:
        typed = {"fields.0.label": "Výrobní číslo", "fields.0.kind": "text"}
        saved(post(root, "fields", **typed), "fields")
        assert projects.load("WEB").fields == (OwnField("vyrobni_cislo", "Výrobní číslo", FieldKind.TEXT),)
        form = form_of(root, "fields")
        assert form["fields.0.kept"] == ["1"]
        assert form["fields.1.label"] == [""]
        choice = {"fields.1.label": "Systém", "fields.1.kind": "choice", "fields.1.choices": "Linux\r\n\r\nmacOS\r\n"}
        flags = {"fields.1.required": "1", "fields.1.filterable": "1", "fields.1.code": "system"}
        saved(post(root, "fields", **choice, **flags), "fields")
        assert projects.load("WEB").fields[1] == SYSTEM

    def test_they_change_places_and_go(self, root: Client) -> None:
        project_admin.change("WEB", lambda project: project_with(project, NOTE, SYSTEM), signed_in(ROOT))
        saved(post(root, "fields", **{"fields.1.place": "1", "fields.0.place": "2"}), "fields")
        assert projects.load("WEB").fields == (SYSTEM, NOTE)
        saved(post(root, "fields", **{"fields.0.remove": "1"}), "fields")
        assert projects.load("WEB").fields == (NOTE,)

    def test_what_is_wrong_is_said_at_the_row_where_it_was_typed(self, root: Client) -> None:
        project_admin.change("WEB", lambda project: project_with(project, NOTE, SYSTEM), signed_in(ROOT))
        typed = {"fields.0.remove": "1", "fields.1.choices": "", "fields.2.label": "Druhý", "fields.2.code": "?"}
        page = page_of(post(root, "fields", **typed), 422)
        assert "fields.1.choices-error" in page.ids
        assert "fields.2.code-error" in page.ids
        form = page.form(f"{WEB}/fields").fields
        assert (form["fields.0.remove"], form["fields.1.choices"], form["fields.2.code"]) == (["1"], [""], ["?"])
        assert projects.load("WEB").fields == (NOTE, SYSTEM)

    def test_twenty_leave_no_blank_row(self, root: Client) -> None:
        many = [OwnField(f"n{number}", "N", FieldKind.TEXT) for number in range(20)]
        project_admin.change("WEB", lambda project: project_with(project, *many), signed_in(ROOT))
        assert "fields.20.label" not in form_of(root, "fields")
        saved(post(root, "fields", **{"fields.0.label": "První"}), "fields")
        more = {f"fields.{number}.label": "N" for number in range(20, 25)} | {"fields.20.kind": "text"}
        assert post(root, "fields", **more).status == 422

    def test_a_kind_there_is_not(self, root: Client) -> None:
        assert post(root, "fields", **{"fields.0.label": "x", "fields.0.kind": "colour"}).status == 422


def project_with(project: Project, *fields: OwnField) -> Project:
    from dataclasses import replace

    return replace(project, fields=fields)


class TestNotices:
    def test_only_what_is_not_as_usual_is_kept(self, root: Client) -> None:
        hears = [*form_of(root, "notices")["hears"], "project_managers.replies"]
        saved(post(root, "notices", hears=hears, addresses="Sklad@firma.example"), "notices")
        kept = projects.load("WEB").notify
        managers = (Topic.NEW, Topic.REPLIES, Topic.VERDICTS)
        assert kept == Notify({Audience.PROJECT_MANAGERS: managers}, ("sklad@firma.example",))
        assert "project_managers.replies" in form_of(root, "notices")["hears"]
        assert form_of(root, "notices")["addresses"] == ["sklad@firma.example"]

    def test_who_hears_then_does(self, root: Client) -> None:
        hears = [*form_of(root, "notices")["hears"], "project_managers.replies"]
        saved(post(root, "notices", hears=hears, addresses="sklad@firma.example"), "notices")
        ticket = moved(filed(), "hand_over", ALICE, assignee=BOB.email)
        event = desk.comment(ticket.number, CommentOrder("Díváme se."), signed_in(BOB))
        forget_mails()
        notifications.deliver(ticket.number, event.id)
        assert {mail.to for mail in sent_mails()} == {EVA.email, ALICE.email, "sklad@firma.example"}

    def test_as_usual_again(self, root: Client) -> None:
        saved(post(root, "notices", hears=[], addresses="sklad@firma.example"), "notices")
        saved(post(root, "notices", do="reset"), "notices")
        assert projects.load("WEB").notify == Notify()

    def test_an_address_that_is_none_is_said_and_nothing_is_lost(self, root: Client) -> None:
        answer = post(root, "notices", hears=["watchers.replies"], addresses="to neni adresa")
        page = page_of(answer, 422)
        form = page.form(f"{WEB}/notices")
        assert form.fields["addresses"] == ["to neni adresa"]
        assert [each for each in form.fields["hears"] if each.startswith("watchers")] == ["watchers.replies"]
        assert projects.load("WEB").notify == Notify()

    def test_notes_are_never_for_customers(self, root: Client) -> None:
        assert "requester.notes" not in page_of(root.get(WEB)).form(f"{WEB}/notices").offered["hears"]
        hears = [*form_of(root, "notices")["hears"], "requester.notes", "addresses.notes", "nobody.nothing"]
        saved(post(root, "notices", hears=hears), "notices")
        assert projects.load("WEB").notify == Notify()


class TestArchive:
    def test_it_is_asked_first_and_says_what_is_open(self, root: Client) -> None:
        filed()
        page = page_of(root.get(f"{WEB}/archive"))
        assert "1 request is still open." in page.words
        assert projects.load("WEB").archived is False
        saved(root.form(f"{WEB}/archive", page.form(f"{WEB}/archive").filled(do="archive")), "archive")
        assert projects.load("WEB").archived is True
        back = page_of(root.get(f"{WEB}/archive")).form(f"{WEB}/archive")
        saved(root.form(f"{WEB}/archive", back.filled(do="restore")), "archive")
        assert projects.load("WEB").archived is False

    def test_a_stale_question_changes_nothing(self, root: Client) -> None:
        form = page_of(root.get(f"{WEB}/archive")).form(f"{WEB}/archive")
        saved(post(root, "closing", auto_close_days="5"), "closing")
        assert root.form(f"{WEB}/archive", form.filled(do="archive")).status == 409
        assert projects.load("WEB").archived is False


class TestDoor:
    PATHS = (WEB, f"{WEB}/archive", LIST, NEW, f"{LIST}/NOPE")

    @pytest.mark.parametrize("person", [STRANGER, EVA, BOB, ALICE, MARIE, DAVE], ids=called)
    def test_only_administrators(self, browser: Browser, person: Person) -> None:
        client = browser(person)
        assert {client.get(path).status for path in self.PATHS} == {403}
        for section in ("form", "manager", "members", "fields", "closing", "billing", "archive"):
            answers = [client.form(f"{LIST}/{key}/{section}", {"do": "archive"}) for key in ("WEB", "NOPE")]
            assert [answer.status for answer in answers] == [403, 403]
        assert projects.load("WEB").version == 1

    def test_a_stranger_is_asked_to_sign_in(self, browser: Browser) -> None:
        assert browser().get(WEB).location == "/sign-in?next=%2Fadmin%2Fprojects%2FWEB"

    def test_no_such_project(self, root: Client) -> None:
        for key in ("NOPE", "a%00b", "x" * 300, "%F0%9F"):
            assert root.get(f"{LIST}/{key}").status == 404
            assert root.form(f"{LIST}/{key}/closing", {"version": "1", "auto_close_days": "5"}).status == 404

    def test_another_site(self, browser: Browser) -> None:
        client = browser(ROOT)
        form = form_of(client, "closing")
        client.origin = "https://evil.example"
        assert client.form(f"{WEB}/closing", form | {"auto_close_days": "5"}).status == 403
        assert projects.load("WEB").auto_close_days == 14
