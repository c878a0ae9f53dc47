"""The numbers that a firm may set for itself, each with its default and its bounds."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.kernel.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One number; `label` and `unit` are French."""

    group: str
    label: str
    unit: str
    default: int
    least: int
    most: int


SETTINGS: dict[str, Setting] = {
    "backup.hour": Setting("backup", "Sauvegarde de chaque nuit, dès", "heures", 2, 0, 23),
    "backup.daily": Setting("backup", "Sauvegardes quotidiennes gardées", "jours", 7, 1, 90),
    "backup.weekly": Setting("backup", "Sauvegardes hebdomadaires gardées", "semaines", 4, 0, 52),
    "backup.monthly": Setting("backup", "Sauvegardes mensuelles gardées", "mois", 12, 0, 120),
    "retention.sessions": Setting("retention", "Connexions terminées", "jours", 90, 1, 3650),
    "retention.links": Setting("retention", "Liens et billets utilisés ou échus", "jours", 30, 1, 3650),
    "retention.drafts": Setting("retention", "Saisies jamais enregistrées", "jours", 30, 1, 3650),
    "retention.jobs": Setting("retention", "Journaux des travaux terminés", "jours", 90, 7, 3650),
    "retention.events": Setting("retention", "Événements traités", "jours", 30, 1, 3650),
    "retention.messages": Setting("retention", "Messages lus", "jours", 180, 1, 3650),
    "hours.most_week": Setting("hours", "Durée maximale de la semaine (LTr art. 9 : 45 ou 50)", "heures", 45, 45, 50),
    "alerts.per_day": Setting("alerts", "Alertes de l’IA par personne et par jour, au plus", "alertes", 5, 0, 50),
}


def check_setting(key: str, number: int) -> None:
    """Refuse a number out of its bounds.

    Raises:
        BadInput: it is, or nobody knows the setting.
    """
    known = SETTINGS.get(key)
    if known is None:
        raise BadInput("Le réglage « {key} » n’existe pas.", key=key)
    if not known.least <= number <= known.most:
        raise BadInput("« {label} » : de {least} à {most}.", label=known.label, least=known.least, most=known.most)


def of_group(group: str, values: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of one group."""
    return {key: values[key] for key, known in SETTINGS.items() if known.group == group}
