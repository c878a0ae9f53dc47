"""What the firm's own domain says about who may send in its name; asked only when a person presses the button."""

import re
from uuid import UUID

from app.doors import ask
from app.gateways.domain_records import NoAnswer, Resolver, texts_of
from app.text import say
from db.access.rules import Actor
from db.documents.mail.accounts.queries import mailbox
from db.session import DEMO, open_company

SPF_ENDINGS = {"-all": "strict", "~all": "soft", "?all": "open", "+all": "open"}


def of_mailbox(actor: Actor, account_id: UUID) -> list[tuple[str, bool]]:
    """Return what the domain of a mailbox says; while it is off, and in the demonstration, nothing is asked.

    Raises: NotFound.
    """
    found = ask(actor, mailbox, account_id=account_id, by=actor)
    if open_company() == DEMO:
        return [(say(actor.language, "Dans la démonstration, rien ne quitte cette machine."), False)]
    if not found.draft.is_on:
        return [(say(actor.language, "La boîte est désactivée : rien n’est demandé au dehors."), False)]
    return checked_domain(found.draft.address, actor.language)


def checked_domain(address: str, language: str, resolver: Resolver | None = None) -> list[tuple[str, bool]]:
    """Return what the records of an address's domain are worth, a sentence each, and whether it is good news."""
    domain = address.rpartition("@")[2]
    try:
        return [
            _spf([one for one in texts_of(domain, resolver) if one.lower().startswith("v=spf1")], domain, language),
            _dmarc(
                [one for one in texts_of(f"_dmarc.{domain}", resolver) if one.lower().startswith("v=dmarc1")], language
            ),
            (say(language, DKIM), True),
        ]
    except NoAnswer as refusal:
        return [(say(language, refusal.sentence), False)]


DKIM = "DKIM : le nom de la clé ne se devine pas ; un message reçu d’une de vos adresses dit s’il est signé."


def _spf(found: list[str], domain: str, language: str) -> tuple[str, bool]:
    if not found:
        told = "SPF : {domain} ne dit pas quels serveurs envoient en son nom ; ajouter « v=spf1 … -all » dans le DNS."
        return say(language, told, domain=domain), False
    if len(found) > 1:
        told = "SPF : {domain} a plusieurs enregistrements, ce qui les annule ; n’en garder qu’un."
        return say(language, told, domain=domain), False
    ending = found[0].lower().split()[-1]
    kind = SPF_ENDINGS.get(ending, "open" if not ending.startswith("redirect=") else "soft")
    if kind == "open":
        told = "SPF : l’enregistrement laisse n’importe qui envoyer ; le terminer par « -all » ou « ~all »."
        return say(language, told), False
    return say(language, "SPF : {domain} nomme ses serveurs d’envoi.", domain=domain), True


def _dmarc(found: list[str], language: str) -> tuple[str, bool]:
    if len(found) != 1:
        told = "DMARC : aucune règle, les faux messages à votre nom passent ; commencer par « v=DMARC1; p=none »."
        return say(language, told), False
    policy = re.search(r"(?i)\bp\s*=\s*(none|quarantine|reject)", found[0])
    kind = policy[1].lower() if policy else "none"
    if kind == "none":
        told = "DMARC : la règle observe seulement (p=none) ; passer à « quarantine » une fois les envois vérifiés."
        return say(language, told), False
    return say(language, "DMARC : les faux messages à votre nom sont écartés (p={policy}).", policy=kind), True
