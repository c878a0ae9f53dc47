"""The notebook runs from a clean start, as a script and as an application; it publishes on a click only."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.notebooks.make import COLUMNS, make_leads, make_snapshot
from workspace.handing_in import HandInRefused, PublishRequest, Version, hand_in, prepare
from workspace.lead_panels import knob_panel
from workspace.lead_snapshot import ARTIFACT_FILE, RECIPE_FILE, LeadSnapshot, NoSnapshot, open_snapshot
from workspace.models.lead_score import artifact, recipe
from workspace.models.lead_score.fitted import FittedScore
from workspace.models.lead_score.trial import TooFewClosedLeads, try_recipe
from workspace.notebooks import lead_scoring

NOTEBOOK = Path(lead_scoring.__file__)
FAST = {"boosted_trees": False, "minimum_cases": 100}


@pytest.fixture(scope="module")
def snapshot_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_snapshot(tmp_path_factory.mktemp("snapshot"), list(make_leads()))


@pytest.fixture(scope="module")
def snapshot(snapshot_file: Path) -> LeadSnapshot:
    return open_snapshot(snapshot_file)


class Outbox:
    """Stands in for the product: keeps what was handed in."""

    def __init__(self) -> None:
        self.versions: list[tuple[Version, str]] = []

    def __call__(self, version: Version, *, note: str) -> str:
        self.versions.append((version, note))
        return f"Version {len(self.versions)} remise."


def run(snapshot: LeadSnapshot, outbox: Outbox, **defined: Any) -> Mapping[str, Any]:
    """Run the whole notebook with some of its definitions replaced."""
    _, found = lead_scoring.app.run(defs={"snapshot": snapshot, "params": FAST, "send": outbox, **defined})
    return found


class TestNotebook:
    def test_shows_everything_and_hands_in_nothing_by_itself(self, snapshot: LeadSnapshot) -> None:
        outbox = Outbox()

        found = run(snapshot, outbox)

        assert outbox.versions == []
        assert found["outcome"] == "_Rien n’est publié._"
        assert found["trial"].evaluation.metrics.auc > 0.6

    def test_hands_in_what_it_shows_when_asked(self, snapshot: LeadSnapshot) -> None:
        outbox = Outbox()

        found = run(snapshot, outbox, publish_request=PublishRequest("Les salons à part"))

        ((version, note),) = outbox.versions
        assert note == "Les salons à part"
        assert version.notebook == NOTEBOOK.read_bytes()
        assert version.manifest["data_fingerprint"] == snapshot.fingerprint
        assert version.manifest["claimed"] == found["trial"].claims()
        assert version.manifest["params"]["boosted_trees"] is False
        assert sorted(version.manifest["columns"]) == sorted(COLUMNS)

    def test_does_not_hand_in_again_when_a_knob_moves_after_a_click(self, snapshot: LeadSnapshot) -> None:
        outbox, clicked = Outbox(), PublishRequest("Une fois")
        run(snapshot, outbox, publish_request=clicked)

        run(snapshot, outbox, publish_request=clicked, params={**FAST, "regularisation": 4.0})

        assert len(outbox.versions) == 1

    def test_says_why_the_product_refused(self, snapshot: LeadSnapshot) -> None:
        def refuse(version: Version, *, note: str) -> str:
            raise HandInRefused("Dire en une phrase pourquoi.")

        _, found = lead_scoring.app.run(
            defs={"snapshot": snapshot, "params": FAST, "send": refuse, "publish_request": PublishRequest("")}
        )

        assert found["outcome"] == "**Non publié.** Dire en une phrase pourquoi."

    def test_runs_as_a_script(self, snapshot_file: Path) -> None:
        done = subprocess.run(
            [sys.executable, str(NOTEBOOK), "--", "--snapshot", str(snapshot_file)],
            capture_output=True,
            text=True,
            timeout=180,
            env={**os.environ, "PYTHONPATH": str(NOTEBOOK.parents[2])},
            check=False,
        )

        assert done.returncode == 0, done.stderr

    def test_takes_the_knobs_of_a_version(self, tmp_path: Path) -> None:
        panel = knob_panel(COLUMNS, {"regularisation": 4.0, "excluded_columns": ["canton", "gone"]})

        assert panel.value["regularisation"] == 4.0
        assert panel.value["excluded_columns"] == ["canton"]

    def test_passes_marimos_check(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "marimo", "check", "--strict", str(NOTEBOOK)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode == 0, done.stdout + done.stderr


class TestPublishRequest:
    def test_can_be_taken_once(self) -> None:
        request = PublishRequest("note")

        assert (request.take(), request.take()) == ("note", None)


def fit(snapshot: LeadSnapshot, params: Mapping[str, Any]) -> FittedScore:
    won = snapshot.closed.outcomes["won"].to_numpy(dtype=bool)
    return recipe.fit(snapshot.closed.answers, won, params=params, seed=3)


def prepared(snapshot: LeadSnapshot, params: Mapping[str, Any] = FAST) -> Version:
    return prepare(snapshot, fit(snapshot, params), params=params, claims={}, notebook=b"source")


class TestPrepare:
    def test_names_the_recipe_that_gives_the_very_same_score(self, snapshot: LeadSnapshot) -> None:
        version = prepared(snapshot)

        again = fit(snapshot, version.manifest["params"]).score(snapshot.closed.answers)["probability"]
        announced = artifact.load(version.artifact).score(snapshot.closed.answers)["probability"]
        assert version.manifest["seed"] == 3
        assert announced.equals(again)

    def test_names_the_same_version_the_same(self, snapshot: LeadSnapshot) -> None:
        assert prepared(snapshot).manifest == prepared(snapshot).manifest


class TestHandIn:
    def test_says_when_it_does_not_run_inside_the_product(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BOUSSOLE_API", raising=False)

        with pytest.raises(HandInRefused, match="ne tourne pas dans Boussole"):
            hand_in(Version(b"", b"", {}), note="x")

    def test_says_when_the_product_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BOUSSOLE_API", "http://127.0.0.1:9/api/v1")
        monkeypatch.setenv("BOUSSOLE_PUBLISH_TOKEN", "token")

        with pytest.raises(HandInRefused, match="ne répond pas"):
            hand_in(Version(b"", b"", {}), note="x")


class TestTryRecipe:
    def test_learns_from_the_earlier_and_announces_the_later_leads(self, snapshot: LeadSnapshot) -> None:
        trial = try_recipe(snapshot.closed, params=FAST, seed=0, live=None)

        received = snapshot.closed.outcomes["received_at"]
        tested = received.loc[trial.predictions.index]
        assert tested.min() > received.drop(tested.index).max()
        assert trial.live is None
        assert trial.first_tenth["new"] > trial.first_tenth["all"]

    def test_compares_with_the_live_version_on_the_same_leads(self, snapshot_file: Path, tmp_path: Path) -> None:
        file = with_live_version(snapshot_file, tmp_path, params={**FAST, "excluded_columns": ["source"]})

        trial = try_recipe(open_snapshot(file).closed, params=FAST, seed=0, live=open_snapshot(file).live)

        assert trial.live_version == 4
        assert trial.live is not None
        assert trial.live.n == trial.evaluation.metrics.n
        assert trial.live.log_loss > trial.evaluation.metrics.log_loss

    def test_refuses_a_past_that_is_too_short(self, tmp_path: Path) -> None:
        few = open_snapshot(make_snapshot(tmp_path, list(make_leads(40))))

        with pytest.raises(TooFewClosedLeads, match="36 affaires closes"):
            try_recipe(few.closed, params=FAST, seed=0, live=None)


def with_live_version(snapshot_file: Path, folder: Path, *, params: Mapping[str, Any]) -> Path:
    """Copy a snapshot and put a version in use beside it."""
    file = folder / "snapshot.sqlite"
    file.write_bytes(snapshot_file.read_bytes())
    snapshot = open_snapshot(file)
    version = prepared(snapshot, params)
    (folder / ARTIFACT_FILE).write_bytes(version.artifact)
    about = {"version": 4, "params": dict(params), "seed": 3, "columns": snapshot.columns}
    (folder / RECIPE_FILE).write_text(json.dumps({**about, "cutoff_at": snapshot.cutoff_at.isoformat()}))
    return file


class TestOpenSnapshot:
    def test_says_when_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(NoSnapshot, match="nothing"):
            open_snapshot(tmp_path / "nothing.sqlite")
