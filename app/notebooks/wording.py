"""What the notebooks' page says in a person's language: which measures hold, what the snapshot holds."""

from datetime import datetime
from decimal import Decimal

from app.notebooks.snapshot_facts import SnapshotFacts
from app.text import count, instant, quantity, say
from workspace.confinement.policy import Measures

MEGABYTE = 1_000_000
HOLDS, MISSING = "yes", ""

# files, network, system, memory: what is said when the measure holds, and when this machine lacks it
SENTENCES = (
    (
        "Fichiers : le carnet lit son dossier, son instantané et les bibliothèques, et n’écrit que dans son dossier.",
        "Fichiers : ce noyau n’a pas Landlock. Le code d’un carnet lit tout ce que lit le compte de Boussole.",
    ),
    (
        "Réseau : le carnet ne se connecte qu’au port de Boussole, et n’y a que le droit de proposer une version.",
        "Réseau : ce noyau ne sait pas limiter les connexions. Le code d’un carnet peut joindre d’autres machines.",
    ),
    (
        "Système : ni UDP, ni prises locales, ni accès aux autres programmes.",
        "Système : le filtre des appels manque. Le code d’un carnet peut joindre les services locaux de la machine.",
    ),
    (
        "Mémoire partagée : chaque personne a la sienne.",
        "Mémoire partagée : les carnets de deux personnes partagent /dev/shm.",
    ),
)


def measure_lines(measures: Measures, language: str) -> list[dict[str, str]]:
    """Return one line per measure: if it holds, and what that means."""
    held = (measures.landlock > 0, measures.network, measures.seccomp, measures.own_memory)
    return [
        {"holds": HOLDS if holds else MISSING, "text": say(language, good if holds else bad)}
        for holds, (good, bad) in zip(held, SENTENCES, strict=True)
    ]


def snapshot_lines(facts: SnapshotFacts, language: str, at: datetime) -> list[dict[str, str]]:
    """Return what the snapshot holds as pairs of name and value."""
    cutoff = datetime.fromisoformat(facts.cutoff_at)
    live = f"v{facts.live_version}" if facts.live_version else say(language, "aucune")
    pairs = [
        ("Données au", instant(cutoff, at)),
        ("Pistes", count(facts.leads, "piste", "pistes", language)),
        ("Tables", ", ".join(f"{name} ({quantity(Decimal(rows))})" for name, rows in facts.tables.items())),
        ("Version en service", live),
        ("Taille", quantity(Decimal(facts.bytes * 10 // MEGABYTE) / 10, say(language, "Mo"))),
        ("Empreinte", facts.fingerprint[:16]),
    ]
    return [{"name": say(language, name), "value": value} for name, value in pairs]
