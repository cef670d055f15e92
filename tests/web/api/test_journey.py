"""The whole story of one request, told through the API."""

import boto3

from chalicelib.config import settings
from tests.cast import ALICE, BOB, CAROL, EVA
from tests.web.api.door import api_token, refused
from tests.web.client import Client
from tests.web.conftest import Browser

PATH = "/api/v1/tickets/WEB-1"
CONTENT = b"%PDF-1.7 faktura"


def send_file(client: Client) -> str:
    """Promises a file and puts it where the browser would post it."""
    order = {"filename": "faktura č. 1.pdf", "content_type": "application/pdf", "size": len(CONTENT), "project": "WEB"}
    place = client.post("/api/v1/uploads", order).json()
    store = boto3.client("s3", region_name="eu-central-1")
    store.put_object(Bucket=settings().files_bucket, Key=place["fields"]["key"], Body=CONTENT)
    return str(place["id"])


def move(client: Client, action: str, **more: object) -> dict[str, object]:
    """Makes one move from the version that is there now."""
    version = client.get(PATH).json()["version"]
    answer = client.post(f"{PATH}/moves", {"action": action, "version": version} | more)
    assert answer.status == 200, answer
    found: dict[str, object] = answer.json()
    return found


def test_from_the_form_to_the_archive(browser: Browser) -> None:
    stranger = browser()
    form = {"project": "WEB", "subject": "Nejde tisk", "text": "Nic.", "email": EVA.email, "name": EVA.name}
    filed = stranger.post("/api/v1/tickets", form | {"uploads": [send_file(stranger)]}, Idempotency_Key="form-1")
    assert filed.status == 201
    assert filed.json()["attachments"][0]["filename"] == "faktura č. 1.pdf"
    refused(stranger.get(PATH), 401, "not_signed_in")

    alice, bob, eva = browser(ALICE), browser(token=api_token(BOB), origin=None), browser(EVA)
    handed = move(alice, "hand_over", assignee=BOB.email)
    assert (handed["state"], handed["whose_turn"]) == ("in_progress", "team")
    assert handed["moves"] == ["hand_over", "return", "finish"]
    assert bob.post(f"{PATH}/comments", {"text": "Díváme se na to."}).status == 201
    assert bob.post(f"{PATH}/comments", {"text": "Zas ta tiskárna.", "internal": True}).status == 201

    done = move(bob, "finish", text="Vyměněn toner.")
    assert (done["state"], done["whose_turn"], done["moves"]) == ("done", "requester", [])
    rejected = move(eva, "reject", text="Pořád nic.")
    assert (rejected["state"], rejected["assignee"]) == ("in_progress", {"email": BOB.email, "name": BOB.name})
    move(bob, "finish", text="A teď?")
    accepted = move(eva, "accept", rating=5, text="Děkuji!")
    assert (accepted["state"], accepted["whose_turn"], accepted["moves"]) == ("closed", "nobody", [])
    assert accepted["closed_at"] == accepted["updated_at"]

    kinds = [event["kind"].partition(".")[2] for event in eva.get(f"{PATH}/history").json()["items"]]
    assert kinds == ["submitted", "handed_over", "added", "finished", "rejected", "finished", "accepted"]
    assert "Zas ta tiskárna." not in eva.get(f"{PATH}/history").text
    assert "Zas ta tiskárna." in bob.get(f"{PATH}/history").text
    last = eva.get(f"{PATH}/history").json()["items"][-1]
    assert last["changes"] == {"state": ["done", "closed"], "rating": [None, "5"]}

    version = accepted["version"]
    for client in (alice, bob, eva):
        refused(client.post(f"{PATH}/comments", {"text": "Ještě."}), 409, "conflict")
    refused(alice.send("PATCH", PATH, {"version": version, "priority": "low"}), 409, "conflict")
    refused(alice.send("PUT", f"{PATH}/watchers/{CAROL.email}"), 409, "conflict")
    refused(eva.post(f"{PATH}/moves", {"action": "reject", "version": version, "text": "Ne."}), 409, "conflict")
    assert eva.get(PATH).json()["version"] == version
    assert [each["number"] for each in bob.get("/api/v1/tickets", archived="true").json()["items"]] == ["WEB-1"]
    assert eva.get(f"/api/v1/attachments/{accepted['attachments'][0]['id']}").status == 302  # type: ignore[index]
