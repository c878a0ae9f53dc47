"""What the receiving server found about a sender (SPF, DKIM, DMARC), explained in a sentence.

Source: RFC 8601 (Authentication-Results), RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC).
"""

import re

from app.text import say

_RESULT = re.compile(r"(?i)(?:^|[;\s])(spf|dkim|dmarc)\s*=\s*([a-z]+)")


def results_of(header: str) -> dict[str, str]:
    """Return what a header says of each method; the best where one is named twice (several DKIM signatures)."""
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(re.sub(r"\([^)]*\)", " ", header)):
        if found.get(method.lower()) != "pass":
            found[method.lower()] = result.lower()
    return found


def explained(header: str, sender: str, language: str) -> tuple[str, str]:
    """Return what the results mean for the reader, and its tone: "grn", "red" or ""."""
    found = results_of(header)
    domain = sender.rpartition("@")[2]
    if not found:
        return say(language, "Le serveur n’a pas vérifié l’expéditeur."), ""
    told = ", ".join(f"{name.upper()} {result}" for name, result in found.items())
    if found.get("dmarc") == "pass":
        return say(
            language, "Expéditeur vérifié : {domain} a bien envoyé ce message ({told}).", domain=domain, told=told
        ), "grn"
    if found.get("dmarc") == "fail" or (
        "fail" in (found.get("spf"), found.get("dkim")) and "pass" not in found.values()
    ):
        words = "Méfiance : rien ne prouve que ce message vient de {domain} ({told}). Vérifiez avant d’agir."
        return say(language, words, domain=domain, told=told), "red"
    if found.get("dkim") == "pass" or found.get("spf") == "pass":
        words = "Le serveur d’envoi est reconnu, sans règle DMARC de {domain} ({told})."
        return say(language, words, domain=domain, told=told), ""
    return say(language, "Expéditeur non vérifié ({told}).", told=told), ""
