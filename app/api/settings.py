"""The firm's settings over the API: its name and letter head, logo, mail, numbers of documents, retention."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.api.proof import Code, proven
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do
from app.settings.profile import MOST_LOGO_BYTES, keep_logo, picture_kind, send_trial
from db.access.company import actions
from db.access.company.queries import company, company_profile, mail_settings
from db.access.company.rules import MailSettings
from db.access.numbering.actions import change_number_formats
from db.access.numbering.queries import number_formats
from db.access.rules import Actor
from db.access.settings.actions import change_settings
from db.access.settings.queries import settings
from db.documents import store
from db.kernel.errors import NotFound

router = APIRouter(prefix="/settings", tags=["Réglages"])
Reader = Annotated[Actor, Depends(allowed("access.use_own_account"))]
Manager = Annotated[Actor, Depends(allowed("access.manage_company"))]
Line = Annotated[str, Field(max_length=200)]


class Firm(BaseModel):
    """What the firm is called."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    uid: Line = ""
    language: Annotated[str, Field(max_length=5)] = "fr"


class LetterHead(BaseModel):
    """What stands at the head of the firm's letters."""

    model_config = ConfigDict(extra="forbid")
    vat_number: Line = ""
    street: Line = ""
    postal_code: Line = ""
    city: Line = ""
    phone: Line = ""
    email: Line = ""
    website: Line = ""


class Profile(LetterHead):
    """The letter head as it is kept; `canton`: whose holidays count."""

    canton: str
    logo_sha256: str


class Canton(BaseModel):
    """A canton, "" for none."""

    model_config = ConfigDict(extra="forbid")
    canton: str = Field(max_length=2)


class Mail(BaseModel):
    """How mail leaves; the password never comes back."""

    model_config = ConfigDict(extra="forbid")
    is_on: bool
    host: Line
    port: int
    security: Line
    user: Line
    sender: Line


class ChangedMail(Mail):
    """How mail is to leave; without a password the kept one stays."""

    password: str | None = Field(default=None, max_length=500)


class Trial(BaseModel):
    """Where the trial mail went."""

    address: str


@router.get("/company")
def read_company(by: Manager, response: Response) -> Firm:
    """Lire le nom et le numéro de l'entreprise ; `ETag` porte sa version."""
    found = ask(by, company)
    if found is None:
        raise NotFound("L’entreprise n’est pas encore créée.")
    put_version(response, found.row_version)
    return Firm(name=found.name, uid=found.uid or "", language=found.language)


@router.put("/company")
def change_company(by: Manager, given: Firm, response: Response, if_match: IfMatch = None) -> Firm:
    """Changer le nom, le numéro et la langue (`If-Match`)."""
    do(by, actions.edit_company, **given.model_dump(), expected_version=expected_version(if_match))
    return read_company(by, response)


@router.get("/profile")
def read_profile(by: Reader) -> Profile:
    """Lire l'en-tête des lettres."""
    found = ask(by, company_profile)
    if found is None:
        raise NotFound("L’entreprise n’est pas encore créée.")
    return Profile(**vars(found))


@router.put("/profile")
def change_profile(by: Manager, given: LetterHead, if_match: IfMatch = None) -> Profile:
    """Changer l'en-tête des lettres (`If-Match` de `/settings/company`)."""
    do(by, actions.edit_profile, profile=given.model_dump(), expected_version=expected_version(if_match))
    return read_profile(by)


@router.put("/canton", status_code=204)
def choose_canton(by: Manager, given: Canton) -> None:
    """Choisir le canton dont les jours fériés comptent."""
    do(by, actions.choose_canton, canton=given.canton)


@router.get("/logo", response_class=Response)
def read_logo(by: Reader) -> Response:
    """Lire le logo."""
    found = ask(by, company_profile)
    if found is None or not found.logo_sha256:
        raise NotFound("Rien à cette adresse.")
    content = store.get(found.logo_sha256)
    return Response(content, media_type=picture_kind(content))


@router.put("/logo", status_code=204)
def change_logo(by: Manager, file: Annotated[UploadFile, File()]) -> None:
    """Changer le logo (PNG ou JPEG, 1 Mo au plus)."""
    keep_logo(by, file.file.read(MOST_LOGO_BYTES + 1))


@router.delete("/logo", status_code=204)
def remove_logo(by: Manager) -> None:
    """Retirer le logo."""
    do(by, actions.change_logo, sha256=None)


@router.get("/mail")
def read_mail(by: Manager) -> Mail:
    """Dire comment les e-mails partent, sans le mot de passe."""
    return Mail(**vars(ask(by, mail_settings)))


@router.put("/mail")
def change_mail(by: Manager, given: ChangedMail, code: Code = "") -> Mail:
    """Changer l'envoi des e-mails ; demande le second facteur."""
    chosen = MailSettings(**given.model_dump(exclude={"password"}))
    do(proven(by, code), actions.change_mail, settings=chosen, password=given.password)
    return read_mail(by)


@router.post("/mail/trial")
def try_mail(by: Manager) -> Trial:
    """S'envoyer un e-mail d'essai."""
    return Trial(address=send_trial(by))


@router.get("/numbering")
def numbering(by: Reader) -> dict[str, str]:
    """Lire le format des numéros de chaque genre de pièce."""
    return ask(by, number_formats)


@router.put("/numbering")
def change_numbering(by: Manager, given: dict[str, Line]) -> dict[str, str]:
    """Changer certains formats de numéros."""
    do(by, change_number_formats, formats=given)
    return ask(by, number_formats)


@router.get("/numbers")
def numbers(by: Reader) -> dict[str, int]:
    """Lire les réglages chiffrés : sauvegardes, durées de conservation, alertes."""
    return ask(by, settings)


@router.put("/numbers")
def change_numbers(by: Manager, given: dict[str, int]) -> dict[str, int]:
    """Changer certains réglages chiffrés."""
    do(by, change_settings, values=given)
    return ask(by, settings)
