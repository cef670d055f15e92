"""Says that the desk is up; asks nothing of any other service."""

from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

pages = Routes("health", is_api=False)


@pages.get("/health", Permission.PUBLIC)
def health(_: Call) -> dict[str, str]:
    """200 while the function answers at all."""
    return {"status": "ok"}
