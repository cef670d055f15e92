"""Sets the cast of tests/cast.py on the stage: their projects in the tables, their requests, and the mail they get."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib import clock, desk, uploading
from chalicelib.desk import MoveRequest, SubmitOrder
from chalicelib.domain.events import Event, Stamp
from chalicelib.domain.files import Upload
from chalicelib.domain.people import SYSTEM, Actor, Person
from chalicelib.domain.projects import Form, Project
from chalicelib.domain.tickets import State, Ticket
from chalicelib.storage import bulk, files, history, people, projects, tickets
from chalicelib.uploading import UploadOrder
from tests.cast import ALICE, BOB, CAST, EVA, HANA, HR, PROJECT, WANDA, WEB, by_form, signed_in

NETWORK = "192.0.2.1"
OPEN_WEB = PROJECT
MEMBERS_HR = Project(HR, "Human resources", Form.MEMBERS, "en", manager=HANA.email)
CLOSED_SHOP = Project("OLD", "Zrušený", Form.OPEN, "cs", archived=True)
PROJECTS = (OPEN_WEB, MEMBERS_HR, CLOSED_SHOP)


@pytest.fixture
def stage(aws: None) -> None:
    """Three projects, and everybody of the cast with their roles; nobody has confirmed their address yet."""
    bulk.write(bulk.directory_rows(PROJECTS, CAST))


def settle(project: Project) -> None:
    """From now on `project` is as given, whatever it was."""
    bulk.write([projects.row_of(project)])


def share(key: str, shares: bool = True) -> None:
    """Has customers of one organisation see each other's requests in a project, as an administrator sets it."""
    before = projects.load(key)
    after = replace(before, shares_requests=shares, version=before.version + 1)
    assert people.update_in_project(before, after, ())


class Clock:
    """The desk's clock, which a test may set and turn forward."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock stands still at this second, until the test turns it."""
    stopped = Clock(clock.now().replace(microsecond=0))

    def stamp() -> Stamp:
        stopped.forward(microseconds=1)
        return clock.stamp_at(stopped.at)

    monkeypatch.setattr(clock, "now", lambda: stopped.at)
    monkeypatch.setattr(clock, "stamp", stamp)
    return stopped


def filed(by: Person = EVA, subject: str = "Nejde tisk faktur", project: str = WEB, **more: object) -> Ticket:
    """A request that `by` filed signed in."""
    order = SubmitOrder(project, subject, "Po aktualizaci se nedá tisknout.", **more)  # type: ignore[arg-type]
    return desk.submit(order, signed_in(by), NETWORK)


def filed_by_form(who: Person, subject: str = "Levné hodinky", text: str = "Kupte u nás!", name: str = "") -> Ticket:
    """A request that somebody filed on the open form under the address of `who`, without proving it."""
    order = SubmitOrder(WEB, subject, text, email=who.email, name=name or who.name)
    return desk.submit(order, by_form(who), NETWORK)


def moved(ticket: Ticket, action: str, by: Person, **more: object) -> Ticket:
    """The ticket after one move by `by`, from the version that is there now."""
    version = tickets.load(ticket.number).version
    return desk.move(ticket.number, MoveRequest(action, version, **more), signed_in(by))  # type: ignore[arg-type]


def standing_at(state: State) -> Ticket:
    """Eva's request that Wanda watches and Bob has in hand, brought to `state` by its moves; new is in no hands."""
    ticket = filed(watchers=(WANDA.email,))
    if state is State.NEW:
        return ticket
    ticket = moved(ticket, "hand_over", ALICE, assignee=BOB.email)
    if state is State.RETURNED:
        ticket = moved(ticket, "return", BOB, text="Která verze?")
    if state in (State.DONE, State.CLOSED):
        ticket = moved(ticket, "finish", BOB, text="Opraveno.")
    return moved(ticket, "accept", EVA) if state is State.CLOSED else ticket


def left_alone(step: Callable[[Ticket, Actor, Stamp], tuple[Ticket, Event]]) -> Ticket:
    """Eva's request in done, after a step of the daily run: ending.remind or ending.auto_close."""
    ticket = standing_at(State.DONE)
    changed, event = step(ticket, SYSTEM, clock.stamp())
    return tickets.save(ticket, changed, event)


def uploaded(by: Actor, content: bytes = b"soubor", filename: str = "výpis.txt", project: str = WEB) -> Upload:
    """A file that has arrived in S3 and waits to be linked."""
    order = UploadOrder(filename, "text/plain", len(content), project)
    upload, _, _ = uploading.start_upload(order, by, NETWORK)
    files.put_content(upload, content)
    return upload


def last_event(ticket: Ticket) -> Event:
    """The youngest line of the ticket's history."""
    return history.of_ticket(ticket.number)[-1]


@dataclass(frozen=True)
class SentMail:
    """A mail as SES got it, taken apart as a mail client would."""

    to: str
    envelope: tuple[str, ...]
    subject: str
    text: str
    html: str
    message: EmailMessage

    @property
    def whole(self) -> str:
        """Everything in it that a person could read."""
        return "\n".join((*(f"{name}: {value}" for name, value in self.message.items()), self.text, self.html))


def sent_mails() -> list[SentMail]:
    """All mails that were handed to SES, oldest first."""
    return [_opened(raw) for raw in ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].sent_messages]


def mails_to(person: Person) -> list[SentMail]:
    """The mails to one person, oldest first."""
    return [mail for mail in sent_mails() if mail.to == person.email]


def forget_mails() -> None:
    """Empties the mail service."""
    ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].sent_messages.clear()


def _opened(raw: object) -> SentMail:
    message = message_from_bytes(raw.raw_data.encode(), policy=default)  # type: ignore[attr-defined]
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return SentMail(
        to=str(message["To"]),
        # moto adds the address in the header to those of the envelope
        envelope=tuple(sorted(set(raw.destinations))),  # type: ignore[attr-defined]
        subject=str(message["Subject"]),
        text=text.get_content().replace("\r\n", "\n"),
        html=html.get_content(),
        message=message,
    )
