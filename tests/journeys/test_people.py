"""An administrator who reads nothing but the pages: invites somebody, puts somebody out, brings people in a table."""

import csv
import io
from typing import Any

import httpx
from playwright.sync_api import FilePayload, expect

from tests.journeys.running import Desk, Windows
from tests.journeys.visitor import Visitor, state_of

ADMIN, PETRA, EVA = "admin@example.com", "petra.novotna@example.com", "eva.cerna@zakaznik.example"
TOMAS = "tomas.dvorak@example.com"


def administrator(windows: Windows, desk: Desk) -> Visitor:
    """The administrator's window, at the list of people."""
    visitor = Visitor(windows.new("cs", state=state_of(ADMIN, windows)), desk, "cs")
    visitor.page.goto("/desk")
    visitor.link("Administration").click()
    visitor.link("People").click()
    visitor.sees_heading("People")
    return visitor


def made(api: httpx.Client, email: str, **more: Any) -> None:
    """Somebody new, made by the API and not written to."""
    order = {"email": email, "name": email.partition("@")[0].title(), "language": "cs", "invite": False, **more}
    answer = api.post("/people", json=order)
    assert answer.status_code == 201, answer.text


def test_somebody_invited_reads_the_mail_and_signs_in(desk: Desk, windows: Windows) -> None:
    admin, email = administrator(windows, desk), "nora@pozvana.example"
    admin.link("Invite somebody").click()
    admin.field("E-mail").fill(email)
    admin.field("Name").fill("Nora Pozvaná")
    admin.field("Language").select_option("cs")
    admin.page.locator("[name='role.WEB']").select_option("solver")
    admin.button("Invite").click()
    admin.sees("The invitation is on its way.")
    admin.sees("Not signed in yet", "person")

    [letter] = desk.letters_to(email, 1)
    assert letter.language == "cs"
    assert "Adam Vrána" in letter.headline
    assert f"{desk.url}/sign-in" in letter.text

    nora = Visitor(windows.new("en"), desk, "en")
    nora.page.goto(f"{desk.url}/sign-in")
    nora.sign_in(email)
    nora.language = "cs"
    nora.reads_in_their_language()
    expect(nora.page).to_have_url(f"{desk.url}/desk")

    admin.page.reload()
    admin.sees("Active", "person")


def test_whoever_is_put_out_leaves_their_requests_to_others(desk: Desk, windows: Windows) -> None:
    email = "oldrich@odchazi.example"
    with desk.api(ADMIN) as admin_api, desk.api(PETRA) as petra, desk.api(EVA) as eva:
        made(admin_api, email, projects={"WEB": "solver"})
        numbers = []
        for subject in ("Odkaz první", "Odkaz druhý"):
            order = {"project": "WEB", "subject": subject, "text": "Prosím."}
            ticket = eva.post("/tickets", json=order).json()
            move = {"action": "hand_over", "assignee": email, "version": ticket["version"]}
            assert petra.post(f"/tickets/{ticket['number']}/moves", json=move).status_code == 200
            numbers.append(ticket["number"])
    oldrich = Visitor(windows.new("cs"), desk, "cs")
    oldrich.page.goto("/sign-in")
    oldrich.sign_in(email)

    admin = administrator(windows, desk)
    admin.field("Address begins with").fill("oldrich")
    admin.button("Filter", "button").click()
    admin.page.get_by_role("link", name="Oldrich").click()
    admin.button("Deactivate…").click()
    admin.button("Deactivate", within=admin.page.locator("#deactivate")).click()
    admin.sees("Deactivated: signed out everywhere, tokens and mailed links have ended.")

    oldrich.page.goto("/desk")
    expect(oldrich.page.locator("#email")).to_be_visible()

    for number in numbers:
        admin.sees(number)
    admin.field("Hand over to").select_option(TOMAS)
    admin.button("Hand over").click()
    admin.sees("Handed over.")
    with desk.api(PETRA) as petra:
        assert {petra.get(f"/tickets/{number}").json()["assignee"]["email"] for number in numbers} == {TOMAS}


def test_a_table_is_tried_first_and_then_imported(desk: Desk, windows: Windows) -> None:
    admin, email = administrator(windows, desk), "irma@tabulka.example"
    rows = [
        ["Jméno", "E-mail", "Jazyk", "Organizace", "Projekt", "Role"],
        ["Irma Importová", email, "česky", "Tabulka s.r.o.", "WEB", "zákazník"],
        ["", email, "", "", "IT", "zákazník"],
        ["Bez Adresy", "bez adresy", "", "", "WEB", "zákazník"],
    ]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    table: FilePayload = {"name": "lidé.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("cp1250")}
    admin.link("Import", "button").click()
    admin.page.locator("#file").set_input_files(table)
    admin.button("See what it would do").click()
    admin.sees_heading("What the import would do")
    admin.sees("Irma Importová")
    admin.sees("This is not an e-mail address we can write to.")
    with desk.api(ADMIN) as api:
        assert api.get(f"/people/{email}").status_code == 404

    admin.button("Import", "button").click()
    admin.sees("Nothing was written, because some rows have errors.")
    admin.page.locator("input[name=skip]").check()
    admin.page.locator("input[name=invite]").check()
    admin.button("Import", "button").click()
    admin.sees("The import is done; the rows with errors were left out.")
    with desk.api(ADMIN) as api:
        irma = api.get(f"/people/{email}").json()
        assert irma["projects"] == {"WEB": "customer", "IT": "customer"}
        names = {each["id"]: each["name"] for each in api.get("/organisations?limit=100").json()["items"]}
        assert names[irma["organisation"]] == "Tabulka s.r.o."
    desk.letters_to(email, 1)
