"""Files: promised, posted, checked, pinned, linked once, and saved under a name that no header can be broken with."""

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_given
from hypothesis import strategies as st

from chalicelib import clock, desk, reading, uploading
from chalicelib.config import settings
from chalicelib.desk import CommentOrder
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.files import MAX_FILE_BYTES, UPLOAD_SECONDS, Upload
from chalicelib.storage import files
from chalicelib.storage.aws import s3
from chalicelib.storage.models import FileRow
from chalicelib.uploading import UploadOrder
from tests.cast import ALICE, BOB, EVA, HR, WEB, signed_in
from tests.stage import NETWORK, Clock, filed, uploaded

on_stage = pytest.mark.usefixtures("stage")
NAMES = [
    "faktura č. 5.pdf",
    'kůň "Ferda".txt',
    "a;b=c.txt",
    "100 %.csv",
    "příliš žluťoučký.png",
    "🐎.gif",
    "prosté.txt",
]


def conditions_of(fields: dict[str, str]) -> list[object]:
    policy: list[object] = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    return policy


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@on_stage
class TestPresignedPost:
    @pytest.mark.parametrize("size", [0, 1, 5_000_000, MAX_FILE_BYTES])
    def test_it_takes_exactly_the_promised_size_under_the_generated_key(self, size: int) -> None:
        order = UploadOrder("../../výpis.txt", "text/html", size, WEB)
        upload, url, fields = uploading.start_upload(order, signed_in(EVA), NETWORK)
        conditions = conditions_of(fields)
        assert ["content-length-range", size, size] in conditions
        assert {"key": f"incoming/{upload.id}"} in conditions
        assert {"bucket": settings().files_bucket} in conditions
        assert {"Content-Type": "application/octet-stream"} in conditions
        assert fields["key"] == f"incoming/{upload.id}"
        assert upload.filename == "výpis.txt"
        assert settings().files_bucket in url

    def test_it_is_signed_with_version_four_and_ends(self) -> None:
        _, _, fields = uploading.start_upload(UploadOrder("a.txt", "text/plain", 1, WEB), signed_in(EVA), NETWORK)
        assert fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
        assert "expiration" in json.loads(base64.b64decode(fields["policy"]))

    def test_what_was_promised_is_remembered(self) -> None:
        upload, _, _ = uploading.start_upload(UploadOrder("a.txt", "text/plain", 7, WEB), signed_in(EVA), NETWORK)
        assert files.uploads((upload.id,), clock.now()) == [upload]
        assert (upload.owner, upload.project, upload.ticket) == (EVA.email, WEB, None)


@on_stage
class TestArrived:
    def test_the_version_that_is_there_is_pinned(self) -> None:
        upload = uploaded(signed_in(EVA), b"first")
        [arrived] = files.arrived([upload])
        files.put_content(upload, b"later")
        [again] = files.arrived([upload])
        assert arrived.version_id
        assert arrived.version_id != again.version_id

    def test_what_never_came_is_refused_by_its_name(self) -> None:
        upload, _, _ = uploading.start_upload(UploadOrder("chybí.txt", "text/plain", 1, WEB), signed_in(EVA), NETWORK)
        with pytest.raises(Invalid) as refusal:
            files.arrived([upload])
        [error] = refusal.value.errors
        assert (error.field, dict(error.values)) == ("uploads", {"name": "chybí.txt"})

    def test_another_size_than_promised_is_refused(self) -> None:
        upload, _, _ = uploading.start_upload(UploadOrder("a.txt", "text/plain", 6, WEB), signed_in(EVA), NETWORK)
        for content in (b"", b"12345", b"1234567"):
            files.put_content(upload, content)
            with pytest.raises(Invalid):
                files.arrived([upload])

    def test_an_empty_file_is_a_file(self) -> None:
        [arrived] = files.arrived([uploaded(signed_in(EVA), b"")])
        assert arrived.size == 0


@on_stage
class TestWaiting:
    def test_it_waits_until_its_time_and_not_longer(self, stopped: Clock) -> None:
        upload = uploaded(signed_in(EVA))
        stopped.forward(seconds=UPLOAD_SECONDS - 1)
        assert files.uploads((upload.id,), stopped.at)
        stopped.forward(seconds=1)
        with pytest.raises(Invalid):
            files.uploads((upload.id,), stopped.at)
        assert FileRow.count() == 1

    def test_a_made_up_id_is_refused_and_is_nothing(self) -> None:
        for made_up in ("absent", "", "\ud800", "x" * 5000, "../uploads/x", "\0"):
            with pytest.raises(Invalid):
                files.uploads((uploaded(signed_in(EVA)).id, made_up), clock.now())
            with pytest.raises(NotFound):
                files.load(made_up)

    def test_until_it_is_linked_it_cannot_be_read(self) -> None:
        with pytest.raises(NotFound):
            files.load(uploaded(signed_in(EVA)).id)

    def test_they_come_in_the_order_asked(self) -> None:
        ids = tuple(uploaded(signed_in(EVA)).id for _ in range(3))[::-1]
        assert tuple(upload.id for upload in files.uploads(ids, clock.now())) == ids


@on_stage
class TestLink:
    def test_a_file_belongs_to_its_ticket_and_no_longer_expires(self, stopped: Clock) -> None:
        upload = uploaded(signed_in(EVA))
        ticket = filed(uploads=(upload.id,))
        stopped.forward(days=30)
        linked = files.load(upload.id)
        assert (linked.ticket, linked.internal) == (ticket.number, False)
        assert linked.version_id
        assert FileRow.get(upload.id).expires is None

    def test_it_can_be_linked_once_only(self) -> None:
        upload = uploaded(signed_in(EVA))
        first = filed(uploads=(upload.id,))
        with pytest.raises(Invalid):
            filed(uploads=(upload.id,))
        with pytest.raises(Invalid):
            desk.comment(first.number, CommentOrder("Znovu.", uploads=(upload.id,)), signed_in(EVA))

    def test_named_twice_it_is_one_file(self) -> None:
        upload = uploaded(signed_in(EVA))
        ticket = filed(uploads=(upload.id, upload.id))
        _, attachments = reading.ticket_with_files(ticket.number, signed_in(EVA))
        assert attachments == (upload.attachment,)

    def test_an_upload_of_somebody_else_is_refused(self) -> None:
        with pytest.raises(Invalid):
            filed(EVA, uploads=(uploaded(signed_in(BOB)).id,))

    def test_an_upload_for_another_project_is_refused(self) -> None:
        with pytest.raises(Invalid):
            filed(ALICE, uploads=(uploaded(signed_in(ALICE), project=WEB).id,), project=HR)

    def test_a_file_that_came_too_late_changes_nothing(self) -> None:
        """Between the check and the write another event took the file."""
        ticket, upload = filed(), uploaded(signed_in(EVA))
        FileRow(upload.id, ticket="WEB-9", document=upload).save()
        with pytest.raises(Invalid):
            desk.comment(ticket.number, CommentOrder("Ještě toto.", uploads=(upload.id,)), signed_in(EVA))
        assert len(reading.dossier(ticket.number, signed_in(EVA)).events) == 1


@on_stage
class TestSignedUrl:
    def linked(self, filename: str = "výpis.txt", content: bytes = b"soubor") -> Upload:
        upload = uploaded(signed_in(EVA), content, filename)
        filed(uploads=(upload.id,))
        return files.load(upload.id)

    def test_it_gives_the_pinned_version_as_a_download_for_minutes(self) -> None:
        upload = self.linked()
        query = query_of(files.signed_url(upload))
        assert query["versionId"] == upload.version_id
        assert query["response-content-type"] == "application/octet-stream"
        assert query["response-content-disposition"] == files.disposition("výpis.txt")
        assert query["X-Amz-Expires"] == "300"

    def test_what_is_written_over_it_later_is_not_what_one_gets(self) -> None:
        upload = self.linked(content=b"harmless")
        files.put_content(upload, b"evil now")
        version = query_of(files.signed_url(upload))["versionId"]
        got = s3().get_object(Bucket=settings().files_bucket, Key=upload.key, VersionId=version)
        assert got["Body"].read() == b"harmless"


class TestDisposition:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_browser_reads_the_whole_name(self, name: str) -> None:
        plain, marker, encoded = files.disposition(name).partition("; filename*=UTF-8''")
        assert marker
        assert plain.startswith('attachment; filename="')
        assert unquote(encoded, errors="strict") == name

    @settings_of_given(deadline=None)
    @given(st.text())
    def test_no_name_breaks_out_of_the_header(self, name: str) -> None:
        encodable = name.encode(errors="replace").decode()
        header = files.disposition(encodable)
        assert header.isascii()
        assert header.isprintable()
        plain = header.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")[0]
        assert not set(plain) & set('"\\%\r\n')

    def test_line_breaks_and_quotes_are_harmless(self) -> None:
        header = files.disposition('a"\r\nSet-Cookie: x=1\r\n.txt')
        assert header.startswith('attachment; filename="a___Set-Cookie: x=1__.txt"; ')
        assert "%0D%0A" in header
        assert "\r" not in header + header
        assert "\n" not in header


def test_an_upload_shows_only_what_an_attachment_shows() -> None:
    upload = Upload("id", WEB, "a.txt", "text/plain", 1, "uploads/id", EVA.email, clock.now())
    assert upload.attachment == replace(upload, key="elsewhere", owner="").attachment
