"""Files on their way in, and the way to those that are there."""

from chalicelib import reading, uploading
from chalicelib.domain.errors import NotFound, NotSignedIn
from chalicelib.domain.people import Actor
from chalicelib.domain.tickets import project_of
from chalicelib.uploading import UploadOrder
from chalicelib.web import cookies
from chalicelib.web.api.views import UploadView
from chalicelib.web.bodies import Body
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_uploads", is_api=True)


class NewUpload(Body, frozen=True):
    """A file that is to be added; `size` in bytes, at most 100 MB."""

    filename: str
    content_type: str
    size: int
    project: str


@api.post("/uploads", Permission.PUBLIC, body=NewUpload, answer=UploadView, status=201)
def start_upload(call: Call, body: NewUpload) -> UploadView:
    """Promise a file: says where and with which fields to post it. The ticket or reply then names its `id`."""
    order = UploadOrder(body.filename, body.content_type, body.size, body.project)
    upload, url, fields = uploading.start_upload(order, _uploader(call, body.project), call.network)
    return UploadView(id=upload.id, url=url, fields=fields, expires_at=upload.expires_at)


def _uploader(call: Call, project: str) -> Actor:
    """Whoever is signed in, else whoever came by a link to a ticket of that project, else somebody at the form."""
    if call.person is not None:
        return call.person
    wanted = project.strip().upper()
    return next((actor for actor in call.linked() if project_of(actor.link_ticket or "") == wanted), call.actor)


@api.get("/attachments/{id}", Permission.LINK, status=302, answer_headers=("Location",), is_followed=True)
def attachment(call: Call, id: str) -> Answer:
    """The content of a file: sends on to where it is, by a link that lasts for minutes. 503 until it is checked."""
    if call.person is None and not cookies.links_of(call.cookies):
        raise NotSignedIn
    try:
        _, url = call.as_reader(reading.ticket_of_file(id), lambda by: reading.attachment_url(id, by))
    except NotSignedIn as error:
        raise NotFound from error
    return Answer(status=302, headers={"Location": url})
