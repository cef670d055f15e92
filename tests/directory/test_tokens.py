"""API tokens: made by oneself, shown once, revoked by oneself."""

from dataclasses import replace

import pytest

from chalicelib import directory
from chalicelib.domain.errors import Invalid, NotFound, NotSignedIn
from chalicelib.domain.people import ANONYMOUS, Via
from chalicelib.storage import people
from tests.cast import BOB, EVA, STRANGER, by_form, by_link, by_token, signed_in
from tests.stage import Clock

pytestmark = pytest.mark.usefixtures("stage")


def test_a_token_speaks_for_whoever_made_it() -> None:
    token, secret = directory.create_token(" skript ", 30, signed_in(BOB))
    actor = directory.by_token(secret)
    assert (actor.email, actor.via, actor.roles) == (BOB.email, Via.TOKEN, BOB.roles)
    assert (token.name, (token.expires_at - token.created_at).days) == ("skript", 30)
    assert directory.tokens(signed_in(BOB)) == [token]
    assert directory.tokens(signed_in(EVA)) == []


def test_it_ends_by_its_time_by_revoking_and_with_its_person(stopped: Clock) -> None:
    _, short = directory.create_token("a", 1, signed_in(BOB))
    revoked, second = directory.create_token("b", 365, signed_in(BOB))
    _, third = directory.create_token("c", 365, signed_in(BOB))
    stopped.forward(days=1)
    directory.revoke_token(revoked.id, signed_in(BOB))
    for secret in (short, second, "made up", ""):
        with pytest.raises(NotSignedIn):
            directory.by_token(secret)
    assert directory.by_token(third)
    people.update(BOB, replace(BOB, active=False))
    with pytest.raises(NotSignedIn):
        directory.by_token(third)


def test_nobody_revokes_that_of_somebody_else() -> None:
    token, secret = directory.create_token("a", 1, signed_in(BOB))
    for other in (EVA, STRANGER):
        with pytest.raises(NotFound):
            directory.revoke_token(token.id, signed_in(other))
    assert directory.by_token(secret)


def test_whoever_is_not_signed_in_has_none() -> None:
    for actor in (ANONYMOUS, by_form(BOB), by_link(BOB)):
        with pytest.raises(NotSignedIn):
            directory.create_token("a", 1, actor)
        with pytest.raises(NotSignedIn):
            directory.tokens(actor)
    assert directory.create_token("a", 1, by_token(BOB))


def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, days in (("a", 0), ("a", 366), ("a", -1), ("", 1), ("x" * 101, 1), ("a\0", 1), ("\ud800", 1)):
        with pytest.raises(Invalid):
            directory.create_token(name, days, signed_in(BOB))
    monkeypatch.setattr(directory, "_MOST_TOKENS", 1)
    directory.create_token("a", 1, signed_in(BOB))
    with pytest.raises(Invalid):
        directory.create_token("b", 1, signed_in(BOB))
