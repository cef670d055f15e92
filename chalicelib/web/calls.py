"""A call: who is asking, in which language, from which network; and the check that no other site asks in their name."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TypeVar
from urllib.parse import urlencode

from chalice.app import Request

from chalicelib import directory, i18n, urls
from chalicelib.domain.errors import NotAllowed, NotFound, NotSignedIn
from chalicelib.domain.people import ANONYMOUS, Actor
from chalicelib.domain.words import N_
from chalicelib.web import cookies

log = logging.getLogger(__name__)
T = TypeVar("T")

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass
class Call:
    """One request as the handlers see it. The caller is looked up on first use, so that public pages ask nothing."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: bytes
    network: str
    is_api: bool

    @property
    def here(self) -> str:
        """Path and query of this call, for a page to come back to."""
        asked = urlencode([(name, value) for name, values in self.query.items() for value in values])
        path = urls.local_path(self.path) or urls.home()
        return f"{path}?{asked}" if asked else path

    @property
    def wants_page(self) -> bool:
        """True for a browser that somebody looks at."""
        return "text/html" in self.headers.get("accept", "")

    @cached_property
    def cookies(self) -> dict[str, str]:
        return cookies.jar(self.headers.get("cookie"))

    @cached_property
    def session(self) -> tuple[str, str] | None:
        """Secret and address of the session cookie."""
        return cookies.session_of(self.cookies)

    @cached_property
    def person(self) -> Actor | None:
        """Whoever is signed in, by token or cookie. Raises NotSignedIn for a token that is not valid."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return directory.by_token(token.strip())
        return directory.by_session(*self.session) if self.session else None

    @property
    def actor(self) -> Actor:
        """Whoever is asking; anonymous where nobody is signed in."""
        return self.person or self._anonymous

    @property
    def signed_in(self) -> Actor:
        """Whoever is signed in. Raises NotSignedIn."""
        if self.person is None:
            raise NotSignedIn
        return self.person

    @property
    def _anonymous(self) -> Actor:
        return Actor("", "", self.language, ANONYMOUS.via)

    @property
    def language(self) -> str:
        """The language to answer in: the API asks the header first, pages the person and their cookie."""
        accept = self.headers.get("accept-language")
        own = self.person.language if "person" in self.__dict__ and self.person else None
        if self.is_api:
            return i18n.chosen(i18n.accepted(accept or ""), own)
        return i18n.chosen(own, self.cookies.get(cookies.LANGUAGE), accept=accept)

    def first(self, name: str) -> str | None:
        """The last value given for a query parameter, or None."""
        return self.query[name][-1] if self.query.get(name) else None

    def readers(self, number: str) -> Iterator[Actor]:
        """Everybody the caller may be to ticket `number`: the one signed in, then whom a mailed link was for."""
        if self.person is not None:
            yield self.person
        token = cookies.link_of(self.cookies, number)
        linked = directory.by_link(token) if token else None
        if linked is not None:
            yield _speaking(linked, self.language)

    def linked(self) -> Iterator[Actor]:
        """Everybody the caller's link cookies speak for."""
        for token in cookies.links_of(self.cookies):
            actor = directory.by_link(token)
            if actor is not None:
                yield _speaking(actor, self.language)

    def as_reader(self, number: str, read: Callable[[Actor], T]) -> tuple[Actor, T]:
        """What `read` answers to the first of `readers` that may. Raises NotSignedIn where there is none, NotFound."""
        refusal: NotSignedIn | NotFound = NotSignedIn()
        for reader in self.readers(number):
            try:
                return reader, read(reader)
            except NotFound as error:
                refusal = error
        raise refusal

    def refuse_other_sites(self) -> None:
        """Raises NotAllowed for an unsafe method that another site's page sent.

        A browser says where a request comes from in Origin or Sec-Fetch-Site; a program that signs in by token says
        neither and carries no cookie that another site could ride on.
        """
        if self.method not in UNSAFE:
            return
        origin, site = self.headers.get("origin"), self.headers.get("sec-fetch-site")
        if origin is not None:
            refused = origin != urls.origin()
        elif site is not None:
            refused = site not in ("same-origin", "none")
        else:
            refused = self.session is not None and "authorization" not in self.headers
        if refused:
            raise NotAllowed(N_("This was sent from another site and is refused."))


def _speaking(actor: Actor, language: str) -> Actor:
    return Actor(actor.email, actor.name, language, actor.via, link_ticket=actor.link_ticket)


def call_of(request: Request, is_api: bool) -> Call:
    """The call inside a Chalice request."""
    given = request.query_params
    query = {name: given.getlist(name) for name in given} if given else {}
    context = request.context or {}
    network = network_of(str(context.get("identity", {}).get("sourceIp") or "unknown"))
    path = str(context.get("path") or "")
    return Call(request.method, path, request.headers, query, _octets(request.raw_body), network, is_api)


def network_of(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 of an IPv6 one, all of which one customer line may use."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((int(parsed) >> 64 << 64, 64)))


def _octets(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
