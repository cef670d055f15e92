"""The static files."""

import pytest

from chalicelib import urls
from tests.web.conftest import Browser


class TestStatic:
    @pytest.mark.parametrize(
        ("name", "kind"), [("base.css", "text/css"), ("upload.js", "text/javascript"), ("icons.svg", "image/svg+xml")]
    )
    def test_under_its_version_it_lasts(self, browser: Browser, name: str, kind: str) -> None:
        answer = browser().get(urls.static(name))
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.text == (urls.static_folder() / name).read_text()

    def test_under_another_version_it_does_not(self, browser: Browser) -> None:
        assert "immutable" not in browser().get("/static/0/base.css").headers["cache-control"]

    def test_every_file_of_the_folder_can_be_had(self, browser: Browser) -> None:
        client = browser()
        for path in urls.static_folder().iterdir():
            assert client.get(urls.static(path.name)).status == 200, path.name

    @pytest.mark.parametrize("name", ["none.css", "..", "%2e%2e%2fbase.css", "..%2Flayout.html", "layout.html", "%00"])
    def test_nothing_else_can(self, browser: Browser, name: str) -> None:
        assert browser().get(f"/static/{urls.static_version()}/{name}").status == 404

    def test_the_sign_of_the_desk_is_where_browsers_look(self, browser: Browser) -> None:
        assert browser().get("/favicon.ico").location == urls.static("favicon.svg")
