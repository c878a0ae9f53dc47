"""Hand-ins: whole or not at all, once per manifest, safe for two analysts, never changed afterwards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.documents import store
from db.insights.proposals.actions import NoteMissing, expire_proposals, hand_in, propose_version, refuse_draft
from db.insights.proposals.queries import check_of, file_of, version, versions
from db.insights.proposals.rules import (
    BuiltWithAnotherLibrary,
    FileTampered,
    FileTooLarge,
    ManifestIncomplete,
    NoSuchModel,
    VersionState,
    check_library,
    read_manifest,
)
from db.kernel.errors import NotAllowed
from db.kernel.lifecycle import WrongStep
from tests.db.insights.make import MODEL, findings, hand_in_one, manifest, proposed, state_of

People = dict[Role, Actor]


class TestReadManifest:
    @pytest.mark.parametrize(
        "change",
        [
            {"cutoff_at": "2026-11-01T00:00:00"},
            {"cutoff_at": None},
            {"data_fingerprint": ""},
            {"files": {"artifact.skops": "0" * 64}},
            {"files": {"artifact.skops": "x", "notebook.py": "0" * 64}},
            {"packages": []},
            {"seed": True},
            {"claimed": "0.9"},
        ],
    )
    def test_refuses_what_does_not_say_enough(self, change: dict[str, Any]) -> None:
        with pytest.raises(ManifestIncomplete, match=next(iter(change))):
            read_manifest(manifest(b"a", b"b", **change))


class TestCheckLibrary:
    def test_lets_another_patch_release_pass(self) -> None:
        check_library({"scikit-learn": "1.9.0"}, running="1.9.1")

    @pytest.mark.parametrize("made", ["1.8.1", "2.9.1"])
    def test_refuses_another_release(self, made: str) -> None:
        with pytest.raises(BuiltWithAnotherLibrary, match=made):
            check_library({"scikit-learn": made}, running="1.9.1")

    def test_refuses_silence(self) -> None:
        with pytest.raises(BuiltWithAnotherLibrary):
            check_library({}, running="1.9.1")


class TestHandIn:
    def test_keeps_files_claims_and_author_as_a_draft(self, people: People, clock: datetime) -> None:
        receipt = hand_in_one(people[Role.ANALYST], clock)

        kept = ask(people[Role.MANAGER], version, model=MODEL, number=receipt.version)
        assert (kept.state, kept.version, kept.author_name) == (VersionState.DRAFT, 1, "Analyst")
        assert kept.claimed == {"auc": 0.9}
        assert file_of(kept, "artifact.skops") == b"a model"

    def test_is_one_version_for_the_same_manifest(self, people: People, clock: datetime) -> None:
        first = hand_in_one(people[Role.ANALYST], clock)
        again = hand_in_one(people[Role.ANALYST], clock + timedelta(hours=1), note="Encore")

        assert (again.version_id, again.already) == (first.version_id, True)
        assert len(ask(people[Role.ANALYST], versions, model=MODEL)) == 1

    def test_numbers_versions_without_gap_when_analysts_publish_at_once(self, people: People, clock: datetime) -> None:
        def publish(i: int) -> int:
            return hand_in_one(people[Role.ANALYST], clock, artifact=f"model {i % 6}".encode()).version

        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(publish, range(12)))

        assert sorted(set(numbers)) == [1, 2, 3, 4, 5, 6]
        assert numbers[:6] == numbers[6:]

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.SALES, Role.ADMINISTRATOR])
    def test_is_for_analysts(self, people: People, clock: datetime, role: Role) -> None:
        with pytest.raises(NotAllowed):
            hand_in_one(people[role], clock)

    def test_refuses_a_flipped_byte_by_the_name_of_its_file(self, people: People, clock: datetime) -> None:
        claims = manifest(b"a model", b"import marimo")

        with pytest.raises(FileTampered, match=r"notebook\.py"):
            do(
                people[Role.ANALYST],
                hand_in,
                at=clock,
                model=MODEL,
                manifest=claims,
                artifact=b"a model",
                notebook=b"import marimp",
                note="x",
            )
        assert ask(people[Role.ANALYST], versions, model=MODEL) == []

    def test_refuses_an_empty_file(self, people: People, clock: datetime) -> None:
        with pytest.raises(FileTooLarge, match=r"artifact\.skops"):
            hand_in_one(people[Role.ANALYST], clock, artifact=b"")

    def test_refuses_a_version_without_a_note(self, people: People, clock: datetime) -> None:
        with pytest.raises(NoteMissing):
            hand_in_one(people[Role.ANALYST], clock, note="  ")

    def test_refuses_an_unknown_model(self, people: People, clock: datetime) -> None:
        with pytest.raises(NoSuchModel):
            do(
                people[Role.ANALYST],
                hand_in,
                at=clock,
                model="churn",
                manifest=manifest(b"a", b"b"),
                artifact=b"a",
                notebook=b"b",
                note="x",
            )


class TestProposeVersion:
    def test_keeps_claims_and_measures_apart(self, people: People, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        check = ask(people[Role.MANAGER], check_of, version_id=version_id)
        assert check is not None
        assert check.measured == {"auc": 0.8}
        assert ask(people[Role.MANAGER], version, model=MODEL, number=1).claimed == {"auc": 0.9}

    @pytest.mark.parametrize("role", list(Role))
    def test_is_for_no_person(self, people: People, clock: datetime, role: Role) -> None:
        version_id = hand_in_one(people[Role.ANALYST], clock).version_id

        with pytest.raises(NotAllowed):
            do(people[role], propose_version, at=clock, version_id=version_id, findings=findings())
        assert state_of(version_id) == "draft"

    def test_refuses_what_was_refused(self, people: People, system: Actor, clock: datetime) -> None:
        version_id = hand_in_one(people[Role.ANALYST], clock).version_id
        do(system, refuse_draft, at=clock, version_id=version_id, problem="artifact.skops")

        with pytest.raises(WrongStep):
            do(system, propose_version, at=clock, version_id=version_id, findings=findings())


class TestExpireProposals:
    def test_closes_what_nobody_decided(self, people: People, system: Actor, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        assert do(system, expire_proposals, at=clock + timedelta(days=29)) == 0
        assert do(system, expire_proposals, at=clock + timedelta(days=31)) == 1
        assert state_of(version_id) == "expired"


class TestFileOf:
    def test_refuses_a_file_altered_on_disk_by_its_name(self, people: People, clock: datetime) -> None:
        receipt = hand_in_one(people[Role.ANALYST], clock)
        kept = ask(people[Role.ANALYST], version, model=MODEL, number=receipt.version)
        place = store.path_of(kept.files["artifact.skops"])
        content = bytearray(place.read_bytes())
        content[3] ^= 1
        place.chmod(0o600)
        place.write_bytes(bytes(content))

        with pytest.raises(FileTampered, match=r"artifact\.skops"):
            file_of(kept, "artifact.skops")


class TestModelVersionTable:
    @pytest.mark.parametrize(
        "change",
        ["files = '{}'", "claimed = '{\"auc\": 1}'", "author_name = 'Autre'", "manifest_sha256 = 'x'", "version = 9"],
    )
    def test_refuses_changes_of_what_was_handed_in(
        self, people: People, database: Engine, clock: datetime, change: str
    ) -> None:
        hand_in_one(people[Role.ANALYST], clock)

        with pytest.raises(DBAPIError, match="model_version"), database.begin() as connection:
            connection.execute(text(f"update model_version set {change}"))

    def test_refuses_deletion(self, people: People, database: Engine, clock: datetime) -> None:
        hand_in_one(people[Role.ANALYST], clock)

        with pytest.raises(DBAPIError, match="model_version"), database.begin() as connection:
            connection.execute(text("delete from model_version"))

    def test_refuses_two_live_versions(self, people: People, database: Engine, clock: datetime) -> None:
        hand_in_one(people[Role.ANALYST], clock, artifact=b"one")
        hand_in_one(people[Role.ANALYST], clock, artifact=b"two")

        with pytest.raises(IntegrityError), database.begin() as connection:
            connection.execute(text("update model_version set state = 'live'"))

    def test_refuses_changes_of_what_was_recomputed(self, people: People, database: Engine, clock: datetime) -> None:
        proposed(people[Role.ANALYST], clock)

        with pytest.raises(DBAPIError, match="model_check"), database.begin() as connection:
            connection.execute(text("update model_check set measured = '{}'"))
