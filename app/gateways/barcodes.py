"""Barcodes on a picture that a phone took. Foreign bytes: small, few pixels, and only what a camera makes."""

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from db.kernel.errors import BadInput

MOST_BYTES, MOST_PIXELS = 1_500_000, 6_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


class NoPicture(BadInput):
    """The bytes are no picture that can be read."""


def barcodes_in(picture: bytes) -> list[str]:
    """Return the texts of the barcodes on a picture, the surest first.

    Raises: NoPicture: too large, or no picture.
    """
    if len(picture) > MOST_BYTES:
        raise NoPicture("Cette image est trop grande ; photographiez le code de plus près.")
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NoPicture("Cette image est trop grande ; photographiez le code de plus près.")
            grey = opened.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as problem:
        raise NoPicture("Ce fichier n’est pas une photo lisible.") from problem
    return [found.text for found in zxingcpp.read_barcodes(grey) if found.text]
