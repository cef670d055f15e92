"""Reads what comes in: strict JSON into typed records, form posts into fields and files."""

import json
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

import msgspec

from chalicelib.domain.errors import FieldError, Invalid, TooLarge, Unreadable, UnsupportedType
from chalicelib.domain.words import N_
from chalicelib.web.calls import Call

T = TypeVar("T")

MOST_JSON = 1024 * 1024
MOST_FORM = 6 * 1024 * 1024
_DEEPEST = 32
# The function's disk is not for this: what a form may hold fits into memory.
# Twenty own fields of a project are two hundred inputs, and a person has a role to choose in each project.
_MOST_PARTS = 2000
_IN_MEMORY = {"spool_limit": MOST_FORM, "memory_limit": MOST_FORM, "disk_limit": 0, "part_limit": _MOST_PARTS}
_HALF = re.compile("[\ud800-\udfff]")
_OUT_OF_RANGE = re.compile(r"Expected `int` [<>]|Integer value out of range")
_PLACE_OF_RECORD = re.compile(r"\[(\d+)\](?=\.)")
_INDEX = re.compile(r"\[[^\]]*\]")
_AT = re.compile(r" - at `\$?\.?(?P<path>[^`]*)`$")
_NAMED = re.compile(r"(?P<what>required|unknown) field `(?P<field>[^`]+)`")


class Body(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What an API call takes; a field that is not declared is refused."""


def given(value: T | msgspec.UnsetType) -> T | None:
    """`value`, or None where the field was left out."""
    return None if isinstance(value, msgspec.UnsetType) else value


def json_body(call: Call, kind: type[T]) -> T:
    """The body of `call` as a `kind`. Raises UnsupportedType, TooLarge, Unreadable, Invalid."""
    content_type = call.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise UnsupportedType
    if len(call.body) > MOST_JSON:
        raise TooLarge
    return typed(_strict(call.body or b"{}"), kind)


def _strict(raw: bytes) -> Any:
    """JSON without NaN, duplicate keys or deep nesting. Raises Unreadable."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
        _refuse_depth(value, _DEEPEST)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    _refuse_halves(value, "")
    return value


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _refuse_depth(value: Any, left: int) -> None:
    if left == 0:
        raise ValueError("nested too deeply")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _refuse_depth(each, left - 1)


def _refuse_halves(value: Any, path: str) -> None:
    """Raises Invalid for half a UTF-16 pair: JSON can spell it, UTF-8 and so all that lies behind us cannot."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_halves(name, path)
            _refuse_halves(inner, f"{path}.{name}".strip("."))
    elif isinstance(value, list):
        for inner in value:
            _refuse_halves(inner, path)
    elif isinstance(value, str) and _HALF.search(value):
        raise Invalid.of(path, N_("The text has a character that cannot be stored (U+{code})."), code=_half_in(value))


def _half_in(text: str) -> str:
    return next(f"{ord(char):04X}" for char in text if _HALF.match(char))


def typed(value: Any, kind: type[T], strict: bool = True) -> T:
    """`value` as a `kind`. Raises Invalid naming the field."""
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise Invalid(_field_error(str(error))) from error


def _field_error(message: str) -> FieldError:
    place = _AT.search(message)
    path = place["path"] if place else ""
    named = _NAMED.search(message)
    if named:
        known = named["what"] == "required"
        field = _dotted(f"{path}.{named['field']}")
        return FieldError(field, N_("Please fill this in.") if known else N_("There is no such field."))
    path = _dotted(path)
    if "Invalid enum value" in message:
        return FieldError(path, N_("This is not one of the choices."))
    if _OUT_OF_RANGE.match(message):
        return FieldError(path, N_("This number is out of range."))
    return FieldError(path, N_("This is not the kind of value that is expected here."))


def _dotted(path: str) -> str:
    """A field as the domain names it: `uploads` for an item of a list, `fields.2.label` inside a record of one."""
    return _INDEX.sub("", _PLACE_OF_RECORD.sub(r".\1", path)).strip(".")


def query(call: Call, kind: type[T]) -> T:
    """The query of `call` as a `kind`: its list fields take repeated parameters. Raises Invalid."""
    many = {field.name for field in msgspec.structs.fields(kind) if _is_list(field.type)}  # type: ignore[arg-type]
    values: dict[str, Any] = {name: each if name in many else each[-1] for name, each in call.query.items() if each}
    return typed(values, kind, strict=False)


def _is_list(kind: Any) -> bool:
    return "list" in str(kind) or "tuple" in str(kind)


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file that came inside a form post."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A form post: its fields, each with all values given, and its files."""

    fields: dict[str, list[str]]
    files: tuple[PlainFile, ...]

    def one(self, name: str) -> str:
        """The last value of a field, or nothing."""
        return self.fields[name][-1] if self.fields.get(name) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field that are not empty."""
        return tuple(value for value in self.fields.get(name, ()) if value)

    @property
    def values(self) -> dict[str, str]:
        """The fields as a page shows them again, the last value of each."""
        return {name: given[-1] for name, given in self.fields.items() if given}


def form_body(call: Call) -> Form:
    """The body of `call` as a form. Raises UnsupportedType, TooLarge, Unreadable."""
    from multipart import MultipartError, is_form_request, parse_form_data

    if len(call.body) > MOST_FORM:
        raise TooLarge
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": call.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.input": BytesIO(call.body),
    }
    if not is_form_request(environ):
        raise UnsupportedType
    try:
        fields, files = parse_form_data(environ, strict=True, charset="utf-8", **_IN_MEMORY)
    except (MultipartError, ValueError) as error:
        raise Unreadable from error
    given = {name: list(fields.getall(name)) for name in fields}
    return Form(given, tuple(_plain_file(part) for part in files.getall("file") if part.filename))


def _plain_file(part: Any) -> PlainFile:
    return PlainFile(part.filename, part.content_type or "application/octet-stream", part.raw)
