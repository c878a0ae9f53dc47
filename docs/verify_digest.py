"""Contrôle une chaîne exportée par « boussole digest --export » contre des empreintes gardées. Sans Boussole.

    python3 verify_digest.py CHAINE.jsonl EMPREINTE.json...

Chaque ligne de la chaîne est un acte : `facts` (qui, quand, quoi), `changes` (l'empreinte de chaque changement),
`digest` = sha256(facts + changes), `link` = sha256(link d'avant + digest). Une empreinte gardée dit jusqu'à quel
numéro la chaîne allait ce jour-là, avec quel `link` et combien de changements. Sortie 0 : tout concorde ; 1 : non.
"""

import hashlib
import json
import sys


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def check_chain(lines):
    """Return what is wrong in the chain, and by number (link, changes so far)."""
    problems, ends, link, changes, number = [], {0: ("0" * 64, 0)}, "0" * 64, 0, 0
    for line in lines:
        entry = json.loads(line)
        number += 1
        if entry["number"] != number:
            problems.append(f"La chaîne a un trou avant le sceau {entry['number']}.")
            number = entry["number"]
        if sha256(entry["facts"] + "".join(entry["changes"])) != entry["digest"]:
            problems.append(f"L'acte du sceau {number} a été altéré : {entry['facts']}")
        link = sha256(link + entry["digest"])
        if link != entry["link"]:
            problems.append(f"Le sceau {number} ne suit pas de celui d'avant.")
            link = entry["link"]
        changes += len(entry["changes"])
        ends[number] = (link, changes)
    return problems, ends


def check_digest(name, kept, ends):
    """Return what a kept digest says against the chain."""
    number, newest = kept["number"], max(ends)
    if number not in ends:
        return [f"{name} : la chaîne est coupée, elle s'arrête au sceau {newest} ; l'empreinte va jusqu'au {number}."]
    link, changes = ends[number]
    if link != kept["link"]:
        return [f"{name} : la chaîne a été réécrite, le sceau {number} n'est pas celui de l'empreinte."]
    if changes != kept["changes"]:
        return [f"{name} : {kept['changes']} changements jusqu'au sceau {number}, la chaîne en a {changes}."]
    return []


def main(arguments):
    if not arguments:
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            if json.loads(next(file))["format"] != "boussole-chain/1":
                raise ValueError("format")
            problems, ends = check_chain(file)
        for name in arguments[1:]:
            with open(name, encoding="utf-8") as file:
                problems += check_digest(name, json.load(file), ends)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as trouble:
        print(f"Fichier illisible : {trouble}")
        return 2
    print("\n".join(problems) if problems else f"Tout concorde : {max(ends)} actes, {len(arguments) - 1} empreintes.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
