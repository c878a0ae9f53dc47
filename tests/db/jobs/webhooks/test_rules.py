"""Where a webhook may go, how it is signed, when it is tried again."""

from datetime import datetime, timedelta

import pytest

from db.jobs.webhooks.rules import (
    GIVEN_UP,
    UnsafeAddress,
    check_address,
    check_events,
    check_url,
    new_secret,
    next_attempt,
    signature,
)
from db.kernel.errors import BadInput

METADATA = ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1"]
OWN = ["127.0.0.1", "127.8.8.8", "::1", "10.0.0.8", "172.16.3.4", "192.168.1.20", "fd12::1", "::ffff:127.0.0.1"]


class TestCheckAddress:
    @pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
    def test_lets_public_addresses_through(self, address: str) -> None:
        check_address(address, allows_private=False)

    @pytest.mark.parametrize("address", OWN)
    def test_lets_ones_own_network_through_only_when_allowed(self, address: str) -> None:
        check_address(address, allows_private=True)
        with pytest.raises(UnsafeAddress):
            check_address(address, allows_private=False)

    @pytest.mark.parametrize("allows_private", [True, False])
    @pytest.mark.parametrize("address", METADATA)
    def test_never_lets_a_clouds_own_services_through(self, address: str, allows_private: bool) -> None:
        with pytest.raises(UnsafeAddress):
            check_address(address, allows_private=allows_private)


class TestCheckUrl:
    def test_asks_for_https_outside_ones_own_network(self) -> None:
        assert check_url(" https://example.ch/hook?x=1 ", allows_private=False) == "https://example.ch/hook?x=1"
        assert check_url("http://10.0.0.8:8000/", allows_private=True) == "http://10.0.0.8:8000/"
        with pytest.raises(BadInput, match="https"):
            check_url("http://example.ch", allows_private=False)

    @pytest.mark.parametrize(
        "url",
        ["", "ftp://example.ch", "https://", "https://a:b@example.ch", "https://ex.ch/\r\nX: 1", "https://[", "x"],
    )
    def test_refuses_what_is_no_plain_address(self, url: str) -> None:
        with pytest.raises(BadInput):
            check_url(url, allows_private=True)


class TestCheckEvents:
    def test_refuses_none_and_unknown_ones(self) -> None:
        assert check_events(["crm.lead_created", "crm.lead_created"]) == ["crm.lead_created"]
        for chosen in ([], ["payroll.paid"]):
            with pytest.raises(BadInput):
                check_events(chosen)


class TestSignature:
    def test_is_that_of_the_standards_own_example(self) -> None:
        """Source: Standard Webhooks, reference libraries' test vector."""
        given = {"message_id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "timestamp": 1614265330, "body": b'{"test": 2432232314}'}

        made = signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", **given)

        assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_differs_for_every_secret(self) -> None:
        made = {signature(new_secret(), message_id="m", timestamp=1, body=b"") for _ in range(5)}

        assert len(made) == 5


class TestNextAttempt:
    def test_waits_longer_each_time_and_gives_up_after_a_day(self, clock: datetime) -> None:
        at, waits = clock, []
        while (following := next_attempt(len(waits) + 1, first_at=clock, at=at)) is not None:
            waits.append(following - at)
            at = following

        assert waits == sorted(waits)
        assert waits[0] == timedelta(seconds=5)
        assert timedelta(hours=15) < at - clock <= GIVEN_UP
