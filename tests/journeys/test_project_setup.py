"""A project from nothing to its first closed request, by an administrator who has read only the pages."""

import re

from playwright.sync_api import expect

from tests.journeys.running import Desk, Windows
from tests.journeys.story import finishes, hands_over
from tests.journeys.visitor import Visitor, state_of

ADMIN, PAVEL, MARTIN = "admin@example.com", "pavel.chalupa@example.com", "martin.hruska@example.com"
CUSTOMER = "lenka.vesela@pekarna.example"
KEY, NAME = "PEKARNA", "Pece a mísiče – Pekárna Veselý"


def test_a_project_is_set_up_and_its_first_request_closed(desk: Desk, windows: Windows) -> None:
    admin = Visitor(windows.new("cs", state=state_of(ADMIN, windows)), desk, "cs")
    makes_the_project(admin)
    adds_a_field(admin)
    brings_people_in(admin)
    sets_closing_and_billing(admin)
    address = admin.page.locator("#address").input_value()
    assert address == f"{desk.url}/new/{KEY}"
    admin.link("Open the form").click()
    admin.sees("New request")

    customer = Visitor(windows.new("cs"), desk, "cs")
    files_with_the_field(customer, address)
    number = f"{KEY}-1"
    receipt = desk.letters_to(CUSTOMER, 1)[0]
    assert number in receipt.subject
    assert desk.letters_about(number, 2)

    pavel = Visitor(windows.new("cs", state=state_of(PAVEL, windows)), desk, "cs")
    pavel.page.goto(f"/desk/{number}")
    expect(pavel.page.locator(".props")).to_contain_text("PC-1207")
    hands_over(pavel, "Martin Hruška")
    martin = Visitor(windows.new("cs", state=state_of(MARTIN, windows)), desk, "cs")
    martin.page.goto(f"/desk?project={KEY}")
    martin.field("Výrobní číslo").fill("pc-1207")
    martin.button("Filter", "button").click()
    martin.page.get_by_role("link", name="Pec nehřeje").click()
    finishes(martin, "Vyměněno topné těleso.")

    customer.page.goto(receipt.link)
    customer.sees("PC-1207")
    expect(customer.main).not_to_contain_text("Příčina")
    customer.button("Accept the solution").click()
    customer.field("Code").fill(desk.codes(CUSTOMER, 1)[-1])
    customer.page.locator("main form button.first").click()
    customer.sees("This request is closed and can only be read.")
    with desk.api(ADMIN) as api:
        ticket = api.get(f"/tickets/{number}").json()
        assert (ticket["state"], ticket["fields"]) == ("closed", {"vyrobni_cislo": "PC-1207"})
        assert api.get(f"/projects/{KEY}").json()["hourly_rate"] == 1150.5

    archives(admin)
    with desk.api() as nobody:
        assert nobody.get(f"/projects/{KEY}").status_code == 404


def makes_the_project(admin: Visitor) -> None:
    admin.page.goto("/desk")
    admin.link("Administration").click()
    admin.link("New project").click()
    admin.field("Key").fill(KEY.lower())
    admin.page.locator("#name").fill(NAME)
    admin.page.get_by_role("radio", name=re.compile(admin.says("Open to anybody", "form"))).check()
    admin.field("Introduction").fill("Závady pecí a mísičů. Mějte po ruce výrobní číslo.")
    admin.button("Create the project").click()
    expect(admin.main.get_by_role("status")).to_be_visible()
    admin.sees("Nobody hears of new requests")


def adds_a_field(admin: Visitor) -> None:
    fields = admin.page.locator("#fields")
    rows = fields.locator("[data-row]")
    admin.field("Label", rows.nth(0)).fill("Výrobní číslo")
    rows.nth(0).get_by_role("checkbox", name=admin.says("Required")).check()
    rows.nth(0).get_by_role("checkbox", name=admin.says("Filter of the list")).check()
    admin.button("One field more", within=fields).click()
    admin.field("Label", rows.nth(1)).fill("Příčina")
    admin.field("Holds", rows.nth(1)).select_option("choice")
    admin.field("Choices, one on each line", rows.nth(1)).fill("Opotřebení\nObsluha")
    rows.nth(1).get_by_role("checkbox", name=admin.says("Customers see it")).uncheck()
    admin.button("Save the fields", within=fields).click()
    expect(fields.get_by_role("status")).to_be_visible()
    expect(rows).to_have_count(3)


def brings_people_in(admin: Visitor) -> None:
    people = admin.page.locator("#members")
    admin.field("Project manager", people).fill("nikdo@nikde.example")
    admin.button("Name the manager", within=people).click()
    expect(people.get_by_role("alert")).to_contain_text(admin.says("Project manager"))
    admin.field("Project manager", people).fill(PAVEL)
    admin.button("Name the manager", within=people).click()
    expect(people.locator(".member-list")).to_contain_text("Pavel Chalupa")
    people.locator("#member-email").fill(MARTIN)
    people.locator("#member-role").select_option("solver")
    admin.button("Add to the project", within=people).click()
    expect(people.locator(".member-list")).to_contain_text("Martin Hruška")
    expect(admin.main).not_to_contain_text(admin.says("Nobody hears of new requests"))


def sets_closing_and_billing(admin: Visitor) -> None:
    admin.field("Days until a solved request closes").fill("7")
    admin.button("Save closing").click()
    expect(admin.page.locator("#closing").get_by_role("status")).to_be_visible()
    admin.field("Price of an hour").fill("1 150,50")
    admin.button("Save billing").click()
    expect(admin.page.locator("#billing").get_by_role("status")).to_be_visible()


def files_with_the_field(customer: Visitor, address: str) -> None:
    customer.page.goto(address)
    customer.field("Your e-mail").fill(CUSTOMER)
    customer.field("Your name").fill("Lenka Veselá")
    customer.field("Subject").fill("Pec nehřeje")
    customer.field("What do you need?").fill("Od rána nehřeje spodní deska.")
    expect(customer.main).not_to_contain_text("Příčina")
    customer.field("Výrobní číslo").fill("PC-1207")
    customer.button("Send the request").click()
    expect(customer.page.locator(".big")).to_contain_text(f"{KEY}-1")


def archives(admin: Visitor) -> None:
    admin.page.goto(f"/admin/projects/{KEY}")
    admin.link("Archive…").click()
    admin.sees("No request of it is open.")
    admin.button("Archive").click()
    admin.sees("The form is closed. What was open goes on to its end.")
