"""Pictures and PDF as they come from phones: what is shown of them, and the text of a QR code on them.

Foreign files are opened in a child process with limits (`workspace.apart`); the originals are never changed.
"""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.kernel.errors import BadInput
from workspace.apart import Report, WorkDied, WorkRefused, run_apart

LONGEST_SIDE = 2000  # pixels of what is shown
MOST_PIXELS = 120_000_000
MOST_PAGES = 20
DOTS = 150 / 72  # a PDF's points to pixels
HEIC_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc", b"hevx")
TYPES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


class UnreadablePicture(BadInput):
    """A file is no picture or PDF that can be read."""


@dataclass(frozen=True)
class Pictured:
    """What is shown of a file, as JPEG without anything but the picture, and the text of its code ("" without)."""

    pictures: tuple[bytes, ...]
    payload: str


def picture_type(content: bytes) -> str:
    """Return what a file is by its first bytes; "" for what is neither JPEG, PNG, HEIC nor PDF."""
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "image/heic"
    return next((kind for sign, kind in TYPES.items() if content.startswith(sign)), "")


def read_pictures(name: str, content: bytes) -> Pictured:
    """Return the pictures and the code of a file.

    Raises: UnreadablePicture.
    """
    kind = picture_type(content)
    if not kind:
        raise UnreadablePicture("« {name} » n’est ni une photo (JPEG, PNG, HEIC) ni un PDF.", name=name)
    try:
        found = run_apart(look, {"kind": kind, "content": content}, lambda done, total, text: None)
    except (WorkDied, WorkRefused):
        raise UnreadablePicture("« {name} » est abîmé ou trop grand ; photographiez-le à nouveau.", name=name) from None
    return Pictured(tuple(base64.b64decode(one) for one in found["pictures"]), str(found["payload"]))


def look(material: Any, report: Report) -> Mapping[str, Any]:
    """Return pictures and code of a file; runs in the child."""
    content: bytes = material["content"]
    pages = _pdf_pages(content) if material["kind"] == "application/pdf" else [_photo(content, material["kind"])]
    payload, shown = "", []
    for page in pages:
        payload = payload or _payload(page)
        shown.append(base64.b64encode(_jpeg(page)).decode())
    return {"pictures": shown, "payload": payload}


def _photo(content: bytes, kind: str) -> Any:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    if kind == "image/heic":
        from pi_heif import register_heif_opener

        register_heif_opener()
    found = Image.open(io.BytesIO(content))
    return (ImageOps.exif_transpose(found) or found).convert("RGB")


def _pdf_pages(content: bytes) -> list[Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    count = min(len(document), MOST_PAGES)
    return [document[number].render(scale=DOTS).to_pil().convert("RGB") for number in range(count)]


def _payload(page: Any) -> str:
    """Return the text of a Swiss QR code; tried larger and in grey where it is not found at once."""
    import zxingcpp

    for picture in (page, page.convert("L"), page.resize((page.width * 2, page.height * 2)).convert("L")):
        if picture.width * picture.height > MOST_PIXELS:
            continue
        for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
            if code.text.startswith("SPC"):
                return str(code.text)
    return ""


def _jpeg(page: Any) -> bytes:
    page.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    page.save(written, "JPEG", quality=82, optimize=True)  # nothing of the original's own facts is passed on
    return written.getvalue()
