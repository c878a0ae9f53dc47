"""What a call ended in."""

from db.kernel.errors import BadInput

# outcome → what the story says, in French, before the words of who called
OUTCOMES = {
    "reached": "Joint",
    "no_answer": "Pas de réponse",
    "message": "Message laissé",
    "call_back": "À rappeler",
}


def told_call(outcome: str, text: str) -> str:
    """Return a call in words: `Joint. Veut un devis`.

    Raises: BadInput: nobody knows the outcome.
    """
    if outcome not in OUTCOMES:
        raise BadInput("Choisissez le résultat de l’appel.")
    said = " ".join(text.split())
    return f"{OUTCOMES[outcome]}. {said}" if said else OUTCOMES[outcome]
