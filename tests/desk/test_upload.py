"""Promising a file: who may, for which project, how large, and how often."""

import pytest

from chalicelib import desk, reading, uploading
from chalicelib.desk import SubmitOrder
from chalicelib.domain.errors import Invalid, TooMany
from chalicelib.domain.files import MAX_FILE_BYTES, MAX_PLAIN_BYTES
from chalicelib.domain.people import ANONYMOUS, Actor
from chalicelib.storage.limits import Limit
from chalicelib.uploading import PlainOrder, UploadOrder
from tests.cast import BOB, DAVE, EVA, HANA, HR, ROOT, STRANGER, WEB, by_link, signed_in
from tests.stage import NETWORK, filed

pytestmark = pytest.mark.usefixtures("stage")


def start(by: Actor, project: str = WEB, size: int = 1) -> str:
    upload, _, _ = uploading.start_upload(UploadOrder("a.txt", "text/plain", size, project), by, NETWORK)
    return upload.owner


def test_anybody_may_for_an_open_form_and_only_the_signed_in_own_theirs() -> None:
    assert start(ANONYMOUS) == ""
    assert start(signed_in(EVA)) == EVA.email
    assert start(by_link(EVA)) == ""


def test_for_a_members_form_only_its_people_and_those_linked_to_a_ticket_of_it() -> None:
    for member in (DAVE, HANA, ROOT):
        assert start(signed_in(member), HR) == member.email
    ticket = filed(ROOT, project=HR, email=EVA.email)
    assert start(by_link(EVA, ticket.number), HR) == ""
    for other in (signed_in(BOB), signed_in(STRANGER), by_link(EVA), ANONYMOUS):
        with pytest.raises(Invalid):
            start(other, HR)


def test_more_than_a_file_may_have_is_refused() -> None:
    assert start(ANONYMOUS, size=MAX_FILE_BYTES) == ""
    for size in (-1, MAX_FILE_BYTES + 1):
        with pytest.raises(Invalid):
            start(ANONYMOUS, size=size)


def test_a_project_one_cannot_name_is_refused() -> None:
    for key in ("NOPE", "", "\ud800", "OLD"):
        with pytest.raises(Invalid):
            start(ANONYMOUS, key)


def test_one_network_is_stopped_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "_UPLOADS_PER_NETWORK", Limit("upload-network", 2, 3600))
    start(ANONYMOUS), start(ANONYMOUS)
    with pytest.raises(TooMany):
        start(ANONYMOUS)
    start(signed_in(EVA))


class TestWithoutJavaScript:
    ORDER = PlainOrder(WEB, (("a.txt", "text/plain", b"abc"), ("b.txt", "text/plain", b"")))

    def test_small_files_come_through_the_form(self) -> None:
        ids = uploading.plain_uploads(self.ORDER, ANONYMOUS, NETWORK, "k1")
        ticket = filed(uploads=ids)
        _, attachments = reading.ticket_with_files(ticket.number, signed_in(EVA))
        assert {(each.filename, each.size) for each in attachments} == {("a.txt", 3), ("b.txt", 0)}

    def test_a_form_sent_twice_names_the_same_files_and_is_one_ticket(self) -> None:
        order = SubmitOrder(
            WEB, "Dvakrát", "Text", uploads=uploading.plain_uploads(self.ORDER, ANONYMOUS, NETWORK, "k1")
        )
        first = desk.submit(order, signed_in(EVA), NETWORK, "k1")
        assert uploading.plain_uploads(self.ORDER, ANONYMOUS, NETWORK, "k1") == order.uploads
        assert desk.submit(order, signed_in(EVA), NETWORK, "k1") == first

    def test_another_form_has_files_of_its_own(self) -> None:
        ids = {uploading.plain_uploads(self.ORDER, ANONYMOUS, NETWORK, key) for key in ("k1", "k2", "", "")}
        assert len(ids) == 4

    def test_more_than_a_form_may_carry_is_refused(self) -> None:
        half = ("x", "text/plain", b"x" * (MAX_PLAIN_BYTES // 2 + 1))
        with pytest.raises(Invalid):
            uploading.plain_uploads(PlainOrder(WEB, (half, half)), ANONYMOUS, NETWORK, "k1")
        with pytest.raises(Invalid):
            uploading.plain_uploads(PlainOrder(WEB, self.ORDER.files * 11), ANONYMOUS, NETWORK, "k1")
