"""The description of the API, for programs."""

from functools import cache
from typing import Any

import msgspec

from chalicelib.web import openapi
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api: Routes = Routes("api_openapi", is_api=True)


@api.get("/openapi.json", Permission.PUBLIC, answer=dict[str, Any])
def document(_: Call) -> Answer:
    """This document."""
    return Answer(_document(), headers={"Cache-Control": "public, max-age=300"})


@cache
def _document() -> msgspec.Raw:
    from chalicelib.web import ROUTES

    endpoints = [endpoint for routes in ROUTES for endpoint in routes.endpoints if endpoint.is_api]
    return msgspec.Raw(msgspec.json.encode(openapi.document(endpoints)))
