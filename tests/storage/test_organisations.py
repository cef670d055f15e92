"""Organisations, whose names are unique however they are written."""

import unicodedata

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisations import Organisation
from chalicelib.storage import organisations

pytestmark = pytest.mark.usefixtures("stage")
ACME = Organisation("o1", "Řezník a syn")


@pytest.fixture(autouse=True)
def acme(stage: None) -> None:
    assert organisations.create(ACME)


def test_it_is_found_by_its_id_and_by_its_name_in_any_case() -> None:
    assert organisations.load("o1") == ACME
    assert organisations.named("ŘEZNÍK A SYN") == ACME
    assert organisations.named("Řezník") is None
    assert organisations.every() == [ACME]


@pytest.mark.parametrize("wrong", ["o2", "", "\ud800", "x" * 3000, "a\0b"])
def test_what_is_not_there_and_what_is_no_key_look_the_same(wrong: str) -> None:
    with pytest.raises(NotFound):
        organisations.load(wrong)


def test_a_name_is_taken_once() -> None:
    assert not organisations.create(Organisation("o2", "řezník A SYN"))
    assert organisations.every() == [ACME]


def test_a_new_name_frees_the_old_one() -> None:
    renamed = organisations.rename(ACME, "Řezník a dcera")
    assert renamed == Organisation("o1", "Řezník a dcera", 2) == organisations.load("o1")
    assert organisations.named("Řezník a syn") is None
    assert organisations.create(Organisation("o2", "Řezník a syn"))


def test_the_same_name_in_other_letters_is_a_new_name_too() -> None:
    assert organisations.rename(ACME, "ŘEZNÍK A SYN")
    assert organisations.named("řezník a syn") == Organisation("o1", "ŘEZNÍK A SYN", 2)


def test_a_taken_name_and_a_change_from_an_old_version_change_nothing() -> None:
    other = Organisation("o2", "Pekař")
    assert organisations.create(other)
    assert organisations.rename(ACME, "pekař") is None
    assert organisations.rename(ACME, "Uzenář")
    assert organisations.rename(ACME, "Masna") is None
    assert organisations.load("o1").name == "Uzenář"


def test_names_of_signs_that_no_key_may_have_are_kept_too() -> None:
    odd = Organisation("o3", unicodedata.normalize("NFC", "A\u200bB\u00a0" + "Ž" * 90))
    assert organisations.create(odd)
    assert organisations.named(odd.name) == odd
