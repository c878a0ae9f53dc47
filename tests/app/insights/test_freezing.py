"""The frozen notebook: run confined on the author's own snapshot, with the version's knobs, nothing from elsewhere."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.doors import now
from app.insights.freezing import freeze, with_our_assets
from db.access.rules import Actor, Role
from db.documents import store
from tests.app.insights.make import facts_of, hand_in_fitted, past_and_present

PROBE = b"""import marimo
app = marimo.App()

@app.cell
def _():
    import json, os, pathlib
    params = json.loads(pathlib.Path("params.json").read_text())
    print("minimum", params["minimum_cases"], "secret", os.environ.get("BOUSSOLE_DATA"))
    try:
        os.listdir(os.path.dirname(os.environ["BOUSSOLE_SNAPSHOT"]) + "/../../..")
        print("reads", "elsewhere")
    except OSError:
        print("stays", "inside")
    return

if __name__ == "__main__":
    app.run()
"""


class TestWithOurAssets:
    def test_takes_nothing_from_a_foreign_server(self) -> None:
        page = '<script src="https://cdn.jsdelivr.net/npm/@marimo-team/frontend@0.25.2/dist/assets/x.js"></script>'

        assert "jsdelivr" not in with_our_assets(page)
        assert 'src="/marimo-assets/' in with_our_assets(page)


class TestFreeze:
    @pytest.mark.parametrize("database", ["sqlite"], indirect=True)
    def test_runs_the_notebook_with_the_versions_knobs_and_without_secrets(self, people: dict[Role, Actor]) -> None:
        at: datetime = now()
        analyst = replace(people[Role.ANALYST], fresh_until=at + timedelta(hours=1))
        past_and_present(people[Role.SALES], at, closed=80, still_open=2)
        facts = facts_of(hand_in_fitted(analyst, at).version_id)
        facts = replace(facts, files={**facts.files, "notebook.py": store.put(PROBE)})

        sha256, problem = freeze(facts)

        assert problem is None
        page = store.get(sha256 or "").decode()
        assert "minimum 150 secret None" in page
        assert "stays inside" in page
        assert "cdn.jsdelivr.net/npm/@marimo-team" not in page

    @pytest.mark.parametrize("database", ["sqlite"], indirect=True)
    def test_says_why_a_notebook_cannot_be_frozen(self, people: dict[Role, Actor]) -> None:
        at = now()
        past_and_present(people[Role.SALES], at, closed=80, still_open=2)
        facts = facts_of(hand_in_fitted(people[Role.ANALYST], at).version_id)
        store.path_of(facts.files["notebook.py"]).unlink()

        sha256, problem = freeze(facts)

        assert sha256 is None
        assert "notebook.py" in (problem or "")
