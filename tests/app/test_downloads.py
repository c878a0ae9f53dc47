"""A file that is made for one answer is sent whole, whatever the server does with paths, and is gone afterwards."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.downloads import PIECE, passing_file


class TestPassingFile:
    def test_is_sent_whole_and_removed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.xlsx"
        path.write_bytes(b"x" * (PIECE + 7))

        async def answer(_: Request) -> Response:
            return passing_file(path, media_type="application/zip", name="livres.xlsx")

        got = TestClient(Starlette(routes=[Route("/a", answer)])).get("/a")

        assert len(got.content) == PIECE + 7
        assert got.headers["content-length"] == str(PIECE + 7)
        assert got.headers["content-disposition"] == 'attachment; filename="livres.xlsx"'
        assert not path.exists()

    def test_never_hands_a_path_to_the_server(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"x")

        assert not hasattr(passing_file(tmp_path / "a", media_type="text/plain", name="a"), "path")
