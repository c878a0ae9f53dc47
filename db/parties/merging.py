"""How two companies or two persons become one."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from db.parties.rules import ADDRESS_FIELDS, ALSO, EDITABLE, KIND, PartyKind, check_party, draft_of
from db.parties.tables import Party, PartyContact
from db.records.duplicates.queries import Source, register_source
from db.records.merging.rules import CannotMerge, Merger, register_doubles, register_merger
from db.records.search.rules import digits, fold

LONGEST_FUNCTION = 200


def _check(session: Session, kept: Party, gone: Party) -> None:
    if kept.kind != gone.kind:
        raise CannotMerge("Une société et une personne ne se fusionnent pas.")
    if kept.uid and gone.uid and kept.uid != gone.uid:
        raise CannotMerge(
            "Ces fiches ont deux numéros IDE, {one} et {other} : ce sont deux entreprises. "
            "Si l’un des numéros est faux, corrigez-le d’abord.",
            one=kept.uid,
            other=gone.uid,
        )


def _combine(kept: Party, gone: Party, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept besides the chosen values, so that nothing that was known of either is lost."""
    return {
        "former_names": _others(kept, gone, "name", "former_names", values, fold),
        "other_emails": _others(kept, gone, "email", "other_emails", values, str.lower),
        "other_phones": _others(kept, gone, "phone", "other_phones", values, digits),
        "is_customer": kept.is_customer or gone.is_customer,
        "is_supplier": kept.is_supplier or gone.is_supplier,
    }


def _others(kept: Party, gone: Party, name: str, others: str, values: Mapping[str, Any], alike: Any) -> str:
    """Return, one per line, what else both sides say than the chosen value; the same in other writing is said once."""
    said = [getattr(kept, name), getattr(gone, name)]
    said += [line for side in (kept, gone) for line in getattr(side, others).split("\n")]
    known = {alike(values[name]), ""}
    lines = []
    for one in said:
        if alike(one) not in known:
            known.add(alike(one))
            lines.append(one)
    return "\n".join(lines)


def _validate(kept: Party, values: Mapping[str, Any]) -> None:
    draft = draft_of(values, PartyKind(kept.kind))
    check_party(draft, known_phones={draft.phone})  # both numbers were kept before


def _gained(kept: PartyContact, double: PartyContact) -> dict[str, Any]:
    """Return what somebody does at a company, out of what two links say of it."""
    functions = [one for one in dict.fromkeys((kept.function, double.function)) if one]
    return {"function": ", ".join(functions)[:LONGEST_FUNCTION]}


register_merger(
    Merger(
        KIND,
        fields=EDITABLE,
        together=ADDRESS_FIELDS,
        says_nothing={"country": "CH"},
        check=_check,
        combine=_combine,
        validate=_validate,
    )
)
_RECOGNISED = ("name", "uid", "email", "phone", *ALSO, "postal_code", "city", "street", "country")
register_source(Source(KIND, _RECOGNISED, group="kind"))
register_doubles("party_contact", _gained)
