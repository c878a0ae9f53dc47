"""Secrets stand encrypted in the database; the key is elsewhere; without it something can still be done."""

import json
import tarfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text

from app.backup.dump import back_up
from app.backup.restore import restore
from app.cli.main import main
from app.doors import do
from db.access.company.actions import change_mail, found_company
from db.access.company.queries import mail_password
from db.access.company.rules import MailSettings
from db.access.people.actions import add_user
from db.access.people.second_factor.actions import confirm_second_factor, offer_second_factor, prove_by_code
from db.access.people.second_factor.rules import code_at
from db.access.people.sessions.rules import WrongCredentials
from db.access.rules import Actor, Role
from db.kernel import keys
from db.kernel.encrypted import lock, unlock
from db.migrations.run import config, encrypt_secrets
from db.session import engine, reading

PASSWORD = "secret-du-serveur"


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key file of this test's own."""
    path = tmp_path / "elsewhere" / "cle"
    monkeypatch.setenv("BOUSSOLE_KEY_FILE", str(path))
    return path


@pytest.fixture
def firm(database: Engine, system: Actor, clock: datetime) -> Engine:
    """A firm whose mail password is set."""
    command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
    settings = MailSettings(True, "smtp.example.ch", 587, "starttls", "boussole", "boussole@example.ch")
    do(system, found_company, at=clock, name="Ateliers")
    do(system, change_mail, at=clock, settings=settings, password=PASSWORD)
    return database


def kept_password(database: Engine) -> str:
    """Return the password as it stands in the database."""
    with database.connect() as connection:
        return str(connection.execute(text("select mail_password from company")).scalar_one())


def password() -> str | None:
    """Return the password as the gateway gets it."""
    with reading() as session:
        return mail_password(session)


class TestKeyFile:
    def test_is_its_owners_only(self, key: Path) -> None:
        keys.current_key()

        assert key.stat().st_mode & 0o077 == 0

    def test_by_default_is_outside_of_the_data(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BOUSSOLE_KEY_FILE")
        monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

        keys.current_key()

        assert not keys.key_file().is_relative_to(tmp_path / "data")
        assert keys.key_file().exists()

    def test_says_what_is_wrong_with_it(self, key: Path) -> None:
        key.parent.mkdir()
        key.write_text("une photo")

        with pytest.raises(keys.KeyProblem, match="n’est pas une clé"):
            lock("x", "a.b")


class TestEncrypted:
    def test_stands_encrypted_and_reads_plain(self, firm: Engine) -> None:
        assert PASSWORD not in kept_password(firm)
        assert password() == PASSWORD

    def test_opens_only_in_its_place(self) -> None:
        kept = lock("x", "company.mail_password")

        assert unlock(kept, "company.mail_password") == "x"
        assert unlock(kept, "user_account.totp_secret") is None

    def test_what_an_older_release_kept_plain_is_encrypted(self, firm: Engine) -> None:
        with firm.begin() as connection:
            connection.execute(text("update company set mail_password = 'plain'"))
        assert password() == "plain"

        assert encrypt_secrets(firm.url.render_as_string(hide_password=False)) == 1

        assert kept_password(firm).startswith("enc:1:")
        assert password() == "plain"

    def test_never_goes_into_a_backup(self, firm: Engine, tmp_path: Path, key: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)

        with tarfile.open(tmp_path / "b.tar.gz") as packed:
            contents = [found.read() for member in packed if (found := packed.extractfile(member))]
        assert not any(PASSWORD.encode() in content for content in contents)
        assert not any(keys.current_key().content in content for content in contents)
        assert not any(key.read_bytes().split()[1] in content for content in contents)


class TestWithoutTheKey:
    def test_restore_says_what_to_enter_anew(
        self, firm: Engine, tmp_path: Path, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)
        monkeypatch.setenv("BOUSSOLE_KEY_FILE", str(tmp_path / "another"))

        done = restore(tmp_path / "b.tar.gz", at=clock, replaces=True)

        assert any("Mot de passe du serveur d’e-mails" in sentence for sentence in done.to_enter_anew)
        assert password() is None
        engine().dispose()

    def test_with_the_key_nothing_is_lost(self, firm: Engine, tmp_path: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)

        assert restore(tmp_path / "b.tar.gz", at=clock, replaces=True).to_enter_anew == ()
        assert password() == PASSWORD
        engine().dispose()

    def test_a_recovery_code_still_proves_who_one_is(
        self, database: Engine, system: Actor, clock: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = do(system, add_user, at=clock, name="Anne", email="anne@example.ch", roles=[Role.SALES])
        anne = Actor(person, "Anne", frozenset({Role.SALES}), fresh_until=clock + timedelta(hours=1))
        secret = do(anne, offer_second_factor, at=clock)
        codes = do(anne, confirm_second_factor, at=clock, code=code_at(secret, at=clock), password="")
        later = clock + timedelta(minutes=5)
        monkeypatch.setenv("BOUSSOLE_KEY_FILE", str(tmp_path / "another"))

        with pytest.raises(WrongCredentials, match="n’ouvre pas"):
            do(anne, prove_by_code, at=later, code=code_at(secret, at=later))
        do(anne, prove_by_code, at=later, code=codes[0])


class TestCommands:
    def test_rotate(self, firm: Engine, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before, old = kept_password(firm), keys.current_key().name

        assert main(["key", "rotate", "--json"]) == 0
        said = json.loads(capsys.readouterr().out)

        assert (said["encrypted"], said["path"]) == (1, str(key))
        assert kept_password(firm) != before
        assert password() == PASSWORD
        assert [one.name for one in keys.known_keys()] == [said["key"], old]
        assert unlock(before, "company.mail_password") == PASSWORD

    def test_rotate_forgets_old_keys_when_asked(self, firm: Engine) -> None:
        assert main(["key", "rotate", "--forget-old"]) == 0

        assert len(keys.known_keys()) == 1
        assert password() == PASSWORD

    def test_show_path_names_what_does_not_open(
        self, firm: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("BOUSSOLE_KEY_FILE", str(tmp_path / "another"))

        assert main(["key", "show-path"]) == 0

        assert "le saisir à nouveau" in capsys.readouterr().out
