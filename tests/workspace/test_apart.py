"""Work on foreign files in a child process: JSON comes back, refusals keep their sentence, death is said."""

import os
import resource
from typing import Any

import pytest

from db.kernel.errors import BadInput
from workspace.apart import MOST_MEMORY, Report, WorkDied, WorkRefused, run_apart


def double(material: Any, report: Report) -> dict[str, Any]:
    report(1, 2, "à moitié")
    return {"twice": material * 2, "pid": os.getpid(), "memory": resource.getrlimit(resource.RLIMIT_AS)[0]}


def refuse(material: Any, report: Report) -> dict[str, Any]:
    raise BadInput("Le fichier « {name} » {curly}.", name=material, curly="a des {accolades}")


def fail(material: Any, report: Report) -> dict[str, Any]:
    raise ZeroDivisionError("nothing")


def die(material: Any, report: Report) -> dict[str, Any]:
    os._exit(9)


class TestRunApart:
    def test_answers_from_another_limited_process(self) -> None:
        said: list[tuple[int, int, str]] = []

        answer = run_apart(double, 21, lambda *progress: said.append(progress))

        assert answer["twice"] == 42
        assert answer["pid"] != os.getpid()
        assert 0 < answer["memory"] <= MOST_MEMORY
        assert said == [(1, 2, "à moitié")]

    def test_keeps_the_sentence_of_a_refusal(self) -> None:
        with pytest.raises(WorkRefused, match=r"« a.skops » a des \{accolades\}"):
            run_apart(refuse, "a.skops", lambda *_: None)

    def test_names_the_kind_of_a_failure(self) -> None:
        with pytest.raises(WorkDied, match="ZeroDivisionError"):
            run_apart(fail, None, lambda *_: None)

    def test_says_when_the_child_dies(self) -> None:
        with pytest.raises(WorkDied, match="interrompu"):
            run_apart(die, None, lambda *_: None)
