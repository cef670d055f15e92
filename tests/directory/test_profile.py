"""What somebody may change about themselves."""

import pytest

from chalicelib import directory
from chalicelib.directory import ProfileOrder
from chalicelib.domain.errors import Invalid, NotSignedIn
from chalicelib.domain.people import ANONYMOUS
from chalicelib.storage import people, projects
from tests.cast import BOB, WEB, by_form, by_link, by_token, signed_in

pytestmark = pytest.mark.usefixtures("stage")


def test_name_and_language_and_nothing_else() -> None:
    after = directory.change_profile(ProfileOrder(" Bob  Bílý ", "cs"), signed_in(BOB))
    assert (after.name, after.language) == ("Bob Bílý", "cs")
    assert (after.roles, after.site_role, after.epoch) == (BOB.roles, BOB.site_role, BOB.epoch)
    assert people.find(BOB.email) == after == directory.profile(by_token(BOB))
    assert "Bob Bílý" in {member.name for member in projects.crew(WEB).members}


def test_what_is_not_said_stays() -> None:
    assert directory.change_profile(ProfileOrder(), signed_in(BOB)) == BOB


def test_a_name_is_one_line_that_turns_nothing_round() -> None:
    assert directory.change_profile(ProfileOrder(name="Bob\u202e nworB"), signed_in(BOB)).name == "Bob nworB"
    for name in ("", " ", "a\0", "\ud800", "x" * 101):
        with pytest.raises(Invalid):
            directory.change_profile(ProfileOrder(name=name), signed_in(BOB))


def test_nobody_changes_anything_without_signing_in() -> None:
    for actor in (ANONYMOUS, by_form(BOB), by_link(BOB)):
        with pytest.raises(NotSignedIn):
            directory.change_profile(ProfileOrder(name="Evil"), actor)
        with pytest.raises(NotSignedIn):
            directory.profile(actor)
    assert people.find(BOB.email) == BOB
