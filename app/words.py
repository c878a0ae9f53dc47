"""How the sentences of the screens reach the browser: French in the pages, each other language in a file of its own.

`words.js` looks them up there; only the language that somebody reads travels to her browser.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reflex as rx
from reflex.vars import VarData

from app.text import SHOWN, TRANSLATIONS, catalogue, typeset

MODULE = "utils/words"
SOURCE = Path(__file__).with_name("words.js")
WORDS = VarData(hooks={"const words = useWords();": None}, imports={f"$/{MODULE}": [rx.ImportVar(tag="useWords")]})


def spoken(french: str, params: dict[str, Any]) -> rx.Var[str]:
    """Return the sentence as the browser says it, its places filled."""
    filling = rx.Var.create(params) if params else None
    rest = "" if filling is None else f",{filling!s}"
    data = VarData.merge(WORDS, None if filling is None else filling._get_all_var_data())
    return rx.Var(f"words({json.dumps(french, ensure_ascii=False)}{rest})", _var_type=str, _var_data=data).to(str)


class Words(rx.plugins.Plugin):
    """Writes the sentences of all compiled pages beside them."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """Return `words.js` and the file of each language."""
        from app.language import Language

        files = ",".join(f'{code}:()=>import("./words_{code}.js")' for code in TRANSLATIONS)
        script = SOURCE.read_text(encoding="utf-8").replace("/* files */", files)
        script = script.replace("/* state */", Language.get_full_name())
        script = script.replace("/* lang */", str(Language.lang).rpartition(".")[2].strip("'\"[]?"))
        return [(Path(f"{MODULE}.js"), script), *((Path(f"{MODULE}_{code}.js"), _file(code)) for code in TRANSLATIONS)]


def _file(language: str) -> str:
    known = catalogue(language)
    said = {typeset(french): known[french] for french in sorted(SHOWN) if french in known}
    return f"export default {json.dumps(said, ensure_ascii=False, separators=(',', ':'))};\n"
