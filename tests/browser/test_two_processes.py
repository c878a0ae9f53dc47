"""Two web processes that share by Redis what tabs hold: whichever answers, each tab finds its own."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, expect

from app.doors import do
from app.session import SESSION_COOKIE, actor_of_user
from db.access.rules import Role
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft
from tests.alone import run_alone
from tests.browser.test_every_handler import Attacker
from tests.conftest import NOW
from tests.serving import Server, free_port, serving, signed_in

READY_SECONDS = 20
TABS = 16


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test's own."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    assert program, "Redis manque : sudo apt-get install redis-server"
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    last_moment = time.monotonic() + READY_SECONDS
    while time.monotonic() < last_moment:
        try:
            with redis.Redis(port=port) as client:
                client.ping()
            return
        except redis.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("Redis did not answer")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Server]:
    """The product with two web processes."""
    data: Path = tmp_path_factory.mktemp("two")
    with serving(data, REFLEX_REDIS_URL=redis_url, BOUSSOLE_WEB_PROCESSES="2") as running:
        yield running


class TestTwoProcesses:
    def test_serve_many_tabs_at_once(self, both: Server) -> None:
        _, token = signed_in(both, Role.MANAGER)

        async def work(tab: int) -> bool:
            async with Attacker(both.url, cookie=f"{SESSION_COOKIE}={token}") as client:
                updates = await client.call("reflex___state____state.app___platform____arrival.arrive")
                return bool(updates)

        async def all_tabs() -> list[bool]:
            return await asyncio.gather(*(work(tab) for tab in range(TABS)))

        assert run_alone(all_tabs()) == [True] * TABS

    def test_let_a_person_work_through_reloads(self, both: Server, browser: Browser) -> None:
        user_id, token = signed_in(both, Role.SALES)
        with both.database():
            draft = LeadDraft(name="Boulangerie Dupont", received_at=NOW)
            do(actor_of_user(user_id, via="screen"), create_lead, draft=draft)
        context = browser.new_context(base_url=both.url, locale="fr-CH")
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": both.url, "httpOnly": True}])
        tab = context.new_page()

        for _ in range(6):  # each load may meet the other process
            tab.goto("/pistes?view=all")
            expect(tab.locator(".list tbody tr").first).to_contain_text("Boulangerie Dupont")
        tab.get_by_role("searchbox").fill("introuvable")
        expect(tab.get_by_text("Aucune piste ne correspond.")).to_be_visible()
        context.close()
