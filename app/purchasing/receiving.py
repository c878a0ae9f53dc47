"""From a file that somebody hands in to what a bill keeps of it."""

from app.gateways.pictures import picture_type, read_pictures
from db.documents.attachments.rules import plain_name
from db.documents.store import put
from db.kernel.errors import BadInput
from db.purchasing.bills.rules import MEGABYTE, MOST_BYTES, FileDraft


class FileTooLarge(BadInput):
    """A file is larger than may be kept."""


def file_draft(name: str, content: bytes) -> FileDraft:
    """Keep a file and its pictures in the store and return what a bill needs of them; the original stays as it is.

    Raises: FileTooLarge, UnreadablePicture.
    """
    name = plain_name(name)
    if not content or len(content) > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        raise FileTooLarge("« {name} » est vide ou dépasse {most} Mo ; réduisez-le.", name=name, most=most)
    read = read_pictures(name, content)
    pictures = tuple(put(picture) for picture in read.pictures)
    return FileDraft(name, put(content), len(content), picture_type(content), pictures, read.payload)
