"""Who may set up an empty installation."""

from app.access import setup_link
from app.access.posted import Posted
from db.access.company.actions import AlreadySetUp
from db.access.people.queries import count_users
from db.kernel.errors import NotAllowed
from db.session import COMPANY, reading


def check_may_set_up(form: Posted) -> None:
    """Refuse the first set-up once somebody exists, and from elsewhere without the link.

    Raises:
        AlreadySetUp: somebody exists.
        NotAllowed: neither this machine nor the link.
    """
    with reading(COMPANY) as session:
        if count_users(session) > 0:
            raise AlreadySetUp("L’entreprise existe déjà : connectez-vous.")
    if not (form.is_local or setup_link.is_right(form.get("jeton"))):
        raise NotAllowed(
            "Depuis un autre appareil, ouvrez le lien que Boussole affiche au démarrage (« make run », journal)."
        )
