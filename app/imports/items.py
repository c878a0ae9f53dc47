"""Items as a kind that files are read into."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.imports.kinds import Kind, Situation, Target, said_in
from db.catalog.items.intake.actions import ITEM_IMPORT
from db.catalog.items.intake.queries import item_matches
from db.catalog.items.intake.rules import ItemRow, identities_of
from db.catalog.items.rules import KIND_LABELS, NO_VAT, ItemDraft, ItemKind, ItemState, clean_item, draft_of
from db.catalog.units.rules import unit_named
from db.kernel.errors import BadInput
from db.kernel.findings import Finding
from db.parties.intake.rules import Identity
from db.records.search.rules import fold

PRICE = Decimal("0.0001")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


# Winbiz: « Code de l'article », « Code à barres », « Prix d'achat brut », « Prix de revient d'achat ».
# Source: helpcenter.winbiz.ch/hc/fr/articles/360009060193 (prix fournisseur à partir d'un fichier), read 2026-11.
TARGETS = (
    Target("number", "Numéro", "code", _words(
        "numero|code de l article|numero d article|no article|n article|n d article|no|n°|code article|reference|ref|"
        "sku|code|id|"
        "article id|product id|productid|stockcode|stock code|item number|item no|item code|part number|artikelnummer|"
        "artikel nr|art nr|nummer|ar code|ar no"), is_identity=True, example="20-6107"),
    Target("name", "Nom de l’article", "text", _words(
        "nom|nom de l article|article|designation|libelle|description|denomination|produit|product|product name|"
        "productname|name|item|item name|bezeichnung|artikel|artikelbezeichnung|ar designation|ar desc"),
        example="Câble inox 7×19 Ø 6 mm, A4"),
    Target("name_de", "Nom allemand", "text", _words("nom allemand|designation allemande|name de|nom de")),
    Target("name_en", "Nom anglais", "text", _words("nom anglais|designation anglaise|name en|english name|nom en")),
    Target("kind", "Genre", "state", _words("genre|type|type d article|sorte|kind|item type|artikelart|art")),
    Target("group_name", "Groupe", "code", _words(
        "groupe|groupe d articles|famille|categorie|category|category name|categoryid|categorie id|group|warengruppe|"
        "artikelgruppe|gruppe|rayon|ar groupe"), example="Câbles"),
    Target("unit", "Unité", "text", _words(
        "unite|unite de mesure|unit|uom|unit of measure|einheit|mengeneinheit|me|ar unite"), example="m"),
    Target("packages", "Conditionnements", "text", _words(
        "conditionnement|conditionnements|emballage|emballages|packaging|packages|verpackung|vpe"),
        example="rouleau = 50"),
    Target("sale_price", "Prix de vente", "number", _words(
        "prix de vente|prix|prix unitaire|prix ht|prix de vente ht|pv|unit price|unitprice|price|sale price|"
        "sales price|"
        "verkaufspreis|preis|vk|vk preis|einzelpreis|ar pv|ar prix"), example="7.85"),
    Target("purchase_price", "Prix d’achat", "number", _words(
        "prix d achat|prix d achat brut|prix de revient d achat|"
        "prix achat|pa|cout|prix de revient|cost|cost price|purchase price|unit cost|unitcost|"
        "einkaufspreis|"
        "ek|ek preis|ar pa"), example="4.85"),
    Target("vat_code", "TVA", "code", _words(
        "tva|taux tva|code tva|taux de tva|vat|vat rate|tax|tax rate|mwst|mwst satz|mwst code|ar tva"), example="8.1"),
    Target("barcode", "Code-barres", "code", _words(
        "code barres|code a barres|code barre|codebarres|ean|ean13|gtin|barcode|ean code|strichcode|upc"),
        example="7612345678900"),
    Target("minimum_stock", "Stock minimum", "number", _words(
        "stock minimum|stock min|stock mini|minimum|seuil|seuil de commande|reorder level|reorderlevel|reorder point|"
        "min stock|mindestbestand|meldebestand"), example="100"),
    Target("supplier", "Fournisseur", "text", _words(
        "fournisseur|fournisseur habituel|fournisseur principal|supplier|supplier name|vendor|lieferant|"
        "hauptlieferant"),
        example="Inoxal AG"),
    Target("note", "Remarque", "text", _words("remarque|remarques|note|notes|commentaire|comment|bemerkung")),
    Target("archived", "Archivé", "yes_no", _words(
        "archive|inactif|discontinued|obsolete|supprime|hors catalogue|inaktiv|gesperrt")),
)  # fmt: skip
STATES = {
    ItemKind.ARTICLE.value: frozenset(
        _words("article|produit|marchandise|stock|bien|product|goods|item|inventory|ware|artikel|produkt|lagerartikel")
    ),
    ItemKind.SERVICE.value: frozenset(
        _words("service|services|prestation|main d oeuvre|travail|dienstleistung|leistung|labor|labour")
    ),
}
_VAT = {
    "standard": _words("standard|normal|taux normal|n|8.1|7.7|0.081|0.077|normalsatz"),
    "reduced": _words("reduced|reduit|taux reduit|r|2.6|2.5|0.026|0.025|reduzierter satz|reduziert"),
    "lodging": _words("lodging|hebergement|special|3.8|3.7|0.038|0.037|sondersatz"),
    NO_VAT: _words("none|exonere|exclu|hors champ|sans|sans tva|0|0.0|steuerfrei|ohne"),
}
VAT_OF = {word: code for code, words in _VAT.items() for word in words}


@dataclass(frozen=True)
class ItemRead:
    """What one row says: an item, and its supplier's name."""

    draft: ItemDraft
    supplier: str = ""
    given: dict[str, Any] | None = None


def build(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> ItemRead:
    """Return the item of one row. Raises: BadInput: the values cannot be kept."""
    supplier = " ".join(str(values.pop("supplier", "")).split())
    if "unit" in values:
        values["unit"] = unit_named(values["unit"])
    if "vat_code" in values:
        values["vat_code"] = read_vat(values["vat_code"])
    for name in ("sale_price", "purchase_price"):
        if name in values:
            values[name] = values[name].quantize(PRICE, ROUND_HALF_UP)
    if "archived" in values:
        is_archived = values.pop("archived")
        values["state"] = (ItemState.ARCHIVED if is_archived else ItemState.ACTIVE).value
    if values.get("number") and not values.get("name"):
        values_for_new = {**values, "name": values["number"]}  # a file of prices may change items without naming them
        return ItemRead(clean_item(draft_of(values_for_new)), supplier)
    draft = clean_item(draft_of(values))
    return ItemRead(draft, supplier)


def read_vat(text: str) -> str:
    """Return the VAT code that a text means: a code, a rate, or a word.

    Raises: BadInput.
    """
    bare = re.sub(r"\s*%\s*$", "", text.strip()).replace(",", ".")
    bare = re.sub(r"(\.\d*?)0+$", r"\1", bare).removesuffix(".") if re.fullmatch(r"\d+\.\d+", bare) else bare
    code = VAT_OF.get(fold(bare))
    if code is None:
        finding = Finding("vat_code", "« {text} » n’est pas un code de TVA ; écrire par exemple 8.1 ou réduit.",
                          {"text": text[:40]})  # fmt: skip
        raise BadInput(finding.message_id, **finding.params)
    return code


def identify(read: ItemRead) -> tuple[Identity, ...]:
    """Return by what the item of a row is recognised."""
    return identities_of(read.draft)


def row(line: int, read: ItemRead, given: dict[str, Any], key: tuple[Identity, ...]) -> ItemRow:
    """Return the row as the business takes it: the columns of the item that the file fills, as they are kept."""
    said = said_in(read.draft, given)
    return ItemRow(line, read.draft, said, key or identities_of(read.draft), read.supplier)


ITEMS = Kind(
    name="items",
    record_kind="item",
    label="Articles",
    permission="catalog.import",
    undo_permission="catalog.import",
    targets=TARGETS,
    states=STATES,
    state_labels={kind.value: label for kind, label in KIND_LABELS.items()},
    key_targets=frozenset({"number"}),
    field_of={},
    reserved=frozenset(),
    build=build,
    row=row,
    deeds=ITEM_IMPORT,
    find=item_matches,
    identify=identify,
    recognised="Le numéro de l’article.",
    portion=500,
    takes_custom=False,
    icon="package",
    page="/articles",
    purpose="Articles et services avec prix, TVA et fournisseur ; un article connu par son numéro est mis à jour.",
)
