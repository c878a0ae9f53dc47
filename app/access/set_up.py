"""Who may set up an empty installation."""

from app.access import setup_link
from app.access.posted import Posted
from db.access.company.actions import AlreadySetUp
from db.access.people.queries import count_users
from db.jobs.arrivals.queries import arrivals
from db.jobs.arrivals.rules import check_none_open
from db.kernel.errors import NotAllowed
from db.session import COMPANY, reading


def check_may_set_up(form: Posted) -> None:
    """Refuse the first set-up once somebody exists, while a company is being imported, and from elsewhere.

    Raises:
        AlreadySetUp: somebody exists.
        ImportUnderWay: an exported company is being put in place.
        NotAllowed: neither this machine nor the link.
    """
    with reading(COMPANY) as session:
        if count_users(session) > 0:
            raise AlreadySetUp("L’entreprise existe déjà : connectez-vous.")
        states = [one.state for one in arrivals(session)]
    if not (form.is_local or setup_link.is_right(form.get("jeton"))):
        raise NotAllowed(
            "Depuis un autre appareil, ouvrez le lien que Boussole affiche au démarrage (« make run », journal)."
        )
    check_none_open(states)
