"""Forms: what was typed and what is wrong with it, so that a page shown again has lost nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from chalicelib import clock, i18n, uploading
from chalicelib.domain.errors import Conflict, DeskError, Invalid, KeyReused, NotAllowed, TooMany
from chalicelib.domain.files import MAX_FILE_BYTES, MAX_FILES, MAX_PLAIN_BYTES, Upload
from chalicelib.domain.own_fields import CHANGE_PREFIX
from chalicelib.domain.people import Actor
from chalicelib.domain.text import SUBJECT_LENGTH, TEXT_LENGTH
from chalicelib.domain.words import N_
from chalicelib.uploading import PlainOrder
from chalicelib.web import problems
from chalicelib.web.bodies import Form
from chalicelib.web.calls import Call

C = TypeVar("C", bound=StrEnum)

REFUSALS = (Invalid, Conflict, NotAllowed, TooMany)
"""What a form is shown again for; anything else is a page of its own."""

WHOLE = ""
"""The name of an error that belongs to no single field."""

# What the verbs call by names that are not those of the page's fields.
_SHOWN_AT = {
    "uploads": "file",
    "size": "file",
    "project": WHOLE,
    "version": WHOLE,
    "action": WHOLE,
    "watchers": WHOLE,
    "notify.addresses": "addresses",
}


@dataclass(frozen=True, slots=True)
class FormView:
    """What was typed into a form, what is wrong with which field, and the files that have arrived already."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    uploads: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a form says beforehand: sizes in bytes, lengths in characters."""

    max_file_bytes: int = MAX_FILE_BYTES
    max_files: int = MAX_FILES
    max_plain_bytes: int = MAX_PLAIN_BYTES
    text_length: int = TEXT_LENGTH
    subject_length: int = SUBJECT_LENGTH


EMPTY = FormView({}, {})
LIMITS = Limits()


def new_key() -> str:
    """The mark of one rendering of a form: sent twice, it is one order."""
    return clock.new_id()


def key_of(body: Form, refusal: DeskError) -> str:
    """The mark of a form that is shown again: the same one, unless it was used up, or its files were."""
    used_up = isinstance(refusal, KeyReused) or (
        isinstance(refusal, Invalid) and any(error.field == "uploads" for error in refusal.errors)
    )
    return new_key() if used_up else body.one("key") or new_key()


def with_files(call: Call, body: Form, project: str, by: Actor) -> tuple[str, ...]:
    """The ids of all files of a form: those the browser sent before it, and those inside it, which are stored first."""
    sent = body.all("uploads")
    if not body.files:
        return sent
    given = tuple((file.filename, file.content_type, file.content) for file in body.files)
    return sent + uploading.plain_uploads(PlainOrder(project, given), by, call.network, body.one("key"))


def again(
    body: Form, uploads: tuple[str, ...], refusal: DeskError, by: Actor, language: str, whole: str = WHOLE
) -> FormView:
    """The form as it was sent, with what is wrong with it."""
    return FormView(body.values, errors_of(refusal, language, whole), uploading.waiting_uploads(uploads, by))


def errors_of(refusal: DeskError, language: str, whole: str = WHOLE) -> dict[str, str]:
    """What is wrong, by field; `whole` stands for the form itself."""
    if not isinstance(refusal, Invalid):
        return {whole: i18n.translated(refusal.message, language, **refusal.values)}
    found: dict[str, str] = {}
    for each in problems.field_problems(refusal, language):
        name = _SHOWN_AT.get(each.field, each.field) or whole
        found[name] = f"{found[name]} {each.message}" if name in found else each.message
    return found


def choice(kind: type[C], text: str, field: str) -> C:
    """`text` as one of the choices of `kind`. Raises Invalid."""
    try:
        return kind(text)
    except ValueError as error:
        raise Invalid.of(field, N_("This is not one of the choices.")) from error


def one_of(choices: Collection[str], text: str, field: str) -> str:
    """`text`, which is one of `choices`. Raises Invalid."""
    if text not in choices:
        raise Invalid.of(field, N_("This is not one of the choices."))
    return text


def day(text: str, field: str) -> date | None:
    """`text` as a day, None where nothing was entered. Raises Invalid."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid.of(field, N_("This is not a day of the calendar.")) from error


def own_values(body: Form) -> dict[str, str]:
    """What was entered into the project's own fields, by code."""
    return {name.removeprefix(CHANGE_PREFIX): body.one(name) for name in body.fields if name.startswith(CHANGE_PREFIX)}


def whole_number(text: str) -> int | None:
    """`text` as a whole number, None where it is not one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
