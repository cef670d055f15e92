"""The cookies: a session, one per mailed link, and the chosen language; read and written in this one place."""

from itsdangerous import BadSignature, URLSafeSerializer

from chalicelib.config import settings
from chalicelib.directory import LINK_SESSION_LASTS, SESSION_LASTS
from chalicelib.domain.tickets import project_of

LANGUAGE = "language"
_MOST_LINKS = 10
_YEAR = 365 * 24 * 3600


def jar(header: str | None) -> dict[str, str]:
    """The cookies of a request (RFC 6265, 5.4). Those of others may hold anything, and hide none of ours."""
    if not header or len(header) > 16_384:
        return {}
    pairs = [pair.partition("=") for pair in header.split(";")]
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def session_of(cookies: dict[str, str]) -> tuple[str, str] | None:
    """Secret and address of the session cookie, or None where there is none of ours."""
    try:
        secret, email = _serializer().loads(cookies.get(_name("session"), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(secret), str(email)


def session(secret: str, email: str) -> str:
    """Set-Cookie for a new session."""
    return _set(_name("session"), str(_serializer().dumps([secret, email])), SESSION_LASTS.total_seconds())


def no_session() -> str:
    """Set-Cookie that takes the session away."""
    return _set(_name("session"), "", 0)


def link(number: str, token: str) -> str:
    """Set-Cookie that opens one ticket for a while."""
    return _set(_name(f"link-{number}"), token, LINK_SESSION_LASTS.total_seconds())


def link_of(cookies: dict[str, str], number: str) -> str | None:
    """The token of the link cookie for ticket `number`, or None."""
    return cookies.get(_name(f"link-{number}"))


def links_of(cookies: dict[str, str]) -> list[str]:
    """The tokens of all link cookies, at most ten."""
    start = _name("link-")
    found = [value for name, value in cookies.items() if name.startswith(start) and project_of(name[len(start) :])]
    return found[:_MOST_LINKS]


def no_links(cookies: dict[str, str]) -> list[str]:
    """Set-Cookie for each link cookie, which takes it away."""
    start = _name("link-")
    return [_set(name, "", 0) for name in cookies if name.startswith(start) and project_of(name[len(start) :])]


def language(code: str) -> str:
    """Set-Cookie that remembers a language for a year."""
    return _set(LANGUAGE, code, _YEAR)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_key, salt="session")


def _name(name: str) -> str:
    return f"__Host-{name}" if settings().secure else name


def _set(name: str, value: str, seconds: float) -> str:
    secure = "; Secure" if settings().secure else ""
    return f"{name}={value}; Path=/; Max-Age={int(seconds)}; HttpOnly; SameSite=Lax{secure}"
