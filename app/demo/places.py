"""The words of the invented firm: places are real towns, firms and people are not."""

TOWNS: tuple[tuple[str, str, str], ...] = (
    ("1110", "Morges", "VD"), ("1003", "Lausanne", "VD"), ("1800", "Vevey", "VD"), ("1820", "Montreux", "VD"),
    ("1260", "Nyon", "VD"), ("1180", "Rolle", "VD"), ("1400", "Yverdon-les-Bains", "VD"), ("1530", "Payerne", "VD"),
    ("1860", "Aigle", "VD"), ("1422", "Grandson", "VD"), ("1580", "Avenches", "VD"), ("1096", "Cully", "VD"),
    ("1204", "Genève", "GE"), ("1227", "Carouge", "GE"), ("1290", "Versoix", "GE"), ("1222", "Vésenaz", "GE"),
    ("1950", "Sion", "VS"), ("1920", "Martigny", "VS"), ("1870", "Monthey", "VS"), ("3960", "Sierre", "VS"),
    ("1897", "Le Bouveret", "VS"), ("1700", "Fribourg", "FR"), ("1630", "Bulle", "FR"),
    ("1470", "Estavayer-le-Lac", "FR"), ("3280", "Morat", "FR"), ("2000", "Neuchâtel", "NE"),
    ("2300", "La Chaux-de-Fonds", "NE"), ("2022", "Bevaix", "NE"), ("2800", "Delémont", "JU"),
    ("2900", "Porrentruy", "JU"), ("2502", "Bienne", "BE"), ("2520", "La Neuveville", "BE"),
)  # fmt: skip

FIRST_NAMES = (
    "Claire", "Nadia", "Ingrid", "Luc", "Olivier", "Sandrine", "Yves", "Martine", "Julien", "Aline", "Pascal", "Sophie",
    "Marc", "Élodie", "Fabien", "Corinne", "Didier", "Laetitia", "Grégoire", "Valérie", "Thierry", "Amélie", "Bastien",
    "Carole", "Damien", "Estelle", "François", "Gisèle", "Hugo", "Inès", "Jérôme", "Karim", "Léa", "Mathieu", "Noémie",
)  # fmt: skip

LAST_NAMES = (
    "Rochat", "Ferrari", "Keller", "Bornand", "Favre", "Perret", "Jaquet", "Cuendet", "Blanc", "Chappuis", "Monnier",
    "Pittet", "Genoud", "Rey", "Dufour", "Bonvin", "Zufferey", "Berset", "Oberson", "Aubert", "Meylan", "Gaillard",
    "Dutoit", "Cornaz", "Vuilleumier", "Jeanneret", "Grandjean", "Ruchti", "Emery", "Crausaz", "Tornare", "Delacrétaz",
)  # fmt: skip

# sector → how its firms are called
SECTORS: dict[str, tuple[str, ...]] = {
    "Chantier naval": ("Chantier naval {name} SA", "Voilerie {name} Sàrl", "Accastillage {name}"),
    "Architecture": ("Architectes {name} et {other}", "Atelier {name} Sàrl", "{name} Architecture SA"),
    "Collectivité": ("Commune de {town}", "Ville de {town}", "Service des ports de {town}"),
    "Hôtellerie": ("Hôtel {name}", "Auberge {name} et Fils", "Domaine {name}"),
    "Immobilier": ("Régie {name} SA", "Immobilière {name}", "{name} et {other} Gérance"),
    "Menuiserie": ("Menuiserie {name} Sàrl", "Ébénisterie {name}", "{name} Bois SA"),
    "Mécanique": ("Mécanique {name} SA", "{name} Usinage Sàrl", "Serrurerie {name}"),
}

NEEDS: dict[str, float] = {  # what is asked for → usual amount in CHF
    "Garde-corps": 18_000,
    "Escalier": 24_000,
    "Câblage de haubans": 9_500,
    "Accastillage": 3_800,
    "Mobilier urbain": 32_000,
    "Découpe laser": 5_200,
    "Rayonnage inox": 8_600,
}

SOURCES = ("Recommandation", "Site web", "Appel entrant", "Salon nautique", "Foire", "Appel d’offres", "LinkedIn")

LOST_REASONS = ("Prix", "Délai trop long", "Projet abandonné", "Concurrent choisi", "Sans réponse")

STAFF: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Claire Rochat", "Direction", ("manager",)),
    ("Samuel Baud", "Informatique", ("administrator",)),
    ("Nadia Ferrari", "Vente", ("sales",)),
    ("Luc Perret", "Vente", ("sales",)),
    ("Aline Cuendet", "Vente", ("sales",)),
    ("Olivier Blanc", "Vente, chef", ("sales", "manager")),
    ("Yasmin Haddad", "Analyse", ("analyst",)),
    ("Tom Vuilleumier", "Analyse", ("analyst", "sales")),
    ("Martine Jaquet", "Achats", ("purchasing",)),
    ("Didier Meylan", "Achats", ("purchasing",)),
    ("Pascal Gaillard", "Magasin", ("warehouse",)),
    ("Ivo Ruchti", "Magasin", ("warehouse",)),
    ("Corinne Aubert", "Comptabilité", ("accountant",)),
    ("Estelle Dufour", "Comptabilité", ("accountant",)),
    ("Valérie Berset", "Personnel", ("hr",)),
    ("Bastien Rey", "Atelier", ("warehouse",)),
    ("Hugo Genoud", "Atelier", ("warehouse",)),
    ("Karim Emery", "Atelier", ("warehouse",)),
    ("Fabien Tornare", "Atelier", ("warehouse",)),
    ("Noémie Crausaz", "Atelier", ("warehouse",)),
    ("Thierry Zufferey", "Pose", ("warehouse",)),
    ("Mathieu Oberson", "Pose", ("warehouse",)),
    ("Léa Cornaz", "Pose", ("warehouse",)),
    ("Damien Bonvin", "Bureau technique", ("sales",)),
    ("Sophie Grandjean", "Bureau technique", ("sales",)),
)

NEXT_STEPS = (
    "Appeler",
    "Envoyer l’ordre de prix",
    "Relancer",
    "Fixer une visite",
    "Confirmer le délai",
    "Chiffrer la variante",
)

CALLS_IN = (
    "Demande un ordre de prix pour {need}. Rappeler avec un délai.",
    "Le comité se réunit dans deux semaines, il nous rappelle après.",
    "Demande si la pose peut être faite avant la fin du mois.",
    "Confirme les mesures prises sur place.",
)
CALLS_OUT = (
    "Présentation de l’atelier, intérêt réel pour {need}.",
    "Pas joignable, message laissé au secrétariat.",
    "Le prix est jugé élevé ; demande une variante plus simple.",
    "Rappel promis la semaine prochaine.",
)
MAILS_IN = (
    "Plans reçus pour {need}, trois variantes à chiffrer.",
    "Demande une remise de 6 % et une pose avant le 15.",
    "Remercie pour l’offre, la transmet à la direction.",
    "Question sur la garantie et la finition.",
)
MAILS_OUT = (
    "Envoi de la documentation {need}.",
    "Relance après l’envoi de l’ordre de prix.",
    "Proposition de visite de l’atelier.",
)
MEETINGS = ("Visite sur place, mesures prises pour {need}.", "Visite de l’atelier avec deux personnes.")
