"""The import in two steps: a file, what each row would do, and then just that."""

import pytest

from chalicelib import people_admin
from chalicelib.domain.accounts import PersonChange
from chalicelib.domain.people import Person, ProjectRole
from chalicelib.storage import organisations, people
from tests.cast import ALICE, EVA, MARIE, ROOT, WEB, called, signed_in
from tests.importing.test_import import as_xlsx
from tests.stage import mails_to
from tests.web.client import Answer, Client
from tests.web.conftest import Browser
from tests.web.pages.conftest import run_queue
from tests.web.pages.reading import Page, page_of

IMPORT = "/admin/people/import"
NORA = Person("nora@customer.example", "Nora Nová", "cs")
GOOD = f"Jméno;E-mail;Organizace;Projekt;Role\r\nNora Nová;{NORA.email};Řezník;WEB;zákazník\r\n"
MIXED = f"{GOOD};{EVA.email};Řezník;;\r\n<b>Zlá</b>;nora;;;\r\n"


def sent(client: Client, text: str, name: str = "lidé.csv") -> Answer:
    return client.form(IMPORT, {}, files=[(name, "text/csv", text.encode("cp1250"))])


def shown(client: Client, text: str) -> tuple[str, Page]:
    """The address of the second step, and its page."""
    answer = sent(client, text)
    return answer.location, page_of(client.follow(answer))


def test_first_what_it_would_do_and_then_that(browser: Browser) -> None:
    root = browser(ROOT)
    path, page = shown(root, GOOD)
    assert "What the import would do" in page.words
    assert "New: 1" in page.words
    assert "Organisations that will be made: Řezník" in page.words
    assert "Role in the project WEB: Customer" in page.words
    assert people.find(NORA.email) is None

    form = page.form(path)
    assert "skip" not in form.offered
    done = page_of(root.follow(root.form(path, form.filled(invite="1"))))
    assert "The import is done." in done.words
    assert path not in [each.action for each in done.forms]
    nora = people.find(NORA.email)
    assert nora
    assert nora.roles == {WEB: ProjectRole.CUSTOMER}
    assert [each.name for each in organisations.every()] == ["Řezník"]
    run_queue()
    assert len(mails_to(NORA)) == 1


def test_a_workbook(browser: Browser) -> None:
    root = browser(ROOT)
    name, content = as_xlsx([["email", "name"], [NORA.email, NORA.name]])
    page = page_of(root.follow(root.form(IMPORT, {}, files=[(name, "application/zip", content)])))
    assert "New: 1" in page.words


def test_rows_with_errors_hold_up_all_unless_they_are_left_out(browser: Browser) -> None:
    root = browser(ROOT)
    path, page = shown(root, MIXED)
    assert "New: 1 Changes: 1 Error: 1" in page.words
    assert "This is not an e-mail address we can write to." in page.words
    form = page.form(path)
    again = page_of(root.form(path, form.filled()), 422)
    assert "Nothing was written, because some rows have errors." in again.words
    assert people.find(NORA.email) is None
    done = page_of(root.follow(root.form(path, again.form(path).filled(skip="1"))))
    assert "the rows with errors were left out" in done.words
    assert people.find(NORA.email)


def test_a_directory_that_changed_is_shown_anew_and_nothing_is_written(browser: Browser) -> None:
    root = browser(ROOT)
    path, page = shown(root, GOOD)
    form = page.form(path)
    people_admin.create_organisation("Řezník", signed_in(ROOT))
    people_admin.change(EVA.email, PersonChange(name="Eva Nová"), signed_in(ROOT))
    fresh = page_of(root.follow(root.form(path, form.filled())))
    assert "The import is done." in fresh.words  # what each row does is the same

    path, page = shown(root, f"E-mail;Jméno\r\n{EVA.email};Eva\r\n")
    form = page.form(path)
    people_admin.change(EVA.email, PersonChange(name="Eva Jiná"), signed_in(ROOT))
    stale = page_of(root.form(path, form.filled()), 409)
    assert "The directory has changed meanwhile" in stale.words
    assert "Eva Jiná" in stale.words
    assert stale.form(path).fields["mark"] != form.fields["mark"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file first."),
        (" ", "The file is empty."),
        ("Jméno\r\nNora\r\n", "The column email is missing."),
        ("E-mail;Telefon\r\na@b.cz;1\r\n", "There is no column called Telefon."),
        ("E-mail\r\n" + "a@b.cz\r\n" * 1001, "At most 1000 rows at once, please."),
        ("x" * 1_100_000, "The file is larger than 1 MB."),
    ],
    ids=["none", "empty", "no address", "unknown", "too many", "too large"],
)
def test_a_file_that_is_none(browser: Browser, text: str, said: str) -> None:
    root = browser(ROOT)
    answer = sent(root, text) if text else root.form(IMPORT, {})
    page = page_of(answer, 413 if "1 MB" in said else 422)
    assert said in page.words


def test_markup_and_odd_names_are_text(browser: Browser) -> None:
    root = browser(ROOT)
    answer = root.follow(sent(root, MIXED, 'x".csv<script>'))
    assert "<b>Zl" not in answer.text
    assert "<script>" not in answer.text.replace('<script type="module"', "").replace("<script src", "")


def test_nothing_to_do(browser: Browser) -> None:
    path, page = shown(browser(ROOT), f"E-mail\r\n{EVA.email}\r\n")
    assert "There is nothing to do: all of it is there already." in page.words
    assert path not in [form.action for form in page.forms]


def test_no_row_that_could_be_imported(browser: Browser) -> None:
    path, page = shown(browser(ROOT), "E-mail\r\nnora\r\n")
    assert "No row can be imported." in page.words
    assert path not in [form.action for form in page.forms]


@pytest.mark.parametrize("person", [ALICE, EVA, MARIE], ids=called)
def test_for_administrators_alone(browser: Browser, person: Person) -> None:
    path, page = shown(browser(ROOT), GOOD)
    client = browser(person)
    for address in (IMPORT, path, "/admin/people/import-example.csv"):
        page_of(client.get(address), 403)
    page_of(sent(client, GOOD), 403)
    page_of(client.form(path, page.form(path).filled()), 403)
    assert people.find(NORA.email) is None


def test_another_administrator_and_an_address_made_up(browser: Browser) -> None:
    path, page = shown(browser(ROOT), GOOD)
    other = browser(
        people_admin.change(ALICE.email, PersonChange(site_role=signed_in(ROOT).site_role), signed_in(ROOT))
    )
    page_of(other.get(path), 404)
    page_of(other.form(path, page.form(path).filled()), 404)
    for odd in ("nope", "0" * 20, "a%00b", "..%2F..%2Fsecret"):
        page_of(other.get(f"{IMPORT}/{odd}"), 404)
        page_of(other.form(f"{IMPORT}/{odd}", {"mark": "x"}), 404)
    page_of(browser().form(path, page.form(path).filled()), 401)
    assert people.find(NORA.email) is None


@pytest.mark.parametrize(("language", "first"), [("cs", "e-mail;jméno;jazyk"), ("en", "email,name,language")])
def test_the_example_is_read_by_ourselves(browser: Browser, language: str, first: str) -> None:
    root = browser(ROOT)
    root.send("PATCH", "/api/v1/me", {"language": language})
    answer = root.get("/admin/people/import-example.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith(f"\ufeff{first}")
    page = page_of(root.follow(root.form(IMPORT, {}, files=[("people.csv", "text/csv", answer.content)])))
    assert "eva@firma.example" in page.words
