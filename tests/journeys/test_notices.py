"""Who hears of a reply: said before it is sent, mailed to just those, and ended by the link at the foot."""

import re

from playwright.sync_api import expect

from tests.journeys.running import Desk, Windows
from tests.journeys.visitor import Visitor, state_of

PETRA, EVA, WATCHER = "petra.novotna@example.com", "eva.cerna@zakaznik.example", "sleduje@oznameni.example"


def test_the_line_the_mails_and_the_way_out(desk: Desk, windows: Windows) -> None:
    with desk.api(EVA) as eva:
        number = eva.post("/tickets", json={"project": "WEB", "subject": "Kdo se to dozví", "text": "Ptám se."}).json()[
            "number"
        ]
    with desk.api(PETRA) as petra:
        assert petra.put(f"/tickets/{number}/watchers/{WATCHER}").status_code == 200
        version = petra.get(f"/tickets/{number}").json()["version"]
        notify = {"requester": [], "addresses": ["kancelar@oznameni.example"]}
        assert petra.patch(f"/tickets/{number}", json={"version": version, "notify": notify}).status_code == 200

    # The line says whom the reply reaches before it is written; the requester is left out for this request.
    staff = Visitor(windows.new("cs", state=state_of(PETRA, windows)), desk, "cs")
    staff.page.goto(f"/desk/{number}")
    staff.page.locator("#reply-text").focus()
    line = staff.page.locator(".write-reply [data-told-names]")
    expect(line).to_contain_text("kancelar@oznameni.example")
    expect(line).to_contain_text("sleduje")
    expect(line).not_to_contain_text("Eva")

    # Exactly these are mailed.
    staff.page.locator("#reply-text").fill("Už to vím.")
    staff.page.locator(".write-reply button.first").click()
    expect(staff.page.locator(".thread")).to_contain_text("Už to vím.")
    numbered = f"[{number}]"
    told = desk.awaited(
        lambda: [each for each in desk.letters() if numbered in each.subject and "Už to vím." in each.text], 2
    )
    assert sorted(each.to for each in told) == ["kancelar@oznameni.example", WATCHER]
    [watched] = [each for each in told if each.to == WATCHER]

    # The link at the foot asks first, and is pressed once.
    [link] = set(re.findall(r"http\S+/unsubscribe/\S+", watched.text))
    watcher = Visitor(windows.new("cs"), desk, "cs")
    watcher.page.goto(link)
    watcher.page.locator("main form button.first").click()
    expect(watcher.page.get_by_role("status")).to_contain_text(WATCHER)
    staff.page.goto(f"/desk/{number}/recipients")
    expect(staff.page.locator("main")).to_contain_text("odhlásil se od tohoto požadavku")
