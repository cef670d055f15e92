"""Every link comes from the configured base URL; none leads to another site; no secret is where a server sees it."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_given
from hypothesis import strategies as st

from chalicelib import config, urls
from chalicelib.config import Settings

ENVIRONMENT = {
    "BASE_URL": "https://desk.example",
    "SIGNING_KEY": "k",
    "MAIL_FROM": "desk@desk.example",
    "TICKETS_TABLE": "t",
    "HISTORY_TABLE": "h",
    "DIRECTORY_TABLE": "d",
    "COUNTERS_TABLE": "c",
    "FILES_TABLE": "f",
    "EXPIRING_TABLE": "e",
    "FILES_BUCKET": "b",
    "MAIL_QUEUE_URL": "q",
}


@pytest.fixture(params=["", "/api"], ids=["at the root", "under a stage"])
def prefix(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    served: Settings = replace(config.read(ENVIRONMENT), base_url=f"https://desk.example{request.param}")
    monkeypatch.setattr(urls, "settings", lambda: served)
    return str(request.param)


class TestPages:
    def test_they_stay_under_the_prefix(self, prefix: str) -> None:
        pages = [
            urls.home(),
            urls.new(),
            urls.new("WEB"),
            urls.thanks("WEB-1"),
            urls.ticket("WEB-1"),
            urls.ticket_act("WEB-1", "move"),
            urls.desk(),
            urls.desk_ticket("WEB-1"),
            urls.desk_act("WEB-1", "move"),
            urls.my(),
            urls.sign_in(),
            urls.sign_out(),
            urls.find(),
            urls.help(),
            urls.language(),
            urls.projects(),
            urls.new_project(),
            urls.project("WEB"),
            urls.project_act("WEB", "closing"),
            urls.undelivered(),
            urls.attachment("f1"),
            urls.api("/tickets"),
            urls.static("base.css"),
        ]
        assert len(set(pages)) == len(pages)
        assert all(page.startswith(f"{prefix}/") and "//" not in page for page in pages)

    def test_what_is_put_into_them_stays_in_its_place(self, prefix: str) -> None:
        evil = "../x?y=1#z&<\"'>\r\n č"
        for page in (urls.ticket(evil), urls.new(evil), urls.attachment(evil), urls.desk_ticket(evil)):
            assert page.isascii()
            parts = urlsplit(f"https://desk.example{page}")
            assert (parts.query, parts.fragment) == ("", "")
            assert not set(page) & set("<>\"'\r\n ")
        assert urlsplit(urls.my("a&b=c#d")).fragment == ""
        assert urls.desk([("state", "new"), ("q", ""), ("q", "č&x")]) == f"{prefix}/desk?state=new&q=%C4%8D%26x"

    def test_empty_queries_are_left_out(self, prefix: str) -> None:
        assert urls.my(None) == f"{prefix}/my"
        assert urls.sign_in("") == f"{prefix}/sign-in"
        assert urls.sign_in("/t/WEB-1?x=1") == f"{prefix}/sign-in?next=%2Ft%2FWEB-1%3Fx%3D1"


class TestMailed:
    def test_they_are_full_addresses_with_the_secret_in_the_fragment(self, prefix: str) -> None:
        link = urls.mailed_ticket("WEB-1", "WEB-1.secret")
        parts = urlsplit(link)
        assert link.startswith(f"https://desk.example{prefix}/t/WEB-1")
        assert "secret" not in parts.path + parts.query
        assert parts.fragment == "k=WEB-1.secret"
        assert urls.mailed_desk_ticket("WEB-1") == f"https://desk.example{prefix}/desk/WEB-1"

    def test_the_origin_is_what_a_browser_says(self, prefix: str) -> None:
        assert urls.origin() == "https://desk.example"


class TestLocalPath:
    def test_paths_of_the_desk_are_followed(self, prefix: str) -> None:
        for path in ("/", "/t/WEB-1", "/desk?state=new&x=%2F%2Fevil.example", "/t/WEB-1#reply"):
            assert urls.local_path(prefix + path) == prefix + path

    @pytest.mark.parametrize(
        "evil",
        [
            "",
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/x\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "/\0",
            " //evil.example",
            "desk.example",
            "/api\\..\\x",
        ],
    )
    def test_other_sites_are_not(self, prefix: str, evil: str) -> None:
        assert urls.local_path(evil) is None

    @settings_of_given(deadline=None, max_examples=300)
    @given(st.text(alphabet="/\\.:@?#\t\r\n aevilhttps", max_size=20))
    def test_whatever_is_let_through_stays_on_this_site(self, text: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(urls, "prefix", lambda: "")
            path = urls.local_path("/" + text) or "/"
        # as the URL standard reads it: backslashes are slashes, tabs and line ends are nothing
        read = path.replace("\\", "/").translate({9: None, 10: None, 13: None})
        assert read.startswith("/")
        assert not read.startswith("//")


class TestStatic:
    def test_the_address_changes_with_the_content(self, prefix: str) -> None:
        assert urls.static("base.css") == f"{prefix}/static/{urls.static_version()}/base.css"
        assert len(urls.static_version()) == 12
        assert (urls.static_folder() / "base.css").is_file()
