"""`make bench` finds every benchmark, and each says when it fails."""

import pytest

from tests.bench.__main__ import FOLDER, limit_of

BENCHMARKS = sorted(FOLDER.glob("bench_*.py"))


class TestLimitOf:
    @pytest.mark.parametrize("name", [path.name for path in BENCHMARKS])
    def test_is_told_by_every_benchmark(self, name: str) -> None:
        assert limit_of(FOLDER / name).startswith("exits 1 ")
