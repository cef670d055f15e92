"""Fills an empty desk with the life of a real one: about 150 requests over 90 days, in all states, with their files.

The stories are played through the very rules of the domain with a moved clock, then written in batches: so every
history is one that could have happened, and the first page does not wait for a thousand transactions.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from chalicelib import clock
from chalicelib.config import settings
from chalicelib.domain import workflow
from chalicelib.domain.events import Event
from chalicelib.domain.files import Attachment, Upload
from chalicelib.domain.people import Actor, Contact, Person, ProjectRole, Via, actor_of
from chalicelib.domain.projects import Project
from chalicelib.domain.tickets import Priority, State, Ticket
from chalicelib.domain.workflow import ChangeOrder, MoveOrder
from chalicelib.storage import access, bulk, files
from chalicelib.storage.access import Token
from infra.local import demo_files
from infra.local.demo_cast import ACCOUNTS, ORGANISATIONS, PEOPLE, PROJECTS, VISITORS
from infra.local.demo_stories import ACCEPTED, AGAIN, REJECTED, STORIES, UNHEARD, WITHDRAWN, Story

DAYS = 90
REQUESTS = {"WEB": 80, "SERVIS": 38, "IT": 34}
TOKEN_DAYS = 365
STILL_TO_MAIL = timedelta(hours=30)
SILENCE_HOURS = (14 * 24, 17 * 24)
UNTOUCHED = 3  # the latest requests of each project, which nobody has looked at yet
RESTING = {5: State.RETURNED, 10: State.DONE}
"""Requests, counted from the latest, that wait for their requester: a desk is never without."""
QUICKLY = 0.1


@dataclass
class Life:
    """One request on its way: the ticket as it is, its events so far, and the moment."""

    ticket: Ticket
    events: list[Event]
    uploads: list[Upload]
    at: datetime
    end: datetime
    rests: State | None = None

    @property
    def over(self) -> bool:
        return self.at >= self.end

    def wait(self, random: Random, low: float, high: float) -> bool:
        """Let `low` to `high` working hours pass. False where that would lie in the future, or where it rests."""
        if self.ticket.state is self.rests:
            return False
        hours = random.uniform(low, high) * (QUICKLY if self.rests else 1)
        self.at = _working(self.at + timedelta(hours=hours))
        return not self.over

    def move(
        self, action: str, by: Actor, text: str = "", to: Contact | None = None, rating: int | None = None
    ) -> None:
        """One move of the workflow."""
        order = MoveOrder(action, self.ticket.version, to, text, rating=rating)
        self.ticket, event = workflow.move(self.ticket, order, by, clock.stamp_at(self.at))
        self.events.append(event)

    def say(self, by: Actor, text: str, internal: bool = False, attachments: tuple[Attachment, ...] = ()) -> None:
        """A reply or a note."""
        stamp = clock.stamp_at(self.at)
        self.ticket, event = workflow.comment(self.ticket, text, internal, attachments, by, stamp)
        self.events.append(event)


def seed(data_dir: Path) -> None:
    """Writes people, projects and requests, and `demo.json` with the accounts, into an empty desk."""
    now = clock.now()
    random = Random(20)  # the same desk every time
    people = [replace(person, confirmed_at=now - timedelta(days=200)) for person in PEOPLE]
    lives = list(_lives(random, people, now))
    uploads = [upload for life in lives for upload in life.uploads]
    tickets, events = [life.ticket for life in lives], [event for life in lives for event in life.events]
    bulk.write(bulk.directory_rows(PROJECTS, people, ORGANISATIONS))
    bulk.write(bulk.ticket_rows(tickets, events, pending=lambda event: event.at > now - STILL_TO_MAIL))
    bulk.write(bulk.file_rows([_stored(upload) for upload in uploads]))
    _write_accounts(data_dir, {person.email: person for person in people}, now)


def _stored(upload: Upload) -> Upload:
    files.put_content(upload, demo_files.content(upload.filename))
    (arrived,) = files.arrived([upload])
    return arrived


@dataclass(frozen=True, slots=True)
class Scene:
    """Where lives are played: the project, its people, and the stories told so far."""

    project: Project
    staff: dict[ProjectRole, list[Actor]]
    told: list[Story]


def _lives(random: Random, people: list[Person], now: datetime) -> Iterator[Life]:
    for project in PROJECTS:
        scene = Scene(project, {role: _members(people, project.key, role) for role in ProjectRole}, [])
        moments = sorted(
            _working(now - timedelta(days=DAYS * random.random() ** 1.5)) for _ in range(REQUESTS[project.key])
        )
        past = [moment for moment in moments if moment < now]
        for count, at in enumerate(past, start=1):
            later = len(past) - count
            rests = RESTING.get(later)
            life, story, requester = _begun(random, scene, f"{project.key}-{count}", at, now, rests)
            if later >= UNTOUCHED:
                manager, solver = (
                    scene.staff[ProjectRole.PROJECT_MANAGER][0],
                    random.choice(scene.staff[ProjectRole.SOLVER]),
                )
                _play(random, life, story, requester, manager, solver)
            yield life


def _members(people: list[Person], key: str, role: ProjectRole) -> list[Actor]:
    return [actor_of(person, Via.SESSION) for person in people if person.roles.get(key) is role]


def _begun(
    random: Random, scene: Scene, number: str, at: datetime, now: datetime, rests: State | None
) -> tuple[Life, Story, Actor]:
    project, customers = scene.project, scene.staff[ProjectRole.CUSTOMER]
    requester = customers[0] if rests else _requester(random, project, customers)
    tongues = {requester.language, project.language} - ({"cs"} if requester.language == "en" else set())
    story = random.choice(_fresh([story for story in STORIES[project.key] if story.language in tongues], scene.told))
    scene.told.append(story)
    life = _filed(random, story, project, requester, number, at, now)
    life.rests = rests
    return life, story, requester


def _fresh(stories: list[Story], told: list[Story]) -> list[Story]:
    """Those of `stories` that were not told just now."""
    return [story for story in stories if story not in told[-len(stories) // 2 :]] or stories


def _requester(random: Random, project: Project, customers: list[Actor]) -> Actor:
    if project.key == "WEB" and random.random() < 0.4:
        email, name, language = random.choice(VISITORS)
        return Actor(email, name, language, Via.SESSION)
    return random.choice(customers)


def _filed(
    random: Random, story: Story, project: Project, requester: Actor, number: str, at: datetime, now: datetime
) -> Life:
    uploads = [_upload(story.file, project.key, number)] if story.file and random.random() < 0.6 else []
    ticket = Ticket(
        number=number,
        project=project.key,
        subject=story.subject,
        text=story.text,
        type=story.type,
        state=State.NEW,
        priority=Priority.NORMAL,
        requester=requester.contact,
        created_at=at,
        updated_at=at,
        waiting_since=at,
        version=1,
        language=requester.language,
        confirmed=True,
        fields=_chosen(project, number),
        organisation=requester.organisation,
    )
    attachments = tuple(upload.attachment for upload in uploads)
    event = workflow.submit(ticket, attachments, requester, clock.stamp_at(at))
    return Life(ticket, [event], uploads, at, now)


def _chosen(project: Project, number: str) -> dict[str, str]:
    """What the requester chose in the project's own fields, where they chose anything."""
    chance = Random(number)
    return {
        own.code: chance.choice(own.choices) for own in project.asked_fields if own.choices and chance.random() < 0.6
    }


def _upload(filename: str, project: str, number: str) -> Upload:
    upload_id = clock.new_id()
    size = len(demo_files.content(filename))
    never = datetime(9999, 1, 1, tzinfo=UTC)
    kind = demo_files.content_type(filename)
    return Upload(upload_id, project, filename, kind, size, f"files/{upload_id}", "", never, ticket=number)


def _play(random: Random, life: Life, story: Story, requester: Actor, manager: Actor, solver: Actor) -> None:
    """The request from its filing to wherever it has got by now."""
    if not life.wait(random, 0.3, 9):
        return
    if not life.rests and random.random() < 0.05:
        life.move("withdraw", requester, WITHDRAWN[story.language])
        return
    _prioritise(random, life, manager)
    asked = life.rests is State.RETURNED or (not life.rests and random.random() < 0.18)
    if asked and not _returned(random, life, story, requester, manager):
        return
    life.move("hand_over", manager, to=solver.contact)
    if _worked(random, life, story, requester, solver, asked):
        _checked(random, life, story, requester, solver, manager)


def _returned(random: Random, life: Life, story: Story, requester: Actor, manager: Actor) -> bool:
    """What is missing is asked for. False where it never comes, or is still to come."""
    life.move("return", manager, story.question)
    if not life.rests and random.random() < 0.15:
        if life.wait(random, *SILENCE_HOURS):
            life.move("withdraw", requester, WITHDRAWN[story.language])
        return False
    if not life.wait(random, 4, 40):
        return False
    life.move("resubmit", requester, story.answer)
    return life.wait(random, 0.5, 6)


def _prioritise(random: Random, life: Life, manager: Actor) -> None:
    project = next(each for each in PROJECTS if each.key == life.ticket.project)
    priority = random.choices(list(Priority), weights=(1, 6, 3, 1))[0]
    if priority is not Priority.NORMAL:
        order = ChangeOrder(life.ticket.version, priority=priority)
        life.ticket, event = workflow.change(life.ticket, order, manager, clock.stamp_at(life.at), project)
        life.events.append(event)
        life.at += timedelta(minutes=2)


def _worked(random: Random, life: Life, story: Story, requester: Actor, solver: Actor, asked: bool) -> bool:
    """The solver's work up to its end. False where that still lies in the future."""
    if not life.wait(random, 0.5, 20):
        return False
    if story.note and random.random() < 0.5:
        life.say(solver, story.note, internal=True)
        life.at += timedelta(minutes=9)
    if not asked and random.random() < 0.6:
        life.say(solver, story.question)
        if not life.wait(random, 1, 30):
            return False
        life.say(requester, story.answer)
    return life.wait(random, 8, 150)


def _checked(random: Random, life: Life, story: Story, requester: Actor, solver: Actor, manager: Actor) -> None:
    """The solution, which is refused now and then, and its acceptance, which some requesters leave to others."""
    life.move("finish", solver, story.solution)
    if not life.wait(random, 2, 70):
        return
    if random.random() < 0.12:
        life.move("reject", requester, REJECTED[story.language])
        if not life.wait(random, 2, 30):
            return
        life.move("finish", solver, AGAIN[story.language])
        if not life.wait(random, 2, 50):
            return
    if random.random() < 0.9:
        rating = random.choices((None, 5, 4, 3, 2), weights=(4, 6, 3, 1, 0.5))[0]
        life.move("accept", requester, ACCEPTED[story.language] if random.random() < 0.5 else "", rating=rating)
    elif life.wait(random, *SILENCE_HOURS):
        life.move("accept", manager, UNHEARD[story.language])


def _working(at: datetime) -> datetime:
    """`at`, or the next working morning where it falls outside Monday to Friday, 7 to 17 o'clock in the desk's zone."""
    local = at.astimezone(settings().zone)
    if local.hour >= 17:
        local = (local + timedelta(days=1)).replace(hour=7, minute=local.minute)
    elif local.hour < 7:
        local = local.replace(hour=7)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def _write_accounts(data_dir: Path, people: dict[str, Person], now: datetime) -> None:
    accounts = []
    for account in ACCOUNTS:
        person, secret = people[account.email], clock.new_secret()
        access.save_token(secret, Token(clock.new_id(), "demo", now, now + timedelta(days=TOKEN_DAYS)), person)
        accounts.append(
            {
                "email": person.email,
                "name": person.name,
                "role": account.role,
                "projects": sorted(person.roles) or sorted(person.reports_on),
                "api_token": secret,
            }
        )
    document = {"base_url": settings().base_url, "mail_url": "", "accounts": accounts}
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "demo.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
