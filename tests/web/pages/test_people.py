"""The pages of administrators on people: the list, somebody new, one person, and what they have in hand."""

from dataclasses import replace

import pytest

from chalicelib import people_admin
from chalicelib.domain.people import Person, ProjectRole, SiteRole
from chalicelib.storage import people, tickets
from tests.cast import ALICE, BOB, CAROL, CAST, EVA, HANA, HR, MARIE, ROOT, WEB, called, signed_in
from tests.stage import filed, mails_to, moved
from tests.web.api.door import api_token
from tests.web.conftest import Browser
from tests.web.pages.conftest import mailed_code, run_queue
from tests.web.pages.reading import page_of

PEOPLE = "/admin/people"
BOBS = f"{PEOPLE}/{BOB.email}"
NORA = {"email": "nora@customer.example", "name": "Nora Nová", "language": "cs", "role.WEB": "customer"}
POSTS = [f"{PEOPLE}/new", BOBS, f"{BOBS}/active", f"{BOBS}/invitation", f"{BOBS}/hand-over"]


def known(person: Person) -> Person:
    found = people.find(person.email)
    assert found
    return found


class TestDoor:
    @pytest.mark.parametrize("person", [ALICE, BOB, EVA, MARIE], ids=called)
    def test_for_administrators_alone(self, browser: Browser, person: Person) -> None:
        client = browser(person)
        for path in (PEOPLE, f"{PEOPLE}/new", BOBS, f"{PEOPLE}/nobody@elsewhere.example"):
            page_of(client.get(path), 403)
        for path in POSTS:
            page_of(client.form(path, {"do": "deactivate", "version": "1", "name": "X", **NORA}), 403)
        assert known(BOB) == BOB
        assert "/admin" not in " ".join(page_of(client.get("/help")).links)

    def test_a_stranger_is_taken_to_sign_in(self, browser: Browser) -> None:
        assert browser().get(BOBS).location == "/sign-in?next=%2Fadmin%2Fpeople%2Fbob%40desk.example"
        for path in POSTS:
            page_of(browser().form(path, NORA), 401)

    def test_another_site_changes_nothing(self, browser: Browser) -> None:
        client = browser(ROOT, origin="https://evil.example")
        page_of(client.form(f"{BOBS}/active", {"do": "deactivate", "version": "1"}), 403)
        assert known(BOB) == BOB

    def test_the_wrong_method(self, browser: Browser) -> None:
        for path in (PEOPLE, f"{PEOPLE}/new", BOBS):
            assert browser(ROOT).send("DELETE", path).status == 405

    def test_nobody_of_that_address(self, browser: Browser) -> None:
        for email in ("nobody@elsewhere.example", "nobody", "a%00b", "%F0%9F", "x" * 3000):
            page_of(browser(ROOT).get(f"{PEOPLE}/{email}"), 404)
            page_of(browser(ROOT).form(f"{PEOPLE}/{email}", {**NORA, "version": "1"}), 404)


class TestList:
    def test_everybody_with_what_they_are(self, browser: Browser) -> None:
        people.update(CAROL, replace(CAROL, active=False))
        answer = browser(ROOT).get(PEOPLE)
        page = page_of(answer)
        assert all(person.email in page.words for person in CAST)
        assert f"{PEOPLE}/eva@customer.example" in page.links
        assert answer.text.count('<span class="badge closed">Out</span>') == 1

    def test_narrowed_by_address_project_and_organisation(self, browser: Browser) -> None:
        root = browser(ROOT)
        acme = people_admin.create_organisation("Acme", signed_in(ROOT))
        people.update(EVA, replace(EVA, organisation=acme.id))
        assert ALICE.email in page_of(root.get(PEOPLE, q="alice")).words
        assert BOB.email not in page_of(root.get(PEOPLE, q="alice")).words
        assert BOB.email not in page_of(root.get(PEOPLE, project=HR)).words
        of_acme = page_of(root.get(PEOPLE, organisation=acme.id))
        assert EVA.email in of_acme.words
        assert BOB.email not in of_acme.words
        assert "Nobody answers this" in page_of(root.get(PEOPLE, q="<zzz>")).words

    def test_in_pages(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("chalicelib.web.pages.people.ROWS", 4)
        root = browser(ROOT)
        seen, path = "", PEOPLE
        for _ in range(3):
            page = page_of(root.get(path))
            seen += page.words
            path = next((link for link in page.links if "cursor=" in link), "")
        assert not path
        assert all(person.email in seen for person in CAST)

    def test_both_a_project_and_an_organisation(self, browser: Browser) -> None:
        page = page_of(browser(ROOT).get(PEOPLE, project=HR, organisation="x"), 422)
        assert "not both" in page.words


class TestNew:
    def test_somebody_is_invited_and_signs_in(self, browser: Browser) -> None:
        root = browser(ROOT)
        form = page_of(root.get(f"{PEOPLE}/new")).form(f"{PEOPLE}/new")
        assert form.offered["site_role"] == ["", "manager", "admin"]
        assert "role.OLD" not in form.fields
        answer = root.form(f"{PEOPLE}/new", form.filled(**NORA))
        page = page_of(root.follow(answer))
        assert "The invitation is on its way." in page.words
        run_queue()
        nora = known(Person(NORA["email"], "", "cs"))
        assert (nora.roles, nora.language) == ({WEB: ProjectRole.CUSTOMER}, "cs")
        assert len(mails_to(nora)) == 1

        client = browser()
        client.form("/sign-in", {"email": nora.email})
        client.form("/sign-in", {"email": nora.email, "code": mailed_code(nora)})
        assert client.get("/my").status == 200

    def test_what_is_wrong_is_said_beside_what_was_typed(self, browser: Browser) -> None:
        root = browser(ROOT)
        wrong = {**NORA, "email": "nora", "name": "=1+1", "role.NOPE": "solver"}
        page = page_of(root.form(f"{PEOPLE}/new", wrong), 422)
        form = page.form(f"{PEOPLE}/new")
        assert form.fields["email"] == ["nora"]
        assert form.fields["name"] == ["=1+1"]
        assert form.fields["role.WEB"] == ["customer"]
        assert "This is not an e-mail address we can write to." in page.words

    @pytest.mark.parametrize(
        "wrong",
        [
            {"language": "de"},
            {"site_role": "root"},
            {"role.WEB": "boss"},
            {"organisation": "nope"},
            {"reports_on": "WEB"},
        ],
        ids=str,
    )
    def test_forged_choices(self, browser: Browser, wrong: dict[str, str]) -> None:
        page_of(browser(ROOT).form(f"{PEOPLE}/new", {**NORA, **wrong}), 422)
        assert people.find(NORA["email"]) is None

    def test_an_address_that_is_taken(self, browser: Browser) -> None:
        page = page_of(browser(ROOT).form(f"{PEOPLE}/new", {**NORA, "email": EVA.email}), 409)
        assert "Somebody has this address already." in page.words
        assert known(EVA) == EVA


class TestChange:
    def test_the_form_says_what_is_and_changes_it(self, browser: Browser) -> None:
        root = browser(ROOT)
        form = page_of(root.get(BOBS)).form(BOBS)
        assert (form.fields["name"], form.fields["role.WEB"], form.fields["version"]) == ([BOB.name], ["solver"], ["1"])
        changed = form.filled(name="Bob Bílý", **{"role.WEB": "", "role.HR": "solver"})
        page = page_of(root.follow(root.form(BOBS, {**changed, "site_role": "manager", "reports_on": ["HR", "WEB"]})))
        assert "Saved." in page.words
        bob = known(BOB)
        assert (bob.name, bob.roles, bob.site_role) == ("Bob Bílý", {HR: ProjectRole.SOLVER}, SiteRole.MANAGER)
        assert bob.reports_on == ("HR", "WEB")
        assert page.form(BOBS).fields["reports_on"] == ["HR", "WEB"]

    def test_an_old_page_shows_what_is_new_and_keeps_what_was_typed(self, browser: Browser) -> None:
        root = browser(ROOT)
        form = page_of(root.get(BOBS)).form(BOBS)
        people.update(BOB, replace(BOB, name="Bob Bílý"))
        page = page_of(root.form(BOBS, form.filled(name="Robert")), 409)
        assert "Bob Bílý" in page.words
        assert page.form(BOBS).fields["name"] == ["Robert"]
        assert page.form(BOBS).fields["version"] == ["2"]
        assert known(BOB).name == "Bob Bílý"

    def test_one_own_rights_stay(self, browser: Browser) -> None:
        root = browser(ROOT)
        path = f"{PEOPLE}/{ROOT.email}"
        page = page_of(root.get(path))
        assert f"{path}/active" not in [form.action for form in page.forms]
        refused = page_of(root.form(path, page.form(path).filled(site_role="")), 409)
        assert "You cannot take your own rights away." in refused.words
        page_of(root.form(f"{path}/active", {"do": "deactivate", "version": "1"}), 409)
        assert known(ROOT) == ROOT

    def test_markup_in_a_name_is_text(self, browser: Browser) -> None:
        people.update(BOB, replace(BOB, name="<script>alert(1)</script>"))
        root = browser(ROOT)
        for path in (PEOPLE, BOBS):
            assert "<script>alert" not in root.get(path).text


class TestAccess:
    def test_deactivated_and_let_in_again(self, browser: Browser) -> None:
        root, bob = browser(ROOT), browser(BOB)
        program = browser(token=api_token(BOB), origin=None)
        form = page_of(root.get(BOBS)).form(f"{BOBS}/active")
        page = page_of(root.follow(root.form(f"{BOBS}/active", form.filled(do="deactivate"))))
        assert "signed out everywhere" in page.words
        assert bob.get("/desk").status == 303
        assert program.get("/api/v1/me").status == 401
        again = page.form(f"{BOBS}/active")
        assert (
            "May sign in again."
            in page_of(root.follow(root.form(f"{BOBS}/active", again.filled(do="reactivate")))).words
        )
        assert bob.get("/desk").status == 303
        assert known(BOB).active

    def test_a_project_that_is_left_without_a_manager_is_named(self, browser: Browser) -> None:
        root, path = browser(ROOT), f"{PEOPLE}/{ALICE.email}"
        assert "Nobody manages" not in page_of(root.get(path)).words
        people.update(ALICE, replace(ALICE, active=False))
        page = page_of(root.get(path))
        assert "Nobody manages these projects any more." in page.words
        assert "/admin/projects/WEB" in page.links
        people.update(BOB, replace(BOB, roles={WEB: ProjectRole.PROJECT_MANAGER}))
        assert "Nobody manages" not in page_of(root.get(path)).words

    def test_an_old_page_deactivates_nobody(self, browser: Browser) -> None:
        people.update(BOB, replace(BOB, name="Bob Bílý"))
        page = page_of(browser(ROOT).form(f"{BOBS}/active", {"do": "deactivate", "version": "1"}), 409)
        assert "Somebody changed this person meanwhile." in page.words
        assert known(BOB).active

    def test_invited_again_but_not_without_end(self, browser: Browser) -> None:
        root = browser(ROOT)
        for _ in range(3):
            assert "sent once more" in page_of(root.follow(root.form(f"{BOBS}/invitation", {}))).words
        answer = root.form(f"{BOBS}/invitation", {})
        assert int(answer.headers["retry-after"]) > 0
        page_of(answer, 429)
        run_queue()
        assert len(mails_to(BOB)) == 3


class TestHandOver:
    @pytest.fixture
    def in_hand(self, stage: None) -> list[str]:
        """Three requests that Bob has in hand, and one that he finished."""
        found = [moved(filed(subject=f"Požadavek {n}"), "hand_over", ALICE, assignee=BOB.email) for n in range(4)]
        moved(found[3], "finish", BOB)
        return [ticket.number for ticket in found[:3]]

    def test_all_of_them_go_to_whom_it_is_said(self, browser: Browser, in_hand: list[str]) -> None:
        root = browser(ROOT)
        form = page_of(root.get(BOBS)).form(f"{BOBS}/hand-over")
        assert sorted(each.partition(":")[0] for each in form.fields["requests"]) == in_hand
        assert form.offered["to.WEB"] == ["", ALICE.email, CAROL.email]
        page = page_of(root.follow(root.form(f"{BOBS}/hand-over", form.filled(**{"to.WEB": CAROL.email}))))
        assert "Handed over." in page.words
        assert not [each for each in page.forms if each.action.endswith("hand-over")]
        assert {tickets.load(number).assignee for number in in_hand} == {CAROL.contact}

    def test_some_go_and_the_others_say_why_not(self, browser: Browser, in_hand: list[str]) -> None:
        root = browser(ROOT)
        form = page_of(root.get(BOBS)).form(f"{BOBS}/hand-over")
        moved(tickets.load(in_hand[0]), "finish", BOB)
        moved(tickets.load(in_hand[1]), "hand_over", ALICE, assignee=BOB.email)
        page = page_of(root.form(f"{BOBS}/hand-over", form.filled(**{"to.WEB": CAROL.email})), 409)
        assert "1 request went through." in page.words
        assert "This cannot be done in the present state of the request." in page.words
        assert "The request has changed meanwhile." in page.words
        left = page.form(f"{BOBS}/hand-over")
        assert [each.partition(":")[0] for each in left.fields["requests"]] == [in_hand[1]]
        assert tickets.load(in_hand[2]).assignee == CAROL.contact

    @pytest.mark.parametrize("to", ["", HANA.email, EVA.email, "nobody@elsewhere.example", "\0"])
    def test_nobody_else_can_be_given_them(self, browser: Browser, in_hand: list[str], to: str) -> None:
        root = browser(ROOT)
        form = page_of(root.get(BOBS)).form(f"{BOBS}/hand-over")
        page_of(root.form(f"{BOBS}/hand-over", form.filled(**{"to.WEB": to})), 422)
        assert {tickets.load(number).assignee for number in in_hand} == {BOB.contact}

    def test_forged_requests_are_none(self, browser: Browser, in_hand: list[str]) -> None:
        root = browser(ROOT)
        for forged in ("WEB-99:1", "NOPE-1:1", "\0:1", "x" * 3000, "WEB-1", ":"):
            answer = root.form(f"{BOBS}/hand-over", {"requests": [forged], "to.WEB": CAROL.email, "to.NOPE": "a@b.cz"})
            assert answer.status in (404, 409, 422), forged
        assert {tickets.load(number).assignee for number in in_hand} == {BOB.contact}

    def test_none_chosen_is_nothing_done(self, browser: Browser, in_hand: list[str]) -> None:
        root = browser(ROOT)
        assert root.form(f"{BOBS}/hand-over", {"to.WEB": CAROL.email}).status == 303

    def test_page_by_page(self, browser: Browser, in_hand: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("chalicelib.web.pages.person.ROWS", 2)
        root = browser(ROOT)
        page = page_of(root.get(BOBS))
        assert len(page.form(f"{BOBS}/hand-over").fields["requests"]) == 2
        [following] = [link for link in page.links if "cursor=" in link]
        assert len(page_of(root.get(following)).form(f"{BOBS}/hand-over").fields["requests"]) == 1


class TestOrganisations:
    PATH = "/admin/organisations"

    def test_made_and_renamed(self, browser: Browser) -> None:
        root = browser(ROOT)
        page = page_of(root.follow(root.form(self.PATH, {"name": "Řezník"})))
        assert "The organisation is made." in page.words
        [rename] = [link for link in page.links if "rename=" in link]
        opened = page_of(root.get(rename))
        [form] = [form for form in opened.forms if form.action.startswith(f"{self.PATH}/")]
        assert form.fields["name"] == ["Řezník"]
        page = page_of(root.follow(root.form(form.action, form.filled(name="Pekař"))))
        assert "Pekař" in page.words
        assert "Řezník" not in page.words
        stale = page_of(root.form(form.action, form.filled(name="Kovář")), 409)
        assert "Somebody changed this meanwhile." in stale.words

    def test_what_is_wrong(self, browser: Browser) -> None:
        root = browser(ROOT)
        root.form(self.PATH, {"name": "Řezník"})
        assert "of this name already" in page_of(root.form(self.PATH, {"name": "ŘEZNÍK"}), 409).words
        page_of(root.form(self.PATH, {"name": " "}), 422)
        page_of(root.form(f"{self.PATH}/nope", {"name": "X", "version": "1"}), 404)
        assert "Rename" in page_of(root.get(self.PATH, rename="nope")).words

    def test_for_administrators_alone(self, browser: Browser) -> None:
        for person in (ALICE, EVA, MARIE):
            page_of(browser(person).get(self.PATH), 403)
            page_of(browser(person).form(self.PATH, {"name": "X"}), 403)
            page_of(browser(person).form(f"{self.PATH}/x", {"name": "X"}), 403)
        page_of(browser().form(self.PATH, {"name": "X"}), 401)
