"""Every link the desk hands out, built from the configured base URL and never from a request."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from chalicelib.config import settings

_HERE = Path(__file__).resolve().parent.parent
STATIC_FOLDERS = (_HERE / "templates" / "static", _HERE / "vendor" / "templates" / "static")
API = "/api/v1"


def absolute(path: str) -> str:
    """`path` of this desk as a full address, for mails and API answers."""
    return f"{settings().base_url}{path}"


def prefix() -> str:
    """The path under which the desk is served, such as `/api` on a bare API Gateway stage; often empty."""
    return urlsplit(settings().base_url).path


def origin() -> str:
    """Scheme, host and port of the desk, as a browser names it in Origin."""
    parts = urlsplit(settings().base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _page(path: str, **query: str | None) -> str:
    asked = {name: value for name, value in query.items() if value}
    return prefix() + path + (f"?{urlencode(asked)}" if asked else "")


def home() -> str:
    return _page("/")


def new(project: str | None = None, follows: str | None = None) -> str:
    return _page(f"/new/{quote(project, safe='')}" if project else "/new", follows=follows)


def thanks(number: str, receipt: str | None = None) -> str:
    return _page(f"/thanks/{quote(number, safe='')}", receipt=receipt)


def ticket(number: str, sent: str | None = None) -> str:
    return _page(f"/t/{quote(number, safe='')}", sent=sent)


def ticket_act(number: str, act: str) -> str:
    return _page(f"/t/{quote(number, safe='')}/{act}")


def desk(query: Iterable[tuple[str, str]] = ()) -> str:
    pairs = [(name, value) for name, value in query if value]
    return prefix() + "/desk" + (f"?{urlencode(pairs)}" if pairs else "")


def desk_ticket(number: str, sent: str | None = None) -> str:
    return _page(f"/desk/{quote(number, safe='')}", sent=sent)


def desk_recipients(number: str) -> str:
    return _page(f"/desk/{quote(number, safe='')}/recipients")


def told(number: str, internal: bool) -> str:
    """Where the composer asks who will be told."""
    return _page(f"{API}/tickets/{quote(number, safe='')}/recipients", internal=str(internal).lower(), limit="100")


def desk_act(number: str, act: str) -> str:
    return _page(f"/desk/{quote(number, safe='')}/{act}")


def my(cursor: str | None = None, of: str | None = None) -> str:
    return _page("/my", of=of, cursor=cursor)


def sign_in(next_page: str | None = None) -> str:
    return _page("/sign-in", next=next_page)


def sign_out() -> str:
    return _page("/sign-out")


def find() -> str:
    return _page("/find")


def me(saved: bool = False) -> str:
    return _page("/me", saved="1" if saved else None)


def unsubscribe(token: str) -> str:
    return _page(f"/unsubscribe/{quote(token, safe='')}")


def unsubscribe_undo(token: str) -> str:
    return _page(f"/unsubscribe/{quote(token, safe='')}/undo")


def help() -> str:
    return _page("/help")


def language() -> str:
    return _page("/language")


def projects() -> str:
    return _page("/admin/projects")


def new_project() -> str:
    return _page("/admin/projects/new")


def project(key: str, sent: str | None = None) -> str:
    """The page of one project; what was `sent` is said at its section, to which the address leads."""
    return _page(f"/admin/projects/{quote(key, safe='')}", sent=sent) + (f"#{quote(sent, safe='')}" if sent else "")


def project_act(key: str, act: str) -> str:
    return _page(f"/admin/projects/{quote(key, safe='')}/{act}")


def people(query: Iterable[tuple[str, str]] = ()) -> str:
    pairs = [(name, value) for name, value in query if value]
    return prefix() + "/admin/people" + (f"?{urlencode(pairs)}" if pairs else "")


def new_person() -> str:
    return _page("/admin/people/new")


def person(email: str, sent: str | None = None, cursor: str | None = None) -> str:
    return _page(f"/admin/people/{quote(email, safe='@')}", sent=sent, cursor=cursor)


def person_act(email: str, act: str) -> str:
    return _page(f"/admin/people/{quote(email, safe='@')}/{act}")


def import_people(import_id: str | None = None) -> str:
    return _page(f"/admin/people/import/{quote(import_id, safe='')}" if import_id else "/admin/people/import")


def import_example() -> str:
    return _page("/admin/people/import-example.csv")


def organisations(rename: str | None = None, sent: str | None = None) -> str:
    return _page("/admin/organisations", rename=rename, sent=sent)


def organisation(organisation_id: str) -> str:
    return _page(f"/admin/organisations/{quote(organisation_id, safe='')}")


def undelivered(retried: bool = False) -> str:
    return _page("/admin/undelivered", retried="1" if retried else None)


def addresses(cursor: str | None = None, resumed: bool = False) -> str:
    return _page("/admin/addresses", cursor=cursor, resumed="1" if resumed else None)


def attachment(file_id: str) -> str:
    return api(f"/attachments/{quote(file_id, safe='')}")


def api(path: str) -> str:
    return _page(API + path)


def mailed_ticket(number: str, token: str, **prepared: str) -> str:
    """The full address of a ticket for one recipient; the secret is in the fragment, which no server ever sees.

    `prepared` is what the page is to have ready, a `move` or a `rating`; it still takes a press of a button there.
    """
    asked = f"?{urlencode(prepared)}" if prepared else ""
    return f"{absolute(f'/t/{number}')}{asked}#k={token}"


def mailed_unsubscribe(token: str) -> str:
    """The full address that ends the mails which `token` speaks of."""
    return absolute(f"/unsubscribe/{token}")


def mailed_desk_ticket(number: str) -> str:
    """The full address of a ticket's working page, for staff, who sign in."""
    return absolute(f"/desk/{number}")


def mailed_sign_in() -> str:
    """The full address where one signs in."""
    return absolute("/sign-in")


def static(name: str = "") -> str:
    """A static file under an address that changes with its content, so that browsers may keep it for a year."""
    return _page(f"/static/{static_version()}/{name}")


@cache
def static_version() -> str:
    """A short digest over all static files."""
    digest = hashlib.sha256()
    for path in sorted(static_folder().iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def static_folder() -> Path:
    """Where the static files are: in the checkout, or beside the vendored templates in the package."""
    return next((folder for folder in STATIC_FOLDERS if folder.is_dir()), STATIC_FOLDERS[0])


def local_path(text: str) -> str | None:
    """`text` if it is a path of this desk that a browser may be sent on to, else None: never another site."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return None
    return quote(text, safe="/?&=%#:@!$'()*+,;~[]") if text.startswith(prefix() + "/") else None
