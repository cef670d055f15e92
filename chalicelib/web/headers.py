"""The headers that every answer carries: what a browser may load, and that nobody frames or sniffs it."""

from functools import cache

from chalicelib.config import settings
from chalicelib.storage import files


def with_safety(headers: dict[str, str | list[str]] | dict[str, str]) -> dict[str, str | list[str]]:
    """`headers` and the safety headers."""
    return {**_safety(), **headers}


@cache
def _safety() -> dict[str, str]:
    store = files.origin()
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {store}; font-src 'self'; "
        f"connect-src 'self' {store}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    found = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings().secure:
        found["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return found
