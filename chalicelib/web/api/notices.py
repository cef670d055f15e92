"""Who hears of a ticket: what is set for it or its project, and who will be told of the next reply."""

from msgspec import UNSET, UnsetType

from chalicelib import i18n, notifications
from chalicelib.domain.hearing import OBSTACLE_OF, RULE_OF, Hearer, Reason, Silence
from chalicelib.domain.notices import Audience, Notify, Topic
from chalicelib.notifications import Expected
from chalicelib.web.api import views
from chalicelib.web.api.lists import ListQuery, part
from chalicelib.web.api.views import Listing, View
from chalicelib.web.bodies import Body
from chalicelib.web.calls import Call
from chalicelib.web.routing import Permission, Routes

api = Routes("api_notices", is_api=True)


class NotifySettings(Body, frozen=True):
    """Who hears of what, by audience; one that is left out hears as usual. `addresses` are the further ones."""

    requester: tuple[Topic, ...] | UnsetType = UNSET
    assignee: tuple[Topic, ...] | UnsetType = UNSET
    project_managers: tuple[Topic, ...] | UnsetType = UNSET
    watchers: tuple[Topic, ...] | UnsetType = UNSET
    further_addresses: tuple[Topic, ...] | UnsetType = UNSET
    addresses: tuple[str, ...] = ()


class RecipientQuery(ListQuery, frozen=True):
    """Of what: a reply, or with `internal` a note."""

    internal: bool = False


class RecipientView(View, frozen=True):
    """Somebody around a ticket. Where `told` is false, `why` says what keeps it from them, `words` in a sentence."""

    email: str
    name: str
    reason: Reason
    staff: bool
    digest: bool
    told: bool
    why: Silence | None
    words: str


def notify_of(settings: NotifySettings) -> Notify:
    """What `settings` say."""
    given = {
        Audience.REQUESTER: settings.requester,
        Audience.ASSIGNEE: settings.assignee,
        Audience.PROJECT_MANAGERS: settings.project_managers,
        Audience.WATCHERS: settings.watchers,
        Audience.ADDRESSES: settings.further_addresses,
    }
    topics = {audience: heard for audience, heard in given.items() if not isinstance(heard, UnsetType)}
    return Notify(topics, settings.addresses)


@api.get("/tickets/{number}/recipients", Permission.SIGNED_IN, query=RecipientQuery, answer=Listing[RecipientView])
def recipients(call: Call, number: str, query: RecipientQuery) -> Listing[RecipientView]:
    """Who would be told of a reply or a note that I wrote now, and who would not and why. For staff."""
    found = notifications.expected(number, call.signed_in)[query.internal]
    kind = "note" if query.internal else "reply"
    page, following = part(found, lambda each: each.hearer.email, query, "recipients", number, kind)
    return views.listing(lambda each: _recipient(each, call.language), page, following)


def _recipient(expected: Expected, language: str) -> RecipientView:
    hearer = expected.hearer
    return RecipientView(
        email=hearer.email,
        name=expected.name,
        reason=hearer.reason,
        staff=hearer.staff,
        digest=hearer.digest,
        told=hearer.told,
        why=hearer.silence,
        words=i18n.translated(_words(hearer), language),
    )


def _words(hearer: Hearer) -> str:
    return RULE_OF[hearer.reason].label if hearer.silence is None else OBSTACLE_OF[hearer.silence].label
