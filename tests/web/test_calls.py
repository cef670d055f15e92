"""What a call says of whoever makes it: the cookies they carry, the network they come from."""

import pytest

from chalicelib.web import cookies
from chalicelib.web.calls import network_of
from tests.cast import EVA
from tests.web.conftest import Browser


@pytest.mark.parametrize(
    "foreign",
    ['a={"x":1}', "foo[bar]=1", "x=a,b c", "broken", "ž=1", "=", "a=b=c", 'q="', "$Version=1", "Path=/; Max-Age=0", ""],
)
def test_the_cookies_of_others_hide_none_of_ours(foreign: str) -> None:
    for header in (f"{foreign}; language=cs", f"language=cs; {foreign}", f"{foreign};language=cs"):
        assert cookies.jar(header)["language"] == "cs"


def test_a_session_survives_a_strange_cookie(browser: Browser) -> None:
    client = browser(EVA)
    client.cookies = {"consent": '{"all":true}', **client.cookies}
    assert client.get("/api/v1/me").json()["email"] == EVA.email


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_limits_count_a_whole_line_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_another_address_of_the_same_line_is_no_way_round_a_limit(browser: Browser) -> None:
    order = {"email": "not@known.example", "code": "123456"}
    answers = [browser(network=f"2001:db8::{n:x}").post("/api/v1/session", order).status for n in range(21)]
    assert answers[-1] == 429
    others = [
        browser(network=f"2001:db8::{n:x}")
        .post("/api/v1/session", {"email": f"x{n}@known.example", "code": "1"})
        .status
        for n in range(100)
    ]
    assert others[-1] == 429
