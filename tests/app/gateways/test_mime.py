"""Whatever an e-mail holds, something is kept and the rest is named."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from app.gateways.mime import MOST_BYTES, read_mail, safe_html, text_of_html
from tests.mailboxes import written

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class TestReadMail:
    def test_reads_people_subject_and_text(self) -> None:
        message = written(at=NOW, subject="Offre pour l’été", Cc="Aline Rey <aline@rey.example>")

        mail = read_mail(message.as_bytes(), at=NOW)

        assert (mail.subject, str(mail.sender)) == ("Offre pour l’été", "Paul Favre <paul@favre.example>")
        assert [one.address for one in mail.copies] == ["aline@rey.example"]
        assert mail.text == "Bonjour, pouvez-vous m’envoyer un devis ?"

    def test_keeps_files_with_their_names(self) -> None:
        message = written(at=NOW)
        message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="pièce été.pdf")

        [file] = read_mail(message.as_bytes(), at=NOW).files

        assert (file.name, file.content) == ("pièce été.pdf", b"%PDF-1.4")

    def test_keeps_a_message_within_a_message_as_a_file(self) -> None:
        message = written(at=NOW)
        message.add_attachment(written(at=NOW, subject="Dedans"))

        [file] = read_mail(message.as_bytes(), at=NOW).files

        assert file.name.endswith(".eml")
        assert b"Dedans" in file.content

    def test_says_what_a_winmail_is(self) -> None:
        message = written(at=NOW)
        message.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat")

        mail = read_mail(message.as_bytes(), at=NOW)

        assert [file.name for file in mail.files] == ["winmail.dat"]
        assert "winmail.dat" in mail.remark

    def test_keeps_the_beginning_of_what_is_too_large(self) -> None:
        message = written(at=NOW)
        message.add_attachment(b"x" * 1000, maintype="application", subtype="zip", filename="plans.zip")

        mail = read_mail(message.as_bytes()[:600], at=NOW, size_bytes=MOST_BYTES + 10_000_000)

        assert mail.text.startswith("Bonjour")
        assert mail.files == ()
        assert mail.remark.format(**mail.remark_params).startswith("Message de 50 Mo")

    @pytest.mark.parametrize(
        ("charset", "content"),
        [
            ("iso-8859-1", "été".encode("latin-1")),
            ("x-unknown", "été".encode()),
            ("utf-8", b"\xe9t\xe9"),
            ("", b"\xe9t\xe9"),
        ],
    )
    def test_reads_odd_charsets(self, charset: str, content: bytes) -> None:
        named = f"; charset={charset}" if charset else ""
        head = f"From: a@b.example\nContent-Type: text/plain{named}\nContent-Transfer-Encoding: 8bit\n\n"

        assert read_mail(head.encode() + content, at=NOW).text == "été"

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\x00\xff\xfe",
            b'From: "<<>>\nTo: ,,,\nDate: hier\nSubject: =?utf-8?b?!!!?=\n\nTexte',
            b"Content-Type: multipart/mixed\n\n--\n\nTexte",
            b'Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain; charset="\n\nTexte\n',
            b"Content-Transfer-Encoding: base64\n\n%%%%%",
            b"Subject: " + b"a" * 200_000 + b"\n\nTexte",
            b"Message-ID: <" + b"x" * 5000 + b">\n\nTexte",
        ],
    )
    def test_reads_what_is_malformed(self, raw: bytes) -> None:
        mail = read_mail(raw, at=NOW)

        assert mail.written_at == NOW
        assert len(mail.key) == 64

    def test_ends_with_what_is_nested_without_end(self) -> None:
        raw = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(5000)) + "\n\nTexte"

        assert "imbriqué" in read_mail(raw.encode(), at=NOW).remark

    def test_takes_no_date_from_the_future(self) -> None:
        message = written(at=datetime(2031, 1, 1, tzinfo=UTC))

        assert read_mail(message.as_bytes(), at=NOW).written_at == NOW

    def test_names_every_copy_alike(self) -> None:
        raw = written(at=NOW).as_bytes()

        assert read_mail(raw, at=NOW).key == read_mail(b"Received: by other\nX-Spam: no\n" + raw, at=NOW).key
        assert read_mail(raw, at=NOW).key != read_mail(raw.replace(b"devis", b"tarif"), at=NOW).key


class TestAutomatic:
    @pytest.mark.parametrize(
        "headers",
        [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}],
    )
    def test_recognises_what_nobody_wrote(self, headers: dict[str, str]) -> None:
        assert read_mail(written(at=NOW, **headers).as_bytes(), at=NOW).is_auto

    def test_takes_a_person_for_a_person(self) -> None:
        assert not read_mail(written(at=NOW, Auto_Submitted="no").as_bytes(), at=NOW).is_auto


class TestSafeHtml:
    @pytest.mark.parametrize(
        "html",
        [
            "<script>alert(1)</script>",
            "<img src=https://tracker.example/x.gif>",
            "<p onclick=alert(1)>",
            "<a href='javascript:alert(1)'>x</a>",
            "<style>@import url(https://x.example)</style>",
            "<form action=https://x.example><input></form>",
            "<iframe src=https://x.example></iframe>",
            "<svg><script>alert(1)</script></svg>",
            "<div style='background:url(https://x.example)'>x</div>",
            "<meta http-equiv=refresh content='0;url=https://x.example'>",
        ],
    )
    def test_leaves_nothing_that_runs_or_is_fetched(self, html: str) -> None:
        shown = safe_html(html + "<p>Bonjour</p>")

        assert "Bonjour" in shown
        for sign in ("script", "onclick", "example", "style", "<img", "<form", "<iframe", "<meta"):
            assert sign not in shown.lower()

    def test_keeps_links_that_lead_somewhere(self) -> None:
        assert 'href="https://favre.example/devis"' in safe_html('<a href="https://favre.example/devis">le devis</a>')

    def test_becomes_text(self) -> None:
        html = "<p>Oui&nbsp;!</p><ul><li>un</li></ul><blockquote>Non ?<br>Si</blockquote><script>x</script>"

        assert text_of_html(html) == "Oui !\nun\n\n> Non ?\n> Si"


def report(**parts: str) -> EmailMessage:
    """Return a message of a mail server."""
    return written(at=NOW, sender="Mail Delivery <mailer-daemon@mx.example>", **parts)


class TestBounce:
    def test_is_read_from_words_where_the_report_has_no_parts(self) -> None:
        text = "This failed:\n\npaul@favre.example\n550 5.1.1 unknown user\n\nMessage-ID: <a@b.example>"

        bounce = read_mail(report(subject="Undeliverable: Devis", text=text).as_bytes(), at=NOW).bounce

        assert bounce is not None
        assert (bounce.address, bounce.message_id) == ("paul@favre.example", "<a@b.example>")
        assert bounce.reason == "550 5.1.1 unknown user"

    def test_is_no_mail_of_the_postmaster(self) -> None:
        assert read_mail(report(subject="Maintenance samedi").as_bytes(), at=NOW).bounce is None
