"""A field as somebody describes it in the settings, and what stands against it."""

from dataclasses import dataclass, replace

from db.kernel.findings import BadFields, Finding
from db.records.custom_fields.rules import FieldType

LONGEST_LABEL, LONGEST_CHOICE, MOST_CHOICES = 60, 120, 200


class BadField(BadFields):
    """A field cannot be kept as it is described; `findings` says why."""


@dataclass(frozen=True)
class FieldDraft:
    """What a field is called, its choices, whether it must be filled, and whether models may learn from it."""

    label: str
    label_en: str = ""
    label_de: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    feature: bool = True


def check_field(draft: FieldDraft, type: FieldType) -> FieldDraft:
    """Return the draft tidied; only a choice has choices.

    Raises: BadField.
    """
    label, label_en, label_de = (" ".join(one.split()) for one in (draft.label, draft.label_en, draft.label_de))
    labels = {"label": label, "label_en": label_en, "label_de": label_de}
    choices = draft.choices if type is FieldType.CHOICE else ()
    tidy = replace(draft, label=label, label_en=label_en, label_de=label_de, choices=choices)
    found = [
        Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_LABEL})
        for name, text in labels.items()
        if len(text) > LONGEST_LABEL
    ]
    if not tidy.label:
        found.append(Finding("label", "Donnez un nom au champ."))
    found += _choice_findings(tidy.choices) if type is FieldType.CHOICE else []
    if found:
        raise BadField(found)
    return tidy


def _choice_findings(choices: tuple[str, ...]) -> list[Finding]:
    if not choices:
        return [Finding("choices", "Écrivez les choix, un par ligne.")]
    if len(choices) > MOST_CHOICES:
        return [Finding("choices", "Au plus {most} choix.", {"most": MOST_CHOICES})]
    if any(len(one) > LONGEST_CHOICE for one in choices):
        return [Finding("choices", "Un choix dépasse {longest} caractères.", {"longest": LONGEST_CHOICE})]
    return []
