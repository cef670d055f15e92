"""What only a real server shows: hosts, origins, links that are followed, forwarded, forged or too old."""

import http.client
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.journeys.running import Desk, Windows
from tests.journeys.visitor import Visitor, state_of

PETRA, EVA = "petra.novotna@example.com", "eva.cerna@zakaznik.example"
VICTIM = "obet@firma.example"


@pytest.fixture(scope="module")
def number(desk: Desk) -> str:
    """A request that somebody without an account has filed, mailed about already."""
    order = {"project": "WEB", "subject": "Tajný projekt", "text": "Jen pro vás.", "email": VICTIM, "name": "Oběť"}
    with desk.api(**{"Accept-Language": "cs"}) as nobody:
        found: str = nobody.post("/tickets", json=order).json()["number"]
    desk.letters_about(found, 2)
    return found


def link_of(desk: Desk, number: str, to: str) -> str:
    return next(letter.link for letter in desk.letters_about(number, 2) if letter.to == to)


def seen_by_staff(desk: Desk, number: str) -> tuple[Any, Any]:
    with desk.api(PETRA) as api:
        return api.get(f"/tickets/{number}").json(), api.get(f"/tickets/{number}/history").json()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1@evil.example", "evil.example:80"])
def test_an_evil_host_gets_into_no_link(desk: Desk, number: str, host: str) -> None:
    served = urlsplit(desk.url)
    for path in ("/", "/new/WEB", "/desk", f"/t/{number}", "/sign-in?next=/desk", "/api/v1/openapi.json"):
        connection = http.client.HTTPConnection(served.hostname or "", served.port)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.putheader("X-Forwarded-Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        assert "evil" not in str(answer.getheaders())
        assert b"evil" not in answer.read()
        connection.close()


def test_an_evil_host_gets_into_no_mail(desk: Desk) -> None:
    email = "host@firma.example"
    order = {"project": "WEB", "subject": "Hostitel", "text": "Test", "email": email, "name": "H"}
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    with desk.api(**evil) as nobody:
        assert nobody.post("/tickets", json=order).status_code == 201
    (letter,) = desk.letters_to(email, 1)
    assert letter.link.startswith(f"{desk.url}/t/")
    assert "evil" not in letter.html + letter.text + str(letter.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {},
    ],
    ids=["foreign", "null", "cross-site", "look-alike", "none"],
)
def test_a_form_of_another_site_changes_nothing(desk: Desk, windows: Windows, headers: dict[str, str]) -> None:
    cookies = {each["name"]: each["value"] for each in state_of(EVA, windows)["cookies"]}
    with httpx.Client(base_url=desk.url, cookies=cookies) as eva:
        mine = eva.get("/api/v1/tickets", params={"state": "done"}).json()["items"][0]
        path = f"/t/{mine['number']}/move"
        form = {"action": "accept", "version": str(mine["version"]), "key": "forged"}
        assert eva.post(path, data=form, headers=headers).status_code == 403
        order = {"action": "accept", "version": mine["version"]}
        assert eva.post(f"/api/v1/tickets/{mine['number']}/moves", json=order, headers=headers).status_code == 403
        assert eva.get(f"/api/v1/tickets/{mine['number']}").json()["version"] == mine["version"]
        stale = eva.post(path, data={**form, "version": "0"}, headers={"Origin": desk.url})
        assert stale.status_code == 409  # it was the origin that was refused, not Eva


def test_following_every_link_of_every_mail_changes_nothing(desk: Desk, number: str) -> None:
    """As a mail scanner does, with and without the fragment, by GET and HEAD."""
    before = seen_by_staff(desk, number)
    letters = desk.letters_about(number, 2)
    links = {link for each in letters for link in re.findall(r"https?://[^\s\"<>]+", each.html + each.text)}
    assert links
    with httpx.Client(follow_redirects=True, headers={"User-Agent": "scanner"}) as scanner:
        for link in links:
            for method in ("HEAD", "GET", "GET"):
                assert scanner.request(method, link).status_code == 200
    assert seen_by_staff(desk, number) == before
    assert len(desk.letters_about(number, 2)) == 2


def test_a_followed_link_still_opens(desk: Desk, windows: Windows, number: str) -> None:
    """And opening it, by whatever runs its script, is no change either."""
    before = seen_by_staff(desk, number)
    for _ in range(2):
        page = windows.new("cs")
        page.goto(link_of(desk, number, VICTIM))
        expect(page.get_by_role("heading", name="Tajný projekt")).to_be_visible()
    assert seen_by_staff(desk, number) == before


def test_a_forwarded_link_cannot_speak_for_its_owner(desk: Desk, windows: Windows, number: str) -> None:
    before = seen_by_staff(desk, number)
    thief = Visitor(windows.new("cs"), desk, "cs")
    thief.page.goto(link_of(desk, number, VICTIM))
    thief.field("Your message").fill("Zaplaťte prosím na jiný účet.")
    thief.button("Send the message").click()
    thief.sees_heading("Is it you?")
    thief.field("Code").fill("000000")
    thief.button("Confirm and send").click()
    expect(thief.page.get_by_role("alert")).to_be_visible()
    assert seen_by_staff(desk, number) == before


@pytest.mark.parametrize("damage", ["edited", "foreign", "cut", "empty", "of nothing"])
def test_a_link_that_is_not_good_opens_nothing(desk: Desk, windows: Windows, number: str, damage: str) -> None:
    good = link_of(desk, number, VICTIM)
    with desk.api(PETRA) as api:
        other = api.get("/tickets", params={"project": "WEB", "state": "closed", "limit": 1}).json()["items"][0][
            "number"
        ]
    links = {
        "edited": good[:-1] + ("a" if good[-1] != "a" else "b"),
        "foreign": good.replace(f"/t/{number}#", f"/t/{other}#"),
        "cut": good[:-10],
        "empty": good.partition("k=")[0] + "k=",
        "of nothing": f"{desk.url}/t/WEB-99999#k=WEB-99999.{'a' * 32}",
    }
    visitor = Visitor(windows.new("cs"), desk, "cs")
    visitor.page.goto(links[damage])
    visitor.sees_heading("This request is not open to you")
    expect(visitor.page.locator("[data-link-ways]")).to_be_visible()
    expect(visitor.page.locator(".thread")).to_have_count(0)
    assert "Tajný projekt" not in visitor.page.content()


def test_a_revoked_link_says_so_and_can_be_replaced(desk: Desk, windows: Windows) -> None:
    email = "odvolany@firma.example"
    order = {"project": "WEB", "subject": "Odvolaný odkaz", "text": "Test", "email": email, "name": "O"}
    with desk.api() as nobody:
        number = nobody.post("/tickets", json=order).json()["number"]
    link = link_of(desk, number, email)
    visitor = Visitor(windows.new("cs"), desk, "cs")
    visitor.page.goto(link)
    expect(visitor.page.locator(".thread")).to_be_visible()
    with desk.api(PETRA) as petra:
        assert petra.delete(f"/tickets/{number}/links/{email}").status_code == 204
    visitor.page.reload()
    visitor.sees_heading("This request is not open to you")
    visitor.page.goto(link)
    visitor.sees("This link no longer works. It may have ended or been replaced by a newer one.")
    visitor.link("Have the link sent again").click()
    visitor.sees_heading("Find my requests")


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/%09/evil.example",
    "/desk\r\nLocation: https://evil.example",
    "/.evil.example",
    "///evil.example",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_to_another_site(desk: Desk, wanted: str) -> None:
    with httpx.Client(base_url=desk.url, headers={"Origin": desk.url}) as client:
        asked = client.get("/sign-in", params={"next": wanted})
        chosen = client.post("/language", data={"language": "cs", "next": wanted})
    assert asked.status_code == 200
    hidden = re.search(r'name="next" value="([^"]*)"', asked.text[asked.text.index("<main") :])
    assert hidden
    for address in (hidden[1], chosen.headers["Location"]):
        assert urljoin(f"{desk.url}/", address).startswith(f"{desk.url}/")
        assert not address.startswith(("//", "/\\"))


def test_signing_in_leads_to_no_other_site(desk: Desk, windows: Windows) -> None:
    visitor = Visitor(windows.new("cs"), desk, "cs")
    visitor.page.goto("/sign-in?next=//evil.example/")
    visitor.sign_in("karel.simek@zakaznik.example")
    expect(visitor.page).to_have_url(f"{desk.url}/my")
