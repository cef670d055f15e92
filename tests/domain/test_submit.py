"""The event that files a ticket."""

import pytest

from chalicelib.domain.people import Person
from chalicelib.domain.workflow import submit
from tests.cast import ALICE, BOB, EVA, NOW, ROOT, SCREENSHOT, a_ticket, by_form, called, signed_in, stamp


class TestSubmit:
    def test_the_event_repeats_what_was_asked(self) -> None:
        event = submit(a_ticket(), (SCREENSHOT,), signed_in(EVA), stamp())
        assert (event.kind, event.ticket, event.at, event.actor) == ("ticket.submitted", "WEB-1042", NOW, EVA.contact)
        assert (event.text, event.attachments) == ("Po aktualizaci se nedá tisknout.", (SCREENSHOT,))
        assert event.changes == {"state": (None, "new"), "priority": (None, "normal")}
        assert (event.internal, event.by_team) == (False, False)

    @pytest.mark.parametrize("person", [ALICE, BOB, ROOT], ids=called)
    def test_the_team_files_for_a_customer(self, person: Person) -> None:
        event = submit(a_ticket(), (), signed_in(person), stamp())
        assert (event.actor, event.by_team) == (person.contact, True)

    def test_from_the_hosted_form_it_is_never_the_team(self) -> None:
        assert submit(a_ticket(), (), by_form(EVA), stamp()).by_team is False
