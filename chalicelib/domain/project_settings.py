"""What a project may be set to. Everything that is wrong is said at once, each thing with its field."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from chalicelib.domain import notify_settings, own_fields
from chalicelib.domain.currencies import CURRENCIES
from chalicelib.domain.errors import Conflict, Invalid, all_at_once
from chalicelib.domain.people import email_address
from chalicelib.domain.projects import Crew, Project, project_key
from chalicelib.domain.text import block, one_line
from chalicelib.domain.tickets import Type
from chalicelib.domain.words import N_

LANGUAGES = ("cs", "en")
NAME_LENGTH = 100
INTRODUCTION_LENGTH = 2000
PROJECTOR_CODE_LENGTH = 40
MOST_DAYS = 90
MOST_AN_HOUR = Decimal(1_000_000)
_CENT = Decimal("0.01")


def checked(wanted: Project) -> Project:
    """`wanted` with its texts in order. Raises Invalid with all that is wrong."""
    return replace(
        wanted,
        **all_at_once(
            {
                "key": partial(project_key, wanted.key, "key"),
                "name": partial(one_line, wanted.name, "name", NAME_LENGTH),
                "language": partial(_language, wanted.language),
                "introduction": partial(
                    block, wanted.introduction, "introduction", INTRODUCTION_LENGTH, required=False
                ),
                "manager": partial(_manager, wanted.manager),
                "types": partial(_types, wanted.types),
                "fields": partial(own_fields.checked, wanted.fields),
                "notify": partial(notify_settings.checked, wanted.notify),
                "auto_close_days": partial(_days, wanted.auto_close_days),
                "projector_code": partial(
                    one_line, wanted.projector_code, "projector_code", PROJECTOR_CODE_LENGTH, required=False
                ),
                "hourly_rate": partial(_rate, wanted.hourly_rate),
                "currency": partial(_currency, wanted.currency),
                "vat_rate": partial(_percent, wanted.vat_rate),
            }
        ),
    )


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise Invalid.of("language", N_("This is not one of the choices."))
    return code


def _manager(email: str) -> str:
    return email_address(email, "manager") if email else ""


def _types(types: tuple[Type, ...]) -> tuple[Type, ...]:
    if not types:
        raise Invalid.of("types", N_("Please choose at least one kind of request."))
    return tuple(kind for kind in Type if kind in types)


def _days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid.of("auto_close_days", N_("A whole number of days from 1 to {most}, please."), most=MOST_DAYS)
    return days


def _rate(rate: Decimal | None) -> Decimal | None:
    if rate is None:
        return None
    if not 0 <= rate < MOST_AN_HOUR or rate != rate.quantize(_CENT):
        raise Invalid.of("hourly_rate", N_("An amount of at least 0 with at most two decimals, please."))
    return rate.quantize(_CENT)


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise Invalid.of("currency", N_("This is not the code of a currency, such as CZK or EUR."))
    return code


def _percent(rate: Decimal) -> Decimal:
    if not 0 <= rate <= 100 or rate != rate.quantize(_CENT):
        raise Invalid.of("vat_rate", N_("A percentage from 0 to 100 with at most two decimals, please."))
    return rate.quantize(_CENT)


def refuse_loss_of_manager(crew: Crew, email: str) -> None:
    """Raises Conflict where `email` is whom new requests go to: another has to be named first."""
    if email and crew.manager == email:
        raise Conflict(N_("New requests of the project go to this person. Name another project manager first."))
