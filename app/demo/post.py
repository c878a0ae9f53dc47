"""E-mails of the invented firm in its own mailbox: with known people, in threads, and two of people still unknown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from app.demo.play import Player
from app.demo.world import PlannedLead
from app.gateways.mime import read_mail
from db.access.rules import Role, system_actor
from db.crm.mail.actions import take_mail_in
from db.documents.mail.accounts.actions import add_mailbox
from db.documents.mail.accounts.rules import MailboxDraft, MailboxSecrets
from db.session import transaction

ADMINISTRATOR = "Samuel Baud"
OURS = "info@atelier-demo.example"
KNOWN = 8
ASKED = (
    "Bonjour,\n\nMerci pour votre visite. Pouvez-vous nous envoyer le devis avant jeudi ? Notre comité se réunit "
    "vendredi et Mme Aubert doit le signer.\n\nMeilleures salutations\n{name}"
)
ANSWERED = "Bonjour,\n\nVous le recevrez mercredi, avec la variante en chêne.\n\nMeilleures salutations\nNadia Rey"
THANKED = "Parfait, merci. Et la pose ?\n\nLe {day:%d.%m.%Y} à {day:%H:%M}, Nadia Rey <{ours}> a écrit :\n{cited}"
STRANGERS = (
    ("Aline Corthésy", "aline.corthesy@cabinet-corthesy.example", "Tables pour une salle d’attente",
     "Bonjour,\n\nNous refaisons notre cabinet et cherchons six tables basses. Livrez-vous à Vevey ?\n\nA. Corthésy"),
    ("Régie du Midi", "travaux@regie-du-midi.example", "Cuisine d’un trois-pièces, demande d’offre",
     "Bonjour,\n\nNous demandons une offre pour une cuisine à Nyon, plans joints sur demande.\n\nRégie du Midi"),
)  # fmt: skip


def write_letters(player: Player, world: Sequence[PlannedLead], until: datetime) -> int:
    """Let e-mails arrive in the firm's mailbox, whose servers nobody asks here; return how many there are."""
    samuel = player.actor(ADMINISTRATOR, Role.ADMINISTRATOR)
    box = MailboxDraft(
        name="Atelier de démonstration",
        address=OURS,
        user=OURS,
        method="password",
        imap_host="mail.atelier-demo.example",
        imap_port=993,
        imap_security="tls",
        smtp_host="mail.atelier-demo.example",
        smtp_port=587,
        smtp_security="starttls",
        sent="Sent",
        is_on=True,
    )
    letters = _letters(world, until)
    with transaction() as session:
        given = {"draft": box, "secrets": MailboxSecrets("demonstration"), "is_shared": True}
        account_id = add_mailbox(session, by=samuel, at=until - timedelta(days=30), **given)
        for letter in letters:
            mail = read_mail(letter.as_bytes(), at=until)
            take_mail_in(session, account_id=account_id, mail=mail, by=system_actor(), at=until)
    return len(letters)


def _letters(world: Sequence[PlannedLead], until: datetime) -> list[EmailMessage]:
    """Return the messages in the order in which they were written."""
    known = [lead for lead in world if lead.email and lead.lost_reason is None][-KNOWN:]
    found = [letter for number, lead in enumerate(known) for letter in _thread(lead, number, until)]
    for number, (name, address, subject, text) in enumerate(STRANGERS):
        at = until - timedelta(hours=5 + 20 * number)
        found.append(_letter(f"{name} <{address}>", OURS, subject, text, at, f"<inconnu-{number}@demo.example>"))
    return found


def _thread(lead: PlannedLead, number: int, until: datetime) -> list[EmailMessage]:
    person = f"{lead.person_name} <{lead.email}>"
    first, at = f"<demande-{number}@demo.example>", until - timedelta(days=1 + number, hours=3)
    letters = [_letter(person, OURS, "Devis", ASKED.format(name=lead.person_name), at, first)]
    if number % 2 == 0:
        second, later = f"<reponse-{number}@demo.example>", at + timedelta(hours=2)
        letters.append(_letter(f"Nadia Rey <{OURS}>", person, "Re: Devis", ANSWERED, later, second, answers=first))
    if number % 4 == 0:
        cited = "\n".join(f"> {line}" for line in ANSWERED.splitlines())
        text = THANKED.format(day=later, ours=OURS, cited=cited)
        third = f"<merci-{number}@demo.example>"
        letters.append(_letter(person, OURS, "Re: Devis", text, later + timedelta(hours=4), third, answers=second))
    return letters


def _letter(
    sender: str, to: str, subject: str, text: str, at: datetime, message_id: str, *, answers: str = ""
) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, subject
    letter["Date"], letter["Message-ID"] = format_datetime(at), message_id
    if answers:
        letter["In-Reply-To"] = letter["References"] = answers
    letter.set_content(text)
    return letter
