import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from tests.workspace.models.lead_score.make_leads import make_leads


def run(arguments: list[str]) -> int:
    return main(["leads", "evaluate", *arguments])


@pytest.fixture(scope="module")
def leads_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame, outcome, _ = make_leads(700)
    frame = frame.assign(Ordre=np.arange(700), Signé=outcome.map({True: "oui", False: "non"}))
    path = tmp_path_factory.mktemp("leads") / "prospects.csv"
    path.write_bytes(frame.to_csv(sep=";", index=False).encode("cp1252"))
    return path


class TestRun:
    def test_gives_the_promised_figures_as_json(self, leads_file, capsys):
        code = run([str(leads_file), "--target", "Signé", "--drop", "Ordre", "--seed", "3", "--json"])

        found = json.loads(capsys.readouterr().out)
        assert code == 0
        assert (found["n_train"], found["n_test"]) == (490, 210)
        assert set(found["baseline"]) == {"auc", "log_loss", "brier", "ece", "lift_10"}
        assert 0.6 < found["auc"] < 1
        assert found["log_loss"] < found["base_rate_only"]["log_loss"]
        assert 0 < found["base_rate"] < 1

    def test_reads_a_packed_file_and_writes_the_predictions(self, leads_file, tmp_path, capsys):
        packed, written = tmp_path / "prospects.csv.gz", tmp_path / "out.csv"
        packed.write_bytes(gzip.compress(leads_file.read_bytes()))

        code = run([str(packed), "--target", "Signé", "--time", "Ordre", "--predictions", str(written)])

        table = pd.read_csv(written)
        assert code == 0
        assert list(table["row"]) == list(range(490, 700))
        assert table["probability"].between(0, 1, inclusive="neither").all()
        assert "naive Bayes" in capsys.readouterr().out

    def test_refits_along_the_test(self, leads_file, capsys):
        arguments = ["--target", "Signé", "--time", "Ordre", "--refit-every", "105", "--label-delay", "30", "--json"]

        code = run([str(leads_file), *arguments])

        assert code == 0
        assert json.loads(capsys.readouterr().out)["n_test"] == 210

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--target", "Absent"], "no column Absent"),
            (["--target", "Source"], "exactly two answers, found 4"),
            (["--target", "Pays"], "exactly two answers, found 1"),
            (["--target", "Signé", "--time", "Source"], "neither numbers nor days"),
            (["--target", "Signé", "--test-share", "1.5"], "between 0 and 1"),
            (["--target", "Signé", "--refit-every", "50"], "give --time as well"),
            (["--target", "Signé", "--time", "Ordre", "--refit-every", "50", "--label-delay", "-1"], "negative"),
        ],
    )
    def test_refuses_in_one_sentence(self, leads_file, capsys, arguments, said):
        code = run([str(leads_file), *arguments])

        printed = capsys.readouterr()
        assert code == 2
        assert said in printed.err
        assert printed.err.count("\n") == 1
        assert printed.out == ""

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (b"a,b\n1,yes\n2,no\n", "at least 20 are needed"),
            (b"\x00\x01\x02binary", "binary data"),
            (b"a,b\n1,2\n3,4,5,6\n", "is no table"),
            (b"\x1f\x8b broken gzip", "cannot be read"),
            (b"a,b\n\x81\x8d\x8f,yes\n", "text encoding"),
        ],
    )
    def test_refuses_what_is_no_file_of_leads(self, tmp_path, capsys, content, said):
        path = tmp_path / "file.csv"
        path.write_bytes(content)

        assert run([str(path), "--target", "b"]) == 2
        assert said in capsys.readouterr().err

    def test_refuses_a_file_that_is_not_there(self, tmp_path, capsys):
        assert run([str(tmp_path / "absent.csv"), "--target", "b"]) == 2
        assert "no such file" in capsys.readouterr().err


class TestTargets:
    @pytest.mark.parametrize(
        ("won", "lost"),
        [("oui", "non"), ("1", "0"), ("True", "False"), ("won", "lost"), ("Yes", "No"), ("gagné", "perdu")],
    )
    def test_are_understood_however_they_are_written(self, tmp_path, capsys, won, lost):
        rows = "\n".join(f"{place % 5},{won if place % 4 == 0 else lost}" for place in range(100))
        path = tmp_path / "file.csv"
        path.write_text(f"a,b\n{rows}\n", encoding="utf-8")

        assert run([str(path), "--target", "b", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["base_rate"] < 0.5

    def test_are_refused_where_nobody_can_tell_which_is_won(self, tmp_path, capsys):
        path = tmp_path / "file.csv"
        path.write_text("a,b\n" + "1,rouge\n2,bleu\n" * 30)

        assert run([str(path), "--target", "b"]) == 2
        assert "which one means won" in capsys.readouterr().err
