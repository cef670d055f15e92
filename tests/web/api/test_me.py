"""GET and PATCH /me, and one's own API tokens."""

from tests.cast import ALICE, BOB, EVA, ROOT
from tests.web.api.door import refused, wrong_method
from tests.web.conftest import Browser

ME, TOKENS = "/api/v1/me", "/api/v1/tokens"


class TestMe:
    def test_who_i_am(self, browser: Browser) -> None:
        assert browser(ROOT).get(ME).json() == {
            "email": ROOT.email,
            "name": "Root",
            "language": "en",
            "site_role": "admin",
            "projects": {},
            "notices": {"muted": [], "digest": False},
        }

    def test_what_i_am_mailed_about(self, browser: Browser) -> None:
        client = browser(EVA)
        changed = client.send("PATCH", ME, {"notices": {"muted": ["states", "new", "new"], "digest": True}}).json()
        assert changed["notices"] == {"muted": ["new", "states"], "digest": True}
        assert client.send("PATCH", ME, {"notices": {"digest": False}}).json()["notices"]["muted"] == ["new", "states"]
        assert client.send("PATCH", ME, {"notices": {"muted": []}}).json()["notices"] == {"muted": [], "digest": False}
        assert client.get(ME).json()["notices"] == {"muted": [], "digest": False}

    def test_nothing_else_can_be_chosen(self, browser: Browser) -> None:
        client = browser(EVA)
        for notices in ({"muted": ["weather"]}, {"muted": "new"}, {"muted": None}):
            refused(client.send("PATCH", ME, {"notices": notices}), 422, "invalid", "notices.muted")
        refused(client.send("PATCH", ME, {"notices": {"digest": "yes"}}), 422, "invalid", "notices.digest")
        refused(client.send("PATCH", ME, {"notices": {"weekly": True}}), 422, "invalid", "notices.weekly")
        refused(client.send("PATCH", ME, {"notices": None}), 422, "invalid", "notices")
        assert client.get(ME).json()["notices"] == {"muted": [], "digest": False}

    def test_a_new_name_and_language(self, browser: Browser) -> None:
        client = browser(EVA)
        assert client.send("PATCH", ME, {"name": " Eva  Nová "}).json()["name"] == "Eva Nová"
        assert client.send("PATCH", ME, {"language": "en"}).json()["name"] == "Eva Nová"
        assert client.get(ME).json()["language"] == "en"
        assert client.send("PATCH", ME, {}).status == 200

    def test_a_name_is_needed_and_a_language_one_of_ours(self, browser: Browser) -> None:
        client = browser(EVA)
        refused(client.send("PATCH", ME, {"name": " "}), 422, "invalid", "name")
        refused(client.send("PATCH", ME, {"language": "de"}), 422, "invalid", "language")
        refused(client.send("PATCH", ME, {"language": None}), 422, "invalid", "language")
        refused(client.send("PATCH", ME, {"site_role": "admin"}), 422, "invalid", "site_role")

    def test_a_stranger_is_nobody(self, browser: Browser) -> None:
        refused(browser().get(ME), 401, "not_signed_in")
        refused(browser().send("PATCH", ME, {}), 401, "not_signed_in")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(EVA), "DELETE", ME, "GET, PATCH")


class TestTokens:
    def test_made_used_listed_and_revoked(self, browser: Browser) -> None:
        client = browser(ALICE)
        made = client.post(TOKENS, {"name": "Projector", "expires_in_days": 30})
        assert made.status == 201
        assert set(made.json()) == {"id", "token"}
        program = browser(token=made.json()["token"], origin=None)
        assert program.get(ME).json()["email"] == ALICE.email
        listed = client.get(TOKENS).json()
        assert [(each["id"], each["name"]) for each in listed["items"]] == [(made.json()["id"], "Projector")]
        assert set(listed["items"][0]) == {"id", "name", "created_at", "expires_at"}
        assert made.json()["token"] not in str(listed)
        assert client.send("DELETE", f"{TOKENS}/{made.json()['id']}").status == 204
        refused(program.get(ME), 401, "not_signed_in")

    def test_a_list_in_pages(self, browser: Browser) -> None:
        client = browser(ALICE)
        made = {client.post(TOKENS, {"name": f"{n}"}).json()["id"] for n in range(3)}
        first = client.get(TOKENS, limit=2).json()
        second = client.get(TOKENS, limit=2, cursor=first["next"]).json()
        assert {each["id"] for each in first["items"] + second["items"]} == made
        assert (len(first["items"]), second["next"]) == (2, None)
        refused(browser(BOB).get(TOKENS, cursor=first["next"]), 422, "invalid", "cursor")

    def test_days_and_name_are_bounded(self, browser: Browser) -> None:
        client = browser(ALICE)
        for days in (0, 366, -1, 10**30):
            refused(client.post(TOKENS, {"name": "x", "expires_in_days": days}), 422, "invalid", "expires_in_days")
        refused(client.post(TOKENS, {"name": "", "expires_in_days": 1}), 422, "invalid", "name")
        refused(client.post(TOKENS, {"expires_in_days": 1}), 422, "invalid", "name")

    def test_nobody_ends_the_token_of_another(self, browser: Browser) -> None:
        made = browser(ALICE).post(TOKENS, {"name": "mine"}).json()
        refused(browser(ROOT).send("DELETE", f"{TOKENS}/{made['id']}"), 404, "not_found")
        refused(browser().send("DELETE", f"{TOKENS}/{made['id']}"), 401, "not_signed_in")

    def test_a_stranger_has_none(self, browser: Browser) -> None:
        refused(browser().get(TOKENS), 401, "not_signed_in")
        refused(browser().post(TOKENS, {"name": "x"}), 401, "not_signed_in")

    def test_the_wrong_method(self, browser: Browser) -> None:
        wrong_method(browser(EVA), "PATCH", TOKENS, "GET, POST")
        wrong_method(browser(EVA), "GET", f"{TOKENS}/x", "DELETE")
