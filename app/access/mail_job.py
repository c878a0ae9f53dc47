"""The worker's part of a forgotten password: only here is found out whether somebody has the address."""

from typing import Any

from app import routes
from app.doors import ask, do
from app.gateways.mail_out import send_mail
from app.origins import public_origin
from app.text import say
from app.worker import JobRun
from db.access.company.queries import mail_password, mail_settings
from db.access.people.passwords.actions import make_mailed_link
from db.access.rules import system_actor
from db.session import DEMO, open_company, reading

SUBJECT = "Boussole : choisir un nouveau mot de passe"
TEXT = """Bonjour {name},

Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour Boussole. Ouvrez ce lien dans les 30 minutes :

{address}

Si ce n’est pas vous, ne faites rien : le mot de passe actuel reste.
"""


def mail_reset_link(run: JobRun) -> dict[str, Any]:
    """Send a reset link to a person who asked for one; nothing when nobody has the address or mail is off."""
    system = system_actor()
    settings = ask(system, mail_settings)
    if not settings.is_on or open_company() == DEMO:  # whoever plays in the demonstration sends nothing
        return {}
    link = do(system, make_mailed_link, email=str(run.arguments["email"]))
    if link is None:
        return {}
    with reading() as session:
        password = mail_password(session)
    send_mail(
        settings,
        password,
        to=link.email,
        subject=say(link.language, SUBJECT),
        text=say(link.language, TEXT, name=link.name, address=f"{public_origin()}{routes.RESET}?jeton={link.token}"),
        message_id=f"<reset-{run.id}@boussole.invalid>",
    )
    return {}
