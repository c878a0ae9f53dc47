"""The starter set: one workbook per kind with the headings that the import recognises, an example and notes."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.imports.kinds import KINDS, Kind, Target, kind_named
from db.kernel.errors import BadInput

TYPES = {
    "text": "texte",
    "name": "texte",
    "code": "texte ou chiffres",
    "number": "nombre, par exemple 1'234.50",
    "date": "date, par exemple 31.12.2026",
    "yes_no": "oui ou non",
    "email": "adresse e-mail",
    "phone": "numéro de téléphone ; sans indicatif il est suisse",
    "canton": "deux lettres ou le nom",
    "postal_code": "code postal",
    "country": "deux lettres ou le nom ; vide = Suisse",
    "uid": "CHE-123.456.788, la clé de contrôle est vérifiée",
    "state": "un des mots ci-dessous",
}
ADDRESSES = (
    "L’export des adresses de Winbiz (Excel ou CSV) se lit tel quel : ad_societe, ad_nom, ad_prenom, ad_rue_1, "
    "ad_npa, ad_ville, ad_code_pays, ad_tel1, ad_email, ou leurs noms français (Société, Nom, Prénom, Rue 1, NPA, "
    "Ville, Tél. prof., E-mail). Une ligne sans société devient une personne ; nom et prénom à côté d’une société "
    "deviennent son contact."
)
WINBIZ = {
    "companies": ADDRESSES,
    "suppliers": ADDRESSES,
    "contacts": ADDRESSES,
    "items": "Les colonnes de Winbiz se lisent telles quelles : Code de l’article, Code à barres, Prix d’achat brut.",
    "accounts": "Le plan comptable de Winbiz se lit tel quel : Numéro, Compte (le nom). La classe est laissée de côté.",
}


def starter_name(kind: Kind) -> str:
    """Return the file name of a kind's workbook."""
    return f"modele-{kind.label.lower().replace('é', 'e')}.xlsx"


def starter_workbook(kind: Kind, *, person: str = "") -> bytes:
    """Return the workbook of a kind: a sheet to fill in with one example row, and a sheet of notes.

    The examples of the kinds name each other; hours name `person`, who is one of the company.
    """
    book = Workbook()
    sheet: Any = book.active
    sheet.title, sheet.freeze_panes = kind.label, "A2"
    for place, target in enumerate(columns(kind), start=1):
        example = person if person and target.key == "person" else target.example
        width = max(14, len(target.label) + 4, len(example) + 2)
        sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.cell(1, place, target.label).font = Font(bold=True)
        sheet.cell(2, place, example or None).number_format = "@"  # text, so that no zero is lost
    notes = book.create_sheet("Remarques")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 26, 110
    for line, (word, text) in enumerate(_notes(kind), start=1):
        notes.cell(line, 1, word).font = Font(bold=True)
        notes.cell(line, 2, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def columns(kind: Kind) -> list[Target]:
    """Return the columns of a kind's workbook: those with an example first, then the others that need no doubling."""
    return [target for target in kind.targets if target.key != "full_name"]


def _notes(kind: Kind) -> Iterator[tuple[str, str]]:
    yield "Remplir", "Remplacer la deuxième ligne, un exemple, par vos données. Une colonne vide peut être effacée."
    yield "Importer", f"Dans Boussole : Importer, {kind.label}. Rien n’est écrit avant la vérification."
    if kind.identify is not None:
        yield "Fiches connues", f"{kind.recognised} La fiche est alors mise à jour ; une cellule vide ne change rien."
    for target in columns(kind):
        yield target.label, TYPES[target.type]
    for state, label in kind.state_labels.items():
        yield f"Mot : {label}", "aussi : " + ", ".join(sorted(kind.states.get(state, ()))[:6])
    if kind.name in WINBIZ:
        yield "Winbiz", WINBIZ[kind.name]


def numbered() -> Iterator[tuple[str, Kind]]:
    """Give the workbooks' names in the order in which they are imported: what names another comes after it."""
    for place, kind in enumerate(map(kind_named, KINDS), start=1):
        yield f"{place:02}-{starter_name(kind)}", kind


def starter_set(*, person: str = "") -> bytes:
    """Return all workbooks in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, kind in numbered():
            archive.writestr(name, starter_workbook(kind, person=person))
    return out.getvalue()


def write_starter_files(folder: Path, *, person: str = "") -> list[Path]:
    """Write the workbooks into a folder; return their paths.

    Raises:
        BadInput: one of them exists already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = {folder / name: kind for name, kind in numbered()}
    for path in made:
        if path.exists():
            raise BadInput("Le fichier {name} existe déjà : choisir un autre dossier.", name=str(path))
    for path, kind in made.items():
        path.write_bytes(starter_workbook(kind, person=person))
    return list(made)
