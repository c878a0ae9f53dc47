"""What a person must enter anew when the key is not there."""

MESSAGES = {
    "company.mail_password": "Mot de passe du serveur d’e-mails : le saisir à nouveau dans Réglages › Entreprise.",
    "user_account.totp_secret": "Second facteur de {n} personne(s) : entrer un code de secours, puis scanner un "
    "nouveau code dans Mon compte ; sans code de secours : boussole user reset-second-factor ADRESSE.",
    "totp_offer.totp_secret": "Second facteur proposé et pas encore confirmé : l’afficher à nouveau dans Mon compte.",
    "mail_account.password": "Mots de passe des boîtes aux lettres : les saisir dans Réglages › Boîtes aux lettres.",
    "mail_account.client_secret": "Secrets XOAUTH2 : les saisir dans Réglages › Boîtes aux lettres.",
    "mail_account.refresh_token": "Jetons XOAUTH2 : les saisir dans Réglages › Boîtes aux lettres.",
    "webhook.secret": "Secret des webhooks : en créer un nouveau dans Réglages › API.",
}
OTHER = "{n} secret(s) de « {place} » : les saisir à nouveau."


def what_to_enter_anew(place: str, number: int) -> str:
    """Return the sentence that says which secret is lost and where it is entered again."""
    return MESSAGES.get(place, OTHER).format(n=number, place=place)
