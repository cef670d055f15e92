"""The people of the tests, and the ticket they meet over. Two projects: WEB, where it happens, and HR next door."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.events import Stamp
from chalicelib.domain.files import Attachment
from chalicelib.domain.people import Actor, Contact, Person, ProjectRole, SiteRole, Via, actor_of
from chalicelib.domain.projects import Form, Project
from chalicelib.domain.tickets import Priority, State, Ticket, Type

WEB, HR = "WEB", "HR"
NUMBER, OTHER_NUMBER = "WEB-1042", "WEB-1043"

ALICE = Person("alice@desk.example", "Alice Adamová", "cs", roles={WEB: ProjectRole.PROJECT_MANAGER})
BOB = Person("bob@desk.example", "Bob Brown", "en", roles={WEB: ProjectRole.SOLVER})
CAROL = Person("carol@desk.example", "Carol Černá", "cs", roles={WEB: ProjectRole.SOLVER})
DAVE = Person("dave@desk.example", "Dave Dvořák", "cs", roles={HR: ProjectRole.SOLVER})
HANA = Person("hana@desk.example", "Hana Horáková", "cs", roles={HR: ProjectRole.PROJECT_MANAGER})
EVA = Person("eva@customer.example", "Eva Eliášová", "cs", roles={WEB: ProjectRole.CUSTOMER})
FRANK = Person("frank@customer.example", "Frank Fiala", "en", roles={WEB: ProjectRole.CUSTOMER})
WANDA = Person("wanda@elsewhere.example", "Wanda White", "en")
MARIE = Person("marie@desk.example", "Marie Malá", "cs", site_role=SiteRole.MANAGER, reports_on=(WEB,))
ROOT = Person("root@desk.example", "Root", "en", site_role=SiteRole.ADMIN)
STRANGER = Person("stranger@elsewhere.example", "Stranger", "en")

# Everybody at the door of a ticket of WEB that Eva filed, Bob has in hand and Wanda watches.
CAST = (ALICE, BOB, CAROL, DAVE, HANA, EVA, FRANK, WANDA, MARIE, ROOT, STRANGER)

PROJECT = Project(WEB, "Web a e-shop", Form.OPEN, "cs", manager=ALICE.email)

FILED = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
NOW = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)

SCREENSHOT = Attachment("f1", "obrázek.png", "image/png", 12_345)


def signed_in(person: Person) -> Actor:
    return actor_of(person, Via.SESSION)


def by_token(person: Person) -> Actor:
    return actor_of(person, Via.TOKEN)


def by_link(person: Person, number: str = NUMBER) -> Actor:
    """Whoever opened the link in a mail to `person`; it carries no role."""
    return Actor(person.email, person.name, person.language, Via.LINK, link_ticket=number)


def by_form(person: Person) -> Actor:
    """Whoever typed the address of `person` into the hosted form."""
    return Actor(person.email, person.name, person.language, Via.FORM)


def stamp(days: float = 0) -> Stamp:
    """The moment `days` after NOW."""
    at = NOW + timedelta(days=days)
    return Stamp(at, f"{at:%Y%m%dT%H%M%S}")


def a_ticket(state: State = State.NEW, assignee: Person | None = None) -> Ticket:
    """Eva's request in WEB, filed the day before NOW, watched by Wanda."""
    ticket = Ticket(
        number=NUMBER,
        project=WEB,
        subject="Nejde tisk faktur",
        text="Po aktualizaci se nedá tisknout.",
        type=Type.INCIDENT,
        state=state,
        priority=Priority.NORMAL,
        requester=EVA.contact,
        created_at=FILED,
        updated_at=FILED,
        waiting_since=FILED,
        version=3,
        language="cs",
        confirmed=True,
        assignee=assignee.contact if assignee else None,
        watchers=(WANDA.contact,),
    )
    return replace(ticket, closed_at=FILED) if state is State.CLOSED else ticket


def called(value: object) -> str | None:
    """The name of a person, to name a test after; None leaves it to pytest."""
    return value.name if isinstance(value, Person | Actor) else None


def contact(number: int) -> Contact:
    """One of any number of people nobody knows."""
    return Contact(f"somebody{number}@elsewhere.example", f"Somebody {number}")
