"""What may hang on a record as a file, and which files are shown rather than only handed out."""

from db.kernel.errors import BadInput

MEGABYTE = 1024**2
MOST_BYTES = 25 * MEGABYTE
DOWNLOAD_ONLY = "application/octet-stream"
PDF = "application/pdf"
_SIGNS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class FileRefused(BadInput):
    """A file cannot be kept: it is empty or too large."""


def check_content(name: str, content: bytes) -> None:
    """Refuse a file that is empty or too large.

    Raises: FileRefused.
    """
    if not content:
        raise FileRefused("« {name} » est vide.", name=name)
    if len(content) > MOST_BYTES:
        raise FileRefused("« {name} » dépasse {most} Mo ; réduisez-le.", name=name, most=MOST_BYTES // MEGABYTE)


def media_type_of(content: bytes) -> str:
    """Return what a content is by its first bytes, never by its name; what is not shown is only handed out."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS if content.startswith(sign)), DOWNLOAD_ONLY)


def plain_name(name: str) -> str:
    """Return a file's name without folders and signs that could lead a reader astray."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in bare if sign.isprintable() and sign not in '<>:"|?*\u202e')
    return " ".join(shown.split())[-200:] or "fichier"
