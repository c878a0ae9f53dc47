"""Behind a TLS proxy: the product knows its public address, and believes nobody but the proxy."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.doors import ask, do, now
from app.notebooks.places import origin_beside
from app.origins import public_origin, public_url
from app.trouble import BadAddress
from db.access.people.actions import add_user
from db.access.people.queries import user_names
from db.access.people.sessions.queries import browsers
from db.access.rules import Role, system_actor
from tests.serving import Server, serving

PUBLIC = "https://boussole.exemple.ch"
PASSWORD = "quatre mots bien choisis"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product as it runs behind Caddy."""
    with serving(tmp_path_factory.mktemp("public"), PUBLIC_URL=PUBLIC) as running:
        with running.database():
            do(
                system_actor(),
                add_user,
                name="Anne Rey",
                email="anne@example.ch",
                roles=[Role.SALES],
                password=PASSWORD,
            )
        yield running


def post(server: Server, origin: str, host: str = "boussole.exemple.ch") -> http.client.HTTPResponse:
    """Post the sign-in form as the proxy forwards it."""
    place = urlsplit(server.url)
    asking = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    headers = {
        "Host": host,
        "Origin": origin,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": "198.51.100.9, 203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
    }
    asking.request("POST", "/auth/sign-in", urlencode({"email": "anne@example.ch", "password": PASSWORD}), headers)
    return asking.getresponse()


class TestSignIn:
    def test_the_cookie_is_for_tls_only_and_the_address_is_the_one_that_the_proxy_saw(self, behind: Server) -> None:
        answer = post(behind, PUBLIC)

        assert answer.status == 303
        [cookie] = [value for value in answer.headers.get_all("set-cookie") or [] if "boussole_session=" in value]
        assert {"Secure", "HttpOnly"} <= {part.strip() for part in cookie.split(";")}
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert not answer.headers["location"].startswith("http")  # no address out of a header
        with behind.database():
            system = system_actor()
            [anne] = ask(system, user_names)
            assert {one.address for one in ask(system, browsers, user_id=anne, at=now())} == {"203.0.113.7"}

    @pytest.mark.parametrize(
        ("origin", "host", "status"),
        [
            ("https://evil.example", "boussole.exemple.ch", 403),
            ("http://boussole.exemple.ch", "boussole.exemple.ch", 403),
            (PUBLIC, "evil.example", 421),
        ],
    )
    def test_refuses_other_origins_and_names(self, origin: str, host: str, status: int, behind: Server) -> None:
        assert post(behind, origin, host).status == status


class TestWebSocket:
    def test_opens_for_our_own_page(self, behind: Server) -> None:
        with _socket(behind, PUBLIC):
            pass

    @pytest.mark.parametrize("origin", ["https://evil.example", "https://carnets.boussole.exemple.ch", "null"])
    def test_is_refused_to_any_other(self, origin: str, behind: Server) -> None:
        with pytest.raises(InvalidStatus), _socket(behind, origin):
            pass


def _socket(server: Server, origin: str) -> object:
    address = server.url.replace("http:", "ws:") + "/_event/?EIO=4&transport=websocket"
    return connect(address, origin=origin, additional_headers={"Host": "boussole.exemple.ch"}, open_timeout=20)  # type: ignore[arg-type]


class TestAddresses:
    def test_links_and_notebooks_follow_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", PUBLIC + "/")

        assert public_origin() == PUBLIC
        assert origin_beside("boussole.exemple.ch") == "https://carnets.boussole.exemple.ch"

    @pytest.mark.parametrize("wrong", ["boussole.exemple.ch", "ftp://x.ch", "https://x.ch/app", "https://a@x.ch"])
    def test_refuses_what_is_none(self, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", wrong)

        with pytest.raises(BadAddress, match="PUBLIC_URL"):
            public_url()
