"""The static files: a flat folder of texts, each under an address that changes with its content."""

from dataclasses import dataclass
from functools import cache

from chalice.app import Response

from chalicelib import urls
from chalicelib.domain.errors import NotFound
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

pages = Routes("static", is_api=False)

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_FOR_A_MINUTE = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent."""

    content_type: str
    content: str


@pages.get("/static/{version}/{name}", Permission.PUBLIC)
def static(_: Call, version: str, name: str) -> Response:
    """One file. A page of an earlier release may still ask for it under that release's address."""
    found = _files().get(name)
    if found is None:
        raise NotFound
    lasts = _FOR_A_YEAR if version == urls.static_version() else _FOR_A_MINUTE
    return Response(
        found.content, {"Content-Type": f"{found.content_type}; charset=utf-8", "Cache-Control": lasts}, 200
    )


@pages.get("/favicon.ico", Permission.PUBLIC)
def favicon(_: Call) -> Response:
    """Where browsers look for a sign when no page has told them."""
    return Response("", {"Location": urls.static("favicon.svg"), "Cache-Control": "public, max-age=86400"}, 302)


@cache
def _files() -> dict[str, StaticFile]:
    """All there is to ask for, by name."""
    return {
        path.name: StaticFile(TYPES[path.suffix], path.read_text(encoding="utf-8"))
        for path in urls.static_folder().iterdir()
        if path.suffix in TYPES
    }
