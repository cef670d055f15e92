"""The PynamoDB models. Keys and whatever a condition or an index needs are attributes; the rest is one JSON document.

A document, because DynamoDB counts projected attributes over all indexes (100 in all) and because msgspec reads one
string into a typed record many times faster than PynamoDB reads a map (docs/performance.md).
"""

from typing import Any, TypeVar, cast

import msgspec
from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.connection.table import TableConnection
from pynamodb.constants import STRING
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.config import settings
from chalicelib.domain.events import Event
from chalicelib.domain.tickets import TicketCard
from chalicelib.storage.aws import dynamodb

T = TypeVar("T")


_LONGEST_KEY = 1000  # bytes; DynamoDB takes 2048 in a hash key


def can_be_key(text: str) -> bool:
    """False for what DynamoDB would refuse to look up, and what therefore cannot be there."""
    return text.isprintable() and len(text.encode()) <= _LONGEST_KEY


class DocumentAttribute(Attribute[T]):
    """A typed record, kept as compact JSON."""

    attr_type = STRING

    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__(**options)
        self._decoder = msgspec.json.Decoder(kind)

    def serialize(self, value: T) -> str:
        return msgspec.json.encode(value).decode()

    def deserialize(self, value: str) -> T:
        return cast(T, self._decoder.decode(value))


class DeskModel(Model):
    """A model whose table is named by the settings on first use, over the one shared client."""

    class Meta:
        abstract = True

    table_setting = ""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        if cls._connection is None:
            cls.Meta.table_name = getattr(settings(), cls.table_setting)  # type: ignore[attr-defined]
            connection = super()._get_connection()
            connection.connection._client = cast(Any, dynamodb())
        return super()._get_connection()

    @classmethod
    def table(cls) -> TableConnection:
        """The table as PynamoDB's low-level interface has it, for the reads where building models would cost most."""
        return cls._get_connection()


def _list_index(name: str, key: str) -> GlobalSecondaryIndex["TicketRow"]:
    meta = type("Meta", (), {"index_name": name, "projection": IncludeProjection(["card"])})
    parts = {"Meta": meta, key: UnicodeAttribute(hash_key=True), "changed": UnicodeAttribute(range_key=True)}
    index = type(name, (GlobalSecondaryIndex,), parts)
    return cast(GlobalSecondaryIndex["TicketRow"], index())


class TicketRow(DeskModel):
    """A ticket: what a list shows in `card`, the rest in `rest`, and one key for each combination of filters."""

    class Meta:
        table_name = ""

    table_setting = "tickets_table"

    number = UnicodeAttribute(hash_key=True)
    version = NumberAttribute()
    changed = UnicodeAttribute()
    card: DocumentAttribute[TicketCard] = DocumentAttribute(TicketCard)
    rest: DocumentAttribute[dict[str, Any]] = DocumentAttribute(dict[str, Any])

    k_all = UnicodeAttribute()
    k_p = UnicodeAttribute()
    k_a = UnicodeAttribute()
    k_r = UnicodeAttribute()
    k_s = UnicodeAttribute()
    k_pa = UnicodeAttribute()
    k_pr = UnicodeAttribute()
    k_ps = UnicodeAttribute()
    k_ar = UnicodeAttribute()
    k_as = UnicodeAttribute()
    k_rs = UnicodeAttribute()
    k_par = UnicodeAttribute()
    k_pas = UnicodeAttribute()
    k_prs = UnicodeAttribute()
    k_ars = UnicodeAttribute()
    k_pars = UnicodeAttribute()
    k_o = UnicodeAttribute(null=True)

    all = _list_index("all", "k_all")
    by_project = _list_index("by_project", "k_p")
    by_assignee = _list_index("by_assignee", "k_a")
    by_requester = _list_index("by_requester", "k_r")
    by_state = _list_index("by_state", "k_s")
    by_project_assignee = _list_index("by_project_assignee", "k_pa")
    by_project_requester = _list_index("by_project_requester", "k_pr")
    by_project_state = _list_index("by_project_state", "k_ps")
    by_assignee_requester = _list_index("by_assignee_requester", "k_ar")
    by_assignee_state = _list_index("by_assignee_state", "k_as")
    by_requester_state = _list_index("by_requester_state", "k_rs")
    by_project_assignee_requester = _list_index("by_project_assignee_requester", "k_par")
    by_project_assignee_state = _list_index("by_project_assignee_state", "k_pas")
    by_project_requester_state = _list_index("by_project_requester_state", "k_prs")
    by_assignee_requester_state = _list_index("by_assignee_requester_state", "k_ars")
    by_project_assignee_requester_state = _list_index("by_project_assignee_requester_state", "k_pars")
    by_organisation = _list_index("by_organisation", "k_o")


class OutboxIndex(GlobalSecondaryIndex["EventRow"]):
    """Events whose mail is not out yet: `pending`, or `parked` after too many tries. Sparse."""

    class Meta:
        index_name = "outbox"
        projection = KeysOnlyProjection()

    outbox = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class EventRow(DeskModel):
    """An event, and beside it how far its mail has got."""

    class Meta:
        table_name = ""

    table_setting = "history_table"

    ticket = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    event: DocumentAttribute[Event] = DocumentAttribute(Event)
    outbox = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    lease = UnicodeAttribute(null=True)
    told = UnicodeSetAttribute(null=True)
    last_error = UnicodeAttribute(null=True)

    by_outbox = OutboxIndex()


class KindIndex(GlobalSecondaryIndex["DirectoryRow"]):
    """All projects, or all people, in the order of their keys."""

    class Meta:
        index_name = "by_kind"
        projection = AllProjection()

    kind = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class DirectoryRow(DeskModel):
    """A project, a member of one, a person, an organisation; or in `names` a set that is changed by its members."""

    class Meta:
        table_name = ""

    table_setting = "directory_table"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)
    document: DocumentAttribute[Any] = DocumentAttribute(Any, null=True)
    names = UnicodeSetAttribute(null=True)

    by_kind = KindIndex()


class CounterRow(DeskModel):
    """A running number, or how many tickets are in each state."""

    class Meta:
        table_name = ""

    table_setting = "counters_table"

    id = UnicodeAttribute(hash_key=True)
    n = NumberAttribute(null=True)
    new = NumberAttribute(null=True)
    in_progress = NumberAttribute(null=True)
    returned = NumberAttribute(null=True)
    done = NumberAttribute(null=True)
    closed = NumberAttribute(null=True)


class TicketFilesIndex(GlobalSecondaryIndex["FileRow"]):
    """The attachments of one ticket."""

    class Meta:
        index_name = "by_ticket"
        projection = AllProjection()

    ticket = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class FileRow(DeskModel):
    """An upload; once linked to a ticket it is an attachment and no longer expires."""

    class Meta:
        table_name = ""

    table_setting = "files_table"

    id = UnicodeAttribute(hash_key=True)
    ticket = UnicodeAttribute(null=True)
    expires = NumberAttribute(null=True)
    document: DocumentAttribute[Any] = DocumentAttribute(Any)

    by_ticket = TicketFilesIndex()


class OwnerIndex(GlobalSecondaryIndex["ExpiringRow"]):
    """What one person holds, such as their API tokens. Sparse."""

    class Meta:
        index_name = "by_owner"
        projection = AllProjection()

    owner = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class ExpiringRow(DeskModel):
    """Something that ends by itself at `expires` (seconds of the epoch): reads check it, for DynamoDB deletes late."""

    class Meta:
        table_name = ""

    table_setting = "expiring_table"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires = NumberAttribute()
    owner = UnicodeAttribute(null=True)
    n = NumberAttribute(null=True)
    document: DocumentAttribute[Any] = DocumentAttribute(Any, null=True)

    by_owner = OwnerIndex()
