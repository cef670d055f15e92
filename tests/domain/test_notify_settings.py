"""What may be set about who hears, and the line that history keeps of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.notices import NEVER, Audience, Notify, Topic
from chalicelib.domain.notify_settings import MOST_ADDRESSES, checked, in_order, line_of, read_line


class TestChecked:
    def test_topics_and_addresses_stand_once_and_in_order(self) -> None:
        given = Notify(
            {Audience.WATCHERS: (Topic.STATES, Topic.NEW, Topic.STATES), Audience.REQUESTER: ()},
            ("B@x.example", "a@x.example", "b@x.example"),
        )
        found = checked(given)
        assert list(found.topics.items()) == [
            (Audience.REQUESTER, ()),
            (Audience.WATCHERS, (Topic.NEW, Topic.STATES)),
        ]
        assert found.addresses == ("b@x.example", "a@x.example")

    @pytest.mark.parametrize("audience", [each for each in Audience if NEVER[each]])
    def test_what_is_never_heard_cannot_be_set(self, audience: Audience) -> None:
        with pytest.raises(Invalid) as refusal:
            checked(Notify({audience: (Topic.NOTES,)}))
        assert [error.field for error in refusal.value.errors] == [f"notify.{audience}"]

    @pytest.mark.parametrize(
        "address", ["x", "", "a b@x.example", "a@x.example\r\nBcc: b@x.example", "=1+1", "\0@x.cz"]
    )
    def test_an_address_is_one_that_can_be_written_to(self, address: str) -> None:
        with pytest.raises(Invalid) as refusal:
            checked(Notify(addresses=("good@x.example", address)))
        assert [error.field for error in refusal.value.errors] == ["notify.addresses"]

    def test_there_are_not_too_many(self) -> None:
        addresses = [f"a{number}@x.example" for number in range(MOST_ADDRESSES + 1)]
        assert checked(Notify(addresses=tuple(addresses[1:]))).addresses == tuple(addresses[1:])
        with pytest.raises(Invalid):
            checked(Notify(addresses=tuple(addresses)))

    def test_all_that_is_wrong_is_said_at_once(self) -> None:
        with pytest.raises(Invalid) as refusal:
            checked(Notify({Audience.REQUESTER: (Topic.NOTES,)}, ("x",)))
        assert [error.field for error in refusal.value.errors] == ["notify.requester", "notify.addresses"]


topics = st.lists(st.sampled_from(Topic), max_size=4).map(in_order)
addresses = st.lists(st.sampled_from(["a@x.example", "b-c.d@y.example"]), unique=True).map(tuple)


class TestLine:
    def test_as_the_project_has_it_is_no_line(self) -> None:
        assert line_of(None) is None

    def test_it_reads_plainly(self) -> None:
        notify = Notify({Audience.REQUESTER: (Topic.NEW, Topic.REPLIES), Audience.WATCHERS: ()}, ("a@x.example",))
        assert line_of(notify) == "requester: new replies; watchers: -; also: a@x.example"

    @given(st.dictionaries(st.sampled_from(Audience), topics), addresses)
    def test_what_was_written_is_read(self, heard: dict[Audience, tuple[Topic, ...]], further: tuple[str, ...]) -> None:
        line = line_of(Notify(heard, further))
        assert line
        assert read_line(line) == (heard, further)
