"""Leads of an invented workshop, whose true chances are known."""

import numpy as np
import pandas as pd
from scipy.special import expit

SOURCES = {"Salon": 1.1, "Recommandation": 1.6, "Site web": 0.0, "Annuaire": -0.9}
CANTONS = {"VD": 0.3, "GE": 0.0, "FR": -0.2, "Select": 0.0}


def make_leads(
    count: int, *, seed: int = 0, drift: float = 0.0, level: float = -1.2
) -> tuple[pd.DataFrame, "pd.Series[bool]", np.ndarray]:
    """Return leads as a file holds them, their outcome and their true chance.

    `level` are the log odds of a lead without particulars; `drift` is added to them from the first lead to the last.
    """
    random = np.random.default_rng(seed)
    source = random.choice(list(SOURCES), count, p=[0.2, 0.15, 0.45, 0.2])
    canton = random.choice(list(CANTONS), count)
    amount = np.round(random.lognormal(9, 0.7, count), 2)
    age = random.integers(0, 60, count)
    log_odds = level + np.array([SOURCES[each] for each in source]) + np.array([CANTONS[each] for each in canton])
    log_odds = log_odds - 0.5 * (np.log(amount) - 9) - 0.02 * age + drift * np.linspace(0, 1, count)
    chance = expit(log_odds)
    frame = pd.DataFrame(
        {
            "Numéro": [f"L-{100_000 + place}" for place in range(count)],
            "Source": source,
            "Canton": canton,
            "Montant": [f"{value:,.2f}".replace(",", "'") for value in amount],
            "Âge": age,
            "Reçu le": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(random.integers(0, 700, count)), unit="D"),
            "Pays": "CH",
        },
        index=pd.Index([f"lead-{place}" for place in range(count)], name="lead_id"),
    )
    frame["Reçu le"] = frame["Reçu le"].dt.strftime("%d.%m.%Y")
    return frame, pd.Series(random.random(count) < chance, index=frame.index), chance
