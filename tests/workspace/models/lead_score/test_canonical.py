"""A score's file depends on its content only."""

import io
import json
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from skops.io import dumps, loads

from workspace.models.lead_score.canonical import SCHEMA, canonical


def arrays() -> dict[str, object]:
    shared = np.arange(3)
    return {"a": shared, "b": shared, "c": {"d": np.ones((2, 2)), "e": "text"}}


class TestCanonical:
    def test_gives_the_same_bytes_for_the_same_content(self) -> None:
        one, two = dumps(arrays()), dumps(arrays(), compression=ZIP_DEFLATED)

        assert one != two
        assert canonical(one) == canonical(two)

    def test_keeps_the_content(self) -> None:
        read = loads(canonical(dumps(arrays())))

        assert np.array_equal(read["a"], np.arange(3))
        assert np.array_equal(read["c"]["d"], np.ones((2, 2)))
        assert read["a"] is read["b"]

    def test_names_every_part_that_it_holds(self) -> None:
        with ZipFile(io.BytesIO(canonical(dumps(arrays())))) as file:
            parts = set(file.namelist()) - {SCHEMA}
            named = json.dumps(json.loads(file.read(SCHEMA)))

        assert parts
        assert all(f'"{part}"' in named for part in parts)

    def test_does_not_change_what_is_canonical(self) -> None:
        once = canonical(dumps(arrays()))

        assert canonical(once) == once
