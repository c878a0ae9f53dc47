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


CALL = "Appel"  # before the outcome, where the story does not say itself that it was a call


def read_call(text: str) -> tuple[bool, str, str]:
    """Take a told call apart: whether it says that it was one, its outcome, and the words of who called.

    The outcomes are kept in French, whoever noted the call; a text that is none has no outcome.
    """
    bare = text.removeprefix(f"{CALL} : ")
    for outcome in OUTCOMES.values():
        if bare == outcome or bare.startswith(f"{outcome}. "):
            return bare != text, outcome, bare[len(outcome) + 2 :]
    return False, "", text
