"""What lets somebody in ends when it should; what is past its time is dead though DynamoDB has not removed it yet."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.people import Person, ProjectRole, SiteRole
from chalicelib.storage import access, people, projects
from chalicelib.storage.access import Holder, Link, Token, Verdict
from chalicelib.storage.models import ExpiringRow
from tests.cast import BOB, EVA, FRANK, NOW, NUMBER, OTHER_NUMBER, WEB
from tests.stage import MEMBERS_HR, OPEN_WEB, share

SOON = NOW + timedelta(minutes=10)
pytestmark = pytest.mark.usefixtures("stage")


def _person(holder: Holder | None) -> Person | None:
    return holder.person if holder else None


def rows() -> list[str]:
    return [row.pk for row in ExpiringRow.scan()]


class TestCode:
    def test_the_right_code_is_right_once(self) -> None:
        access.save_code(EVA.email, "123456", SOON)
        assert access.try_code(EVA.email, "123456", NOW) is Verdict.RIGHT
        assert access.try_code(EVA.email, "123456", NOW) is Verdict.GONE

    def test_after_five_wrong_tries_even_the_right_one_is_too_late(self) -> None:
        access.save_code(EVA.email, "123456", SOON)
        assert [access.try_code(EVA.email, f"00000{n}", NOW) for n in range(5)] == [Verdict.WRONG] * 5
        assert access.try_code(EVA.email, "123456", NOW) is Verdict.GONE

    def test_the_fifth_try_may_still_be_right(self) -> None:
        access.save_code(EVA.email, "123456", SOON)
        for n in range(4):
            access.try_code(EVA.email, f"00000{n}", NOW)
        assert access.try_code(EVA.email, "123456", NOW) is Verdict.RIGHT

    def test_a_try_is_counted_before_the_code_is_compared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        access.save_code(EVA.email, "123456", SOON)

        def cut_off(one: str, other: str) -> bool:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("chalicelib.storage.access.hmac.compare_digest", cut_off)
            for _ in range(5):
                with pytest.raises(KeyboardInterrupt):
                    access.try_code(EVA.email, "123456", NOW)
        assert access.try_code(EVA.email, "123456", NOW) is Verdict.GONE

    def test_it_is_over_at_its_very_second_though_the_row_is_there(self) -> None:
        access.save_code(EVA.email, "123456", SOON)
        assert access.try_code(EVA.email, "123456", SOON) is Verdict.GONE
        assert rows()
        assert access.try_code(EVA.email, "123456", SOON - timedelta(seconds=1)) is Verdict.RIGHT

    def test_a_new_one_replaces_the_old_one_and_gives_new_tries(self) -> None:
        access.save_code(EVA.email, "111111", SOON)
        for _ in range(5):
            access.try_code(EVA.email, "000000", NOW)
        access.save_code(EVA.email, "222222", SOON)
        assert access.try_code(EVA.email, "111111", NOW) is Verdict.WRONG
        assert access.try_code(EVA.email, "222222", NOW) is Verdict.RIGHT

    def test_it_opens_for_no_other_address(self) -> None:
        access.save_code(EVA.email, "123456", SOON)
        access.save_code(FRANK.email, "654321", SOON)
        assert access.try_code(FRANK.email, "123456", NOW) is Verdict.WRONG
        assert access.try_code("nobody@elsewhere.example", "123456", NOW) is Verdict.GONE

    def test_it_is_not_kept_in_plain_text(self) -> None:
        access.save_code(EVA.email, "123456", SOON)
        [row] = ExpiringRow.scan()
        assert "123456" not in str(row.serialize())


class TestSession:
    def test_it_opens_for_its_person(self) -> None:
        access.save_session("secret", BOB, SOON)
        assert _person(access.session("secret", BOB.email, NOW)) == BOB

    @pytest.mark.parametrize(("secret", "email"), [("other", BOB.email), ("secret", EVA.email), ("", BOB.email)])
    def test_it_opens_for_nobody_else(self, secret: str, email: str) -> None:
        access.save_session("secret", BOB, SOON)
        assert access.session(secret, email, NOW) is None

    def test_it_is_over_at_its_time(self) -> None:
        access.save_session("secret", BOB, SOON)
        assert access.session("secret", BOB.email, SOON) is None

    def test_signing_out_ends_it_and_no_other(self) -> None:
        access.save_session("here", BOB, SOON)
        access.save_session("there", BOB, SOON)
        access.end_session("here")
        assert access.session("here", BOB.email, NOW) is None
        assert _person(access.session("there", BOB.email, NOW)) == BOB

    @pytest.mark.parametrize(
        "changed",
        [
            replace(BOB, roles={WEB: ProjectRole.CUSTOMER}),
            replace(BOB, roles={}),
            replace(BOB, site_role=SiteRole.ADMIN),
            replace(BOB, active=False),
        ],
        ids=["another role", "no role", "administrator", "deactivated"],
    )
    def test_a_change_of_rights_ends_it(self, changed: object) -> None:
        access.save_session("secret", BOB, SOON)
        assert people.update(BOB, changed)  # type: ignore[arg-type]
        assert access.session("secret", BOB.email, NOW) is None

    def test_whoever_is_active_again_has_to_sign_in_again(self) -> None:
        access.save_session("secret", BOB, SOON)
        for active in (False, True):
            now = people.find(BOB.email)
            assert now is not None
            people.update(now, replace(now, active=active))
        assert access.session("secret", BOB.email, NOW) is None

    def test_a_new_name_leaves_it_open(self) -> None:
        access.save_session("secret", BOB, SOON)
        renamed = people.update(BOB, replace(BOB, name="Bob Black"))
        assert renamed
        assert _person(access.session("secret", BOB.email, NOW)) == renamed

    def test_its_secret_is_not_kept(self) -> None:
        access.save_session("a very secret secret", BOB, SOON)
        [row] = ExpiringRow.scan()
        assert "a very secret secret" not in str(row.serialize())


class TestSharing:
    """Which projects share requests is read together with whoever asks, and kept with every change of a project."""

    def test_session_and_token_bring_the_projects_that_share(self) -> None:
        access.save_session("session", EVA, SOON)
        access.save_token("token", a_token(), EVA)
        for key, shares, expected in (("WEB", True, {"WEB"}), ("HR", True, {"WEB", "HR"}), ("WEB", False, {"HR"})):
            share(key, shares)
            session, token = access.session("session", EVA.email, NOW), access.token_holder("token", NOW)
            assert session is not None
            assert session == token
            assert session.shared_projects == expected

    def test_none_share_where_none_ever_did_or_all_have_stopped(self) -> None:
        access.save_session("session", EVA, SOON)
        for shares in (None, True, False):
            if shares is not None:
                share("WEB", shares)
        holder = access.session("session", EVA.email, NOW)
        assert holder is not None
        assert holder.shared_projects == frozenset()

    def test_the_rows_of_a_new_desk_say_the_same(self) -> None:
        [row] = projects.sharing_rows([replace(OPEN_WEB, shares_requests=True), MEMBERS_HR])
        assert row.names == {"WEB"}
        assert projects.sharing_rows([OPEN_WEB, MEMBERS_HR]) == []


def a_token(name: str = "skript", until: datetime = SOON) -> Token:
    return Token(name, name, NOW, until)


class TestToken:
    def test_it_speaks_for_its_person(self) -> None:
        access.save_token("secret", a_token(), BOB)
        assert _person(access.token_holder("secret", NOW)) == BOB
        assert access.token_holder("other", NOW) is None

    def test_it_is_over_at_its_time_and_no_longer_listed(self) -> None:
        access.save_token("secret", a_token(), BOB)
        assert access.token_holder("secret", SOON) is None
        assert access.tokens(BOB.email, SOON) == []
        assert access.tokens(BOB.email, NOW) == [a_token()]

    def test_a_revoked_one_is_dead_and_the_others_live(self) -> None:
        access.save_token("first", a_token("one"), BOB)
        access.save_token("second", a_token("two"), BOB)
        assert access.revoke_token(BOB.email, "one")
        assert access.token_holder("first", NOW) is None
        assert _person(access.token_holder("second", NOW)) == BOB
        assert not access.revoke_token(BOB.email, "one")

    def test_nobody_can_revoke_one_of_somebody_else(self) -> None:
        access.save_token("secret", a_token(), BOB)
        assert not access.revoke_token(EVA.email, a_token().id)
        assert _person(access.token_holder("secret", NOW)) == BOB

    def test_it_outlives_a_change_of_roles_and_acts_with_the_new_ones(self) -> None:
        access.save_token("secret", a_token(), BOB)
        people.update(BOB, replace(BOB, roles={}))
        holder = access.token_holder("secret", NOW)
        assert holder is not None
        assert holder.person.roles == {}

    def test_it_dies_with_the_deactivation_of_its_person(self) -> None:
        access.save_token("secret", a_token(), BOB)
        people.update(BOB, replace(BOB, active=False))
        assert access.token_holder("secret", NOW) is None

    def test_it_does_not_come_back_with_its_person_though_the_index_had_missed_it(self) -> None:
        access.save_token("secret", a_token(), BOB)
        away = people.update(BOB, replace(BOB, active=False, deactivated_at=NOW))
        assert away
        back = people.update(away, replace(away, active=True))
        assert access.token_holder("secret", NOW) is None
        access.save_token("new", replace(a_token(), created_at=NOW + timedelta(seconds=1)), BOB)
        assert _person(access.token_holder("new", NOW)) == back


class TestEverything:
    def test_all_that_one_person_holds_ends_and_what_others_hold_stays(self) -> None:
        access.save_token("token", a_token(), EVA)
        access.save_token("of frank", a_token(), FRANK)
        for who, number in ((EVA, NUMBER), (EVA, OTHER_NUMBER), (FRANK, NUMBER)):
            access.save_link(f"{who.name} {number}", Link(number, who.email), SOON)
        access.revoke_everything(EVA.email)
        assert access.token_holder("token", NOW) is None
        assert access.link(NUMBER, f"{EVA.name} {NUMBER}", NOW) is None
        assert access.link(OTHER_NUMBER, f"{EVA.name} {OTHER_NUMBER}", NOW) is None
        assert _person(access.token_holder("of frank", NOW)) == FRANK
        assert access.link(NUMBER, f"{FRANK.name} {NUMBER}", NOW)
        access.revoke_everything(EVA.email)

    def test_links_are_no_tokens(self) -> None:
        access.save_link("secret", Link(NUMBER, EVA.email), SOON)
        assert access.tokens(EVA.email, NOW) == []
        assert not access.revoke_token(EVA.email, "secret")


class TestLink:
    def test_it_opens_its_ticket_for_its_recipient(self) -> None:
        access.save_link("secret", Link(NUMBER, EVA.email), SOON)
        assert access.link(NUMBER, "secret", NOW) == (Link(NUMBER, EVA.email), SOON)

    def test_it_opens_no_other_ticket(self) -> None:
        access.save_link("secret", Link(NUMBER, EVA.email), SOON)
        assert access.link(OTHER_NUMBER, "secret", NOW) is None
        assert access.link(NUMBER, "guess", NOW) is None

    def test_it_is_over_at_its_time(self) -> None:
        access.save_link("secret", Link(NUMBER, EVA.email), SOON)
        assert access.link(NUMBER, "secret", SOON) is None

    def test_revoking_ends_all_links_of_one_recipient_to_one_ticket(self) -> None:
        access.save_link("first", Link(NUMBER, EVA.email), SOON)
        access.save_link("second", Link(NUMBER, EVA.email), SOON)
        access.save_link("franks", Link(NUMBER, FRANK.email), SOON)
        access.save_link("other", Link(OTHER_NUMBER, EVA.email), SOON)
        assert access.revoke_links(NUMBER, EVA.email) == 2
        assert access.revoke_links(NUMBER, EVA.email) == 0
        assert [bool(access.link(NUMBER, secret, NOW)) for secret in ("first", "second", "franks")] == [
            False,
            False,
            True,
        ]
        assert access.link(OTHER_NUMBER, "other", NOW)
