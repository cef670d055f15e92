"""The signed-in person, and their API tokens."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from chalicelib import directory
from chalicelib.directory import ProfileOrder
from chalicelib.domain.notices import Topic
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery, part
from chalicelib.web.api.views import Listing, MeView, NewToken, TokenView
from chalicelib.web.bodies import Body, given
from chalicelib.web.calls import Call
from chalicelib.web.routing import Answer, Permission, Routes

api = Routes("api_me", is_api=True)


class NoticesChange(Body, frozen=True):
    """What I do not want to be mailed about, and whether I want one mail a day instead of single ones."""

    muted: tuple[Topic, ...] | UnsetType = UNSET
    digest: bool | UnsetType = UNSET


class ProfileChange(Body, frozen=True):
    """What to change about oneself; what is left out stays."""

    name: str | UnsetType = UNSET
    language: Literal["en", "cs"] | UnsetType = UNSET
    notices: NoticesChange | UnsetType = UNSET


class TokenOrder(Body, frozen=True):
    """A new API token: what it is for, and how long it lasts (1 to 365 days)."""

    name: str
    expires_in_days: Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": 365})] = 90


@api.get("/me", Permission.SIGNED_IN, answer=MeView)
def me(call: Call) -> MeView:
    """Who I am, and what I am mailed about."""
    return views.me(directory.profile(call.signed_in))


@api.patch("/me", Permission.SIGNED_IN, body=ProfileChange, answer=MeView)
def change_me(call: Call, body: ProfileChange) -> MeView:
    """Change my name, my language or what I am mailed about."""
    notices = given(body.notices) or NoticesChange()
    order = ProfileOrder(
        name=given(body.name), language=given(body.language), muted=given(notices.muted), digest=given(notices.digest)
    )
    return views.me(directory.change_profile(order, call.signed_in))


@api.get("/tokens", Permission.SIGNED_IN, query=ListQuery, answer=Listing[TokenView])
def tokens(call: Call, query: ListQuery) -> Listing[TokenView]:
    """My API tokens."""
    found = directory.tokens(call.signed_in)
    page, following = part(found, lambda token: token.id, query, "tokens", call.signed_in.email)
    return views.listing(views.token, page, following)


@api.post("/tokens", Permission.SIGNED_IN, body=TokenOrder, answer=NewToken, status=201)
def create_token(call: Call, body: TokenOrder) -> NewToken:
    """Make an API token. It is shown in this answer and never again."""
    token, secret = directory.create_token(body.name, body.expires_in_days, call.signed_in)
    return NewToken(id=token.id, token=secret)


@api.delete("/tokens/{id}", Permission.SIGNED_IN, status=204)
def revoke_token(call: Call, id: str) -> Answer:
    """End one of my API tokens."""
    directory.revoke_token(id, call.signed_in)
    return Answer(status=204)
