"""What is posted is copied to where files stay when a request links to it; what is refused leaves nothing behind."""

from typing import Any

import pytest

from chalicelib import desk, reading
from chalicelib.config import settings
from chalicelib.desk import CommentOrder, MoveRequest
from chalicelib.domain.errors import Invalid, StaleVersion
from chalicelib.domain.files import Upload, picture_type
from chalicelib.storage import files, tickets
from chalicelib.storage.aws import s3
from chalicelib.storage.transactions import Transaction
from infra.local import resources
from tests.cast import ALICE, EVA, signed_in
from tests.stage import filed, moved, uploaded

pytestmark = pytest.mark.usefixtures("stage")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30


def kept() -> list[dict[str, Any]]:
    """All versions of what lies where files stay."""
    answer: dict[str, Any] = s3().list_object_versions(Bucket=settings().files_bucket, Prefix="files/")  # type: ignore[assignment]
    return [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]


def replied(number: str, upload: Upload) -> None:
    desk.comment(number, CommentOrder("Zde.", uploads=(upload.id,)), signed_in(EVA))


def content(upload: Upload) -> bytes:
    place: Any = {"Bucket": settings().files_bucket, "Key": upload.key, "VersionId": upload.version_id}
    return s3().get_object(**place)["Body"].read()


def test_a_linked_file_is_where_files_stay_version_for_version() -> None:
    upload = uploaded(signed_in(EVA), b"prvni")
    replied(filed().number, upload)
    files.put_content(upload, b"druhy")
    s3().put_object(Bucket=settings().files_bucket, Key=f"files/{upload.id}", Body=b"treti")
    linked = files.load(upload.id)
    assert linked.key == f"files/{upload.id}"
    assert content(linked) == b"prvni"


def test_an_empty_file_is_kept_too() -> None:
    upload = uploaded(signed_in(EVA), b"")
    replied(filed().number, upload)
    assert content(files.load(upload.id)) == b""


def test_a_file_of_before_stays_where_it_is() -> None:
    upload = uploaded(signed_in(EVA))
    replied(filed().number, upload)
    assert f"uploads/{upload.id}" not in files.signed_url(files.load(upload.id))
    [rule] = [each for each in _lifecycle() if each["Id"] == "uploads-nobody-linked"]
    assert upload.key.startswith(rule["Prefix"])
    for place in ("files/", "uploads/"):
        assert not [each for each in _lifecycle() if place.startswith(each.get("Prefix", "no such prefix"))]


def _lifecycle() -> list[dict[str, Any]]:
    bucket = resources.parsed_template()["Resources"]["FilesBucket"]["Properties"]
    rules: list[dict[str, Any]] = bucket["LifecycleConfiguration"]["Rules"]
    return rules


def test_a_stale_move_leaves_no_copy() -> None:
    ticket, upload = filed(), uploaded(signed_in(EVA))
    moved(ticket, "return", ALICE, text="?")
    with pytest.raises(StaleVersion):
        desk.move(ticket.number, MoveRequest("resubmit", 1, text="!", uploads=(upload.id,)), signed_in(EVA))
    assert kept() == []
    replied(ticket.number, upload)
    assert len(kept()) == 1


def test_a_refused_transaction_takes_its_own_copies_away_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, upload = filed(), uploaded(signed_in(EVA))
    commit = Transaction.commit

    def overtaken(write: Transaction) -> None:
        monkeypatch.setattr(Transaction, "commit", commit)
        replied(ticket.number, upload)
        commit(write)

    monkeypatch.setattr(Transaction, "commit", overtaken)
    with pytest.raises(Invalid):
        replied(ticket.number, upload)
    [version] = kept()
    assert version["VersionId"] == files.load(upload.id).version_id
    assert content(files.load(upload.id)) == b"soubor"


def test_where_nobody_knows_whether_it_was_written_the_copy_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, upload = filed(), uploaded(signed_in(EVA))
    commit = Transaction.commit

    def cut_off(write: Transaction) -> None:
        commit(write)
        raise ConnectionError("the answer got lost")

    monkeypatch.setattr(Transaction, "commit", cut_off)
    with pytest.raises(ConnectionError):
        replied(ticket.number, upload)
    assert content(files.load(upload.id)) == b"soubor"


class TestPictures:
    @pytest.mark.parametrize(
        ("beginning", "kind"),
        [
            (PNG[:16], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"GIF87a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x24\0\0\0WAVEfmt ", ""),
            (b"<svg xmlns=", ""),
            (b"<html><script>", ""),
            (b"GIF89", ""),
            (b"", ""),
        ],
    )
    def test_the_content_tells_what_it_is(self, beginning: bytes, kind: str) -> None:
        assert picture_type(beginning) == kind

    @pytest.mark.parametrize(
        ("name", "body", "picture"),
        [
            ("a.png", PNG, True),
            ("a.PNG", PNG, True),
            ("a.txt", PNG, False),
            ("a.png", b"<script>alert(1)</script>", False),
            ("a.png", b"x", False),
            ("a.svg", b"<svg/>", False),
            ("a.png", b"", False),
        ],
    )
    def test_only_what_was_recognised_is_shown_as_a_picture(self, name: str, body: bytes, picture: bool) -> None:
        upload = uploaded(signed_in(EVA), body, filename=name)
        number = filed(uploads=(upload.id,)).number
        [attachment] = reading.ticket_with_files(number, signed_in(EVA))[1]
        assert attachment.picture is picture
        [event] = reading.dossier(number, signed_in(EVA)).events
        assert event.attachments == (attachment,)
        kind = "image%2Fpng" if picture else "application%2Foctet-stream"
        assert f"response-content-type={kind}" in files.signed_url(files.load(upload.id))
        assert "response-content-disposition=attachment" in files.signed_url(files.load(upload.id))

    def test_a_picture_of_another_size_than_promised_is_refused(self) -> None:
        upload = uploaded(signed_in(EVA), PNG, filename="a.png")
        for body in (PNG[:-1], PNG + b"\0", b""):
            files.put_content(upload, body)
            with pytest.raises(Invalid):
                filed(uploads=(upload.id,))
        assert tickets.load(filed().number)
