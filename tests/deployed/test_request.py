"""A request from filing to its archive in the deployed desk, over HTTP alone, and the mail its functions send."""

import re
from typing import Any

import httpx
import pytest

from tests.cast import ALICE, BOB, EVA, WEB
from tests.deployed.deployment import SECONDS, Deployment, eventually

CONTENT = b"%PDF-1.7 not much of one"


class Caller:
    """Somebody who signs in with the code the desk mails, and then calls the API with a token."""

    def __init__(self, desk: Deployment, email: str) -> None:
        origin = {"Origin": desk.endpoint_url, "Accept-Language": "en"}
        self.http = httpx.Client(base_url=f"{desk.base_url}/api/v1", headers=origin, timeout=SECONDS)
        self.sent("POST", "/codes", email=email)
        [mail] = eventually(lambda: [mail for mail in desk.mails(email) if "sign-in code" in mail["Subject"]])
        self.sent("POST", "/session", email=email, code=re.findall(r"\b\d{6}\b", mail["Subject"])[0])
        token = self.sent("POST", "/tokens", name="test", expires_in_days=1)["token"]
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def sent(self, method: str, path: str, **body: Any) -> Any:
        """The answer to a call that is expected to succeed."""
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def seen(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.is_success, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()


@pytest.fixture(scope="module")
def people(desk: Deployment) -> dict[str, Caller]:
    return {person.email: Caller(desk, person.email) for person in (ALICE, BOB, EVA)}


def about(desk: Deployment, number: str, to: str) -> list[str]:
    """The subjects of the mails about one ticket that somebody got."""
    return [mail["Subject"] for mail in desk.mails(to) if number in mail["Subject"]]


def test_from_filing_to_the_archive(desk: Deployment, people: dict[str, Caller]) -> None:
    eva, alice, bob = people[EVA.email], people[ALICE.email], people[BOB.email]

    filed = eva.sent("POST", "/tickets", project=WEB, subject="Printing fails", text="Since the update.")
    number = filed["number"]
    assert (filed["state"], filed["requester"]["email"]) == ("new", EVA.email)
    eventually(lambda: about(desk, number, ALICE.email))

    given = alice.sent(
        "POST", f"/tickets/{number}/moves", action="hand_over", version=filed["version"], assignee=BOB.email
    )
    assert (given["state"], given["assignee"]["email"]) == ("in_progress", BOB.email)
    eventually(lambda: about(desk, number, BOB.email))

    done = bob.sent(
        "POST", f"/tickets/{number}/moves", action="finish", version=given["version"], text="The driver is mended."
    )
    assert done["state"] == "done"
    eventually(lambda: [mail for mail in desk.mails(EVA.email) if "The driver is mended." in mail["BodyText"]])

    eva.sent("POST", f"/tickets/{number}/moves", action="accept", version=done["version"], rating=5)

    read = alice.seen(f"/tickets/{number}")
    assert (read["state"], read["whose_turn"], read["moves"]) == ("closed", "nobody", [])
    kinds = [event["kind"] for event in alice.seen(f"/tickets/{number}/history")["items"]]
    assert kinds == ["ticket.submitted", "ticket.handed_over", "ticket.finished", "ticket.accepted"]


def test_a_file_goes_to_the_bucket_and_comes_back(people: dict[str, Caller]) -> None:
    eva = people[EVA.email]
    upload = eva.sent(
        "POST", "/uploads", filename="offer.pdf", content_type="application/pdf", size=len(CONTENT), project=WEB
    )
    files = {"file": ("offer.pdf", CONTENT, "application/pdf")}
    assert httpx.post(upload["url"], data=upload["fields"], files=files, timeout=SECONDS).is_success
    filed = eva.sent("POST", "/tickets", project=WEB, subject="An offer", text="See the file.", uploads=[upload["id"]])
    [attachment] = filed["attachments"]
    signed = eva.http.get(f"/attachments/{attachment['id']}")
    assert signed.status_code == 302
    assert httpx.get(signed.headers["Location"], timeout=SECONDS).content == CONTENT


def test_a_list_is_read_through_the_indexes(people: dict[str, Caller]) -> None:
    filed = people[EVA.email].sent("POST", "/tickets", project=WEB, subject="Listed", text="Is it there?")
    seen = people[ALICE.email].seen(f"/tickets?project={WEB}&state=new")
    assert filed["number"] in [ticket["number"] for ticket in seen["items"]]


def test_a_repeated_request_is_filed_once(people: dict[str, Caller]) -> None:
    order = {"project": WEB, "subject": "Twice", "text": "Sent again."}
    http = people[EVA.email].http
    first, second = (http.post("/tickets", json=order, headers={"Idempotency-Key": "one-and-only"}) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json()["number"] == second.json()["number"]


def test_a_stranger_finds_nothing(desk: Deployment, people: dict[str, Caller]) -> None:
    filed = people[EVA.email].sent("POST", "/tickets", project=WEB, subject="Private", text="Nobody else's business.")
    answer = httpx.get(f"{desk.base_url}/api/v1/tickets/{filed['number']}", timeout=SECONDS)
    assert answer.status_code in {401, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"
