"""What lies in an analyst's folder is never followed to elsewhere."""

import os
from pathlib import Path

import pytest

from workspace.confinement.handover import NotARegularFile, put_plain, read_plain


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("secret")
    return file


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


class TestReadPlain:
    def test_gives_a_plain_files_content(self, work: Path) -> None:
        (work / "a.html").write_text("page")

        assert read_plain(work / "a.html", most_bytes=10) == b"page"

    def test_does_not_follow_a_link(self, work: Path, secret: Path) -> None:
        (work / "a.html").symlink_to(secret)

        with pytest.raises(NotARegularFile):
            read_plain(work / "a.html", most_bytes=10)

    def test_does_not_read_a_second_name_of_another_file(self, work: Path, secret: Path) -> None:
        os.link(secret, work / "a.html")

        with pytest.raises(NotARegularFile):
            read_plain(work / "a.html", most_bytes=10)

    def test_does_not_wait_at_a_pipe(self, work: Path) -> None:
        os.mkfifo(work / "a.html")

        with pytest.raises(NotARegularFile):
            read_plain(work / "a.html", most_bytes=10)

    def test_refuses_a_folder_and_what_is_too_large(self, work: Path) -> None:
        (work / "folder").mkdir()
        (work / "large").write_text("x" * 11)

        for name in ("folder", "large"):
            with pytest.raises(NotARegularFile):
                read_plain(work / name, most_bytes=10)

    def test_says_when_nothing_is_there(self, work: Path) -> None:
        with pytest.raises(FileNotFoundError):
            read_plain(work / "nothing", most_bytes=10)


class TestPutPlain:
    def test_replaces_a_link_and_leaves_its_target_alone(self, work: Path, secret: Path) -> None:
        (work / "a.py").symlink_to(secret)

        put_plain(work / "a.py", b"mine")

        assert secret.read_text() == "secret"
        assert (work / "a.py").read_bytes() == b"mine"
        assert not (work / "a.py").is_symlink()

    def test_does_not_write_where_a_dangling_link_leads(self, work: Path, tmp_path: Path) -> None:
        (work / "a.py").symlink_to(tmp_path / "new")

        put_plain(work / "a.py", b"mine")

        assert not (tmp_path / "new").exists()
