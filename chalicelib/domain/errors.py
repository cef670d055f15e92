"""What the desk refuses, as types with a code; the web layer maps each to one answer and translates its message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.words import N_


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field. `message` is a catalogue text whose {placeholders} are filled from `values`."""

    field: str
    message: str
    values: tuple[tuple[str, str | int], ...] = ()


class DeskError(Exception):
    """A refusal that a caller can read. `message` is a catalogue text, filled from `values`."""

    code = "error"
    message = N_("Something went wrong.")

    def __init__(self, message: str | None = None, **values: str | int) -> None:
        self.message = message or type(self).message
        self.values = values
        super().__init__(self.message.format(**values))


class NotSignedIn(DeskError):
    """The caller must say who they are."""

    code = "not_signed_in"
    message = N_("Please sign in.")


class NotAllowed(DeskError):
    """The caller is known, and may not do this."""

    code = "not_allowed"
    message = N_("Your role does not allow this.")


class ConfirmationNeeded(NotAllowed):
    """The caller came by a mailed link; before the first write they confirm with a mailed code that it is theirs."""

    code = "confirmation_needed"
    message = N_("Before your first reply from this browser, confirm with a code we mail you.")


class NotFound(DeskError):
    """The thing is not there, or not the caller's to see; the two look the same."""

    code = "not_found"
    message = N_("There is nothing here, or it is not yours to see.")


class Conflict(DeskError):
    """What is asked does not fit the present state of things."""

    code = "conflict"
    message = N_("This cannot be done in the present state of the request.")


class StaleVersion(Conflict):
    """Somebody changed the ticket since the caller read it."""

    code = "stale"
    message = N_("The request has changed meanwhile. Look at what is new and try again.")


class LastAdmin(Conflict):
    """Without this administrator nobody would be left to administer the desk."""

    code = "last_admin"
    message = N_("The last administrator stays one. Make somebody else an administrator first.")


class KeyReused(Conflict):
    """An Idempotency-Key came back with different content."""

    code = "key_reused"
    message = N_("This key was already used for another request.")


class Unreadable(DeskError):
    """The body is not what its content type says."""

    code = "unreadable"
    message = N_("The content could not be read.")


class UnsupportedType(DeskError):
    """The content type is not one this address takes."""

    code = "unsupported_type"
    message = N_("This kind of content is not accepted here.")


class MethodNotAllowed(DeskError):
    """The address exists, the method does not."""

    code = "method_not_allowed"
    message = N_("This address does not support that method.")


class TooLarge(DeskError):
    """More than the desk takes at once."""

    code = "too_large"
    message = N_("This is too large.")


class Invalid(DeskError):
    """Well-formed, but one or more fields are not acceptable."""

    code = "invalid"
    message = N_("Some fields need your attention.")

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__()

    @classmethod
    def of(cls, field: str, message: str, **values: str | int) -> "Invalid":
        """The refusal of one field."""
        return cls(FieldError(field, message, tuple(values.items())))


def all_at_once(checks: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What every check answers, by its name. Raises one Invalid with all that they refuse, not with the first alone."""
    answers: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for name, check in checks.items():
        try:
            answers[name] = check()
        except Invalid as refusal:
            wrong += refusal.errors
    if wrong:
        raise Invalid(*wrong)
    return answers


class TooMany(DeskError):
    """A limit was reached; `retry_after` is in seconds."""

    code = "too_many"
    message = N_("That was too many attempts. Please wait a while and try again.")

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class FileDangerous(NotAllowed):
    """The scan found malware in the file."""

    code = "file_dangerous"
    message = N_("Malware was found in this file. It cannot be downloaded.")


class FileUncheckable(NotAllowed):
    """The scan could not look into the file, so that nobody can say that it is clean."""

    code = "file_uncheckable"
    message = N_("This file could not be checked for malware, so it cannot be downloaded. Ask for it in another form.")


class Unavailable(DeskError):
    """A service the desk depends on does not answer; nothing was changed. `retry_after` is in seconds."""

    code = "unavailable"
    message = N_("The desk cannot do this right now. Nothing was lost; please try again in a moment.")
    retry_after = 5


class FileNotChecked(Unavailable):
    """The scan for malware has not come to this file yet. `retry_after` is in seconds."""

    code = "file_not_checked"
    message = N_("This file is still being checked for malware. Please try again in a minute.")
    retry_after = 60
