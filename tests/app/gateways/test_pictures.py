"""Pictures of bills: what is shown of them carries nothing of the camera, and their QR code is read."""

import base64
import io

import pytest
import segno
from PIL import Image

from app.gateways.pictures import UnreadablePicture, picture_type, read_pictures
from app.purchasing.receiving import FileTooLarge, file_draft
from db.purchasing.bills.rules import MOST_BYTES
from tests.db.purchasing.test_bills import PAYLOAD

GPS, ORIENTATION = 0x8825, 0x0112
HEIC = base64.b64decode(  # 96 × 128 pixels with a place, as an iPhone writes them; the decoder alone cannot make one
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAZdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAABuwABAAAAAAAAAF8AAgAAAAACGgABAAAAAAAAAE4AAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCAgWW6"
    "kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAgAAAABBw"
    "aXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAtW1kYXQAAABbKAGv"
    "WLFId/0YP/EABIPhWFo0g3YlRgsMeiNG6Nmh8TJ9/rflk3LItndSizii+wSfGg1V21Py79AS7t5PcU6g5LqmHkDJ6G+qTKddoblm"
    "fzfHURTZEzDj3XEBsAAAAAZFeGlmAABNTQAqAAAACAABiCUABAAAAAEAAAAaAAAAAAABAAIABQAAAAMAAAAsAAAAAAAAAC4AAAAB"
    "AAAAHwAAAAEAAAAKAAAAAQ=="
)


def photo(*, payload: str = "", kind: str = "JPEG", size: tuple[int, int] = (900, 1200)) -> bytes:
    """Return a picture as a phone takes it: lying on its side, with the place where it was taken."""
    page = Image.new("RGB", size, "white")
    if payload:
        code = io.BytesIO()
        segno.make(payload, error="m").save(code, kind="png", scale=5)
        page.paste(Image.open(code), (60, 300))
    facts = Image.Exif()
    facts[ORIENTATION] = 6
    facts.get_ifd(GPS)[2] = (46.0, 31.0, 10.0)
    written = io.BytesIO()
    page.save(written, kind, exif=facts) if kind == "JPEG" else page.save(written, kind)
    return written.getvalue()


class TestReadPictures:
    def test_shows_no_place_and_stands_upright(self) -> None:
        original = photo()
        assert Image.open(io.BytesIO(original)).getexif().get_ifd(GPS)

        [shown] = read_pictures("photo.jpg", original).pictures

        picture = Image.open(io.BytesIO(shown))
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (1200, 900), {})

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "PDF"])
    def test_reads_the_code_of_a_bill(self, kind: str) -> None:
        assert read_pictures("facture", photo(payload=PAYLOAD, kind=kind)).payload == PAYLOAD

    def test_reads_what_an_iphone_takes(self) -> None:
        assert b"Exif" in HEIC

        [shown] = read_pictures("IMG_0412.HEIC", HEIC).pictures

        picture = Image.open(io.BytesIO(shown))
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (96, 128), {})

    def test_leaves_other_codes_alone(self) -> None:
        assert read_pictures("photo.jpg", photo(payload="https://example.ch")).payload == ""

    @pytest.mark.parametrize("content", [b"\xff\xd8\xffabc", b"%PDF-1.4 rien", b"texte", photo()[:900], HEIC[:300]])
    def test_refuses_what_it_cannot_read(self, content: bytes) -> None:
        with pytest.raises(UnreadablePicture, match="photo"):
            read_pictures("photo.jpg", content)


class TestPictureType:
    def test_goes_by_the_first_bytes(self) -> None:
        assert picture_type(b"\x00\x00\x00\x18ftypheic") == "image/heic"
        assert picture_type(b"GIF89a") == ""


class TestFileDraft:
    def test_says_that_a_file_is_too_large(self) -> None:
        with pytest.raises(FileTooLarge, match="25 Mo"):
            file_draft("photo.jpg", b"\xff" * (MOST_BYTES + 1))
