"""Reading an e-mail from its bytes, within bounds: whatever it holds, something is kept and the rest is named.

Source: RFC 5322, 2045, 3462 and 3464 (reports), 3834 (automatic answers), 8601 (Authentication-Results).
"""

import email
import email.policy
import hashlib
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape

import nh3

from app.gateways.quoting import split_reply
from db.documents.mail.rules import Address, ArrivedFile, ArrivedMail, Bounce, plain_address

MEGABYTE = 1024**2
MOST_BYTES = 40 * MEGABYTE  # a larger message is kept without its files, which stay in the mailbox
MOST_PARTS, DEEPEST = 200, 12
MOST_TEXT, MOST_HTML = 200_000, 400_000
MOST_FILES = 100
MOST_NAMED = 50
NESTED = "Ce message est imbriqué à l’excès ; seul son début est repris."
TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}
_BREAKS = re.compile(r"(?i)<\s*(?:br|/p|/div|/tr|/li|/h[1-6]|hr|/blockquote|/table)\b[^>]*>")
_UNSEEN = re.compile(r"(?is)<(script|style|head|title|noscript|template)\b.*?(?:</\1\s*>|$)")
_QUOTE = re.compile(r"(?is)<blockquote\b[^>]*>(.*?)</blockquote>")
_AUTO = re.compile(r"(?i)^\s*(?!no\b)\S")
_STATUS = re.compile(r"(?i)\b5\.\d{1,3}\.\d{1,3}\b")


def read_mail(raw: bytes, *, at: datetime, size_bytes: int = 0) -> ArrivedMail:
    """Return what an e-mail says; `size_bytes`: of the whole, where `raw` is only its beginning."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
    except (RecursionError, ValueError, LookupError):  # nested without end, or worse: the head at least
        head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0][:MEGABYTE]
        message = email.message_from_bytes(head + b"\r\n\r\n", policy=email.policy.compat32)
        return _read(message, raw, at, len(raw), NESTED)
    return _read(message, raw, at, size_bytes or len(raw), "")


def _read(message: Message, raw: bytes, at: datetime, whole: int, broken: str) -> ArrivedMail:
    parts, problem = _parts(message)
    text, html = _bodies(parts)
    shown = text if text.strip() else text_of_html(html)
    new, quoted = split_reply(shown[:MOST_TEXT])
    bounce = bounce_of(message, parts, shown)
    files, remark, params = _files(parts, whole > len(raw), whole)
    message_id = _one_id(_header(message, "Message-ID"))
    sender = (_addresses(message, "From") or _addresses(message, "Sender") or (Address("", ""),))[0]
    return ArrivedMail(
        message_id=message_id,
        key=_key(message, message_id, raw),
        sender=sender,
        recipients=_addresses(message, "To"),
        copies=_addresses(message, "Cc"),
        subject=" ".join(_header(message, "Subject").split())[:1000],
        written_at=_written_at(message, at),
        text=new,
        quoted=quoted,
        html=safe_html(html),
        in_reply_to=_one_id(_header(message, "In-Reply-To")),
        references=tuple(_ids(_header(message, "References")))[-MOST_NAMED:],
        is_auto=is_automatic(message) or bounce is not None,
        bounce=bounce,
        authentication=_authentication(message),
        remark=broken or remark or problem,
        remark_params={} if broken else params,
        size_bytes=whole,
        files=files,
    )


def _header(message: Message, name: str) -> str:
    """Return a header as text, whatever is wrong with it."""
    try:
        value = message.get(name, "")
        return _clean(str(value))
    except (ValueError, LookupError, AttributeError, IndexError, TypeError):  # the parser of headers is not perfect
        raw = next((str(one) for key, one in message.raw_items() if key.lower() == name.lower()), "")
        return _clean(raw)


def _clean(text: str) -> str:
    bare = text.encode("utf-8", "replace").decode("utf-8", "replace")
    return "".join(sign for sign in bare if sign >= " " or sign in "\n\t").strip()


def _clean_body(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(sign for sign in text if sign >= " " or sign in "\n\t")


def _addresses(message: Message, name: str) -> tuple[Address, ...]:
    """Return the addresses of a header, each once."""
    found: dict[str, Address] = {}
    for called, address in getaddresses([_header(message, name)[:50_000]]):
        plain = plain_address(address)
        if "@" in plain:
            found.setdefault(plain, Address(plain, " ".join(called.split())[:200]))
    return tuple(found.values())[:500]


def _ids(text: str) -> list[str]:
    return re.findall(r"<[^<>\s]{1,900}>", text)


def _one_id(text: str) -> str:
    return next(iter(_ids(text)), "")


def _written_at(message: Message, at: datetime) -> datetime:
    """Return when an e-mail was written; when it says nothing that can be, the moment it was fetched."""
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return at
    return found if found.year > 1980 and found <= at else at


def _key(message: Message, message_id: str, raw: bytes) -> str:
    """Return what names an e-mail in every copy: its Message-ID, who wrote it when, and its body as it came."""
    head = "\n".join([message_id, *(_header(message, name) for name in ("From", "Date", "Subject"))])
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)
    content = body[1] if len(body) > 1 else b""
    return hashlib.sha256(head.encode() + b"\n\n" + content.replace(b"\r\n", b"\n").rstrip()).hexdigest()


def _parts(message: Message) -> tuple[list[Message], str]:
    """Return the leaves of an e-mail; messages within it are leaves as well. Without end it is not read."""
    found: list[Message] = []
    waiting: list[tuple[Message, int]] = [(message, 0)]
    problem = ""
    while waiting:
        part, depth = waiting.pop(0)
        if len(found) >= MOST_PARTS or depth > DEEPEST:
            problem = NESTED
            break
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting = [(one, depth + 1) for one in inner if isinstance(one, Message)] + waiting
        else:
            found.append(part)
    return found, problem


def _bodies(parts: list[Message]) -> tuple[str, str]:
    """Return the text and the HTML that are to be read: the first of each that is no file."""
    text = html = ""
    for part in parts:
        if _is_file(part):
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and not text:
            text = _text(part)
        elif kind == "text/html" and not html:
            html = _text(part)
    return text, html


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_name(part)) or not _is_text(part)


def _is_text(part: Message) -> bool:
    return part.get_content_type() in ("text/plain", "text/html")


def _name(part: Message) -> str:
    try:
        return _clean(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _content(part: Message) -> bytes:
    if part.get_content_maintype() == "message":
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return _as_bytes(inner[0])
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        content = None
    if isinstance(content, bytes):
        return content
    return str(part.get_payload() or "").encode("utf-8", "replace")


def _as_bytes(message: Message) -> bytes:
    for policy in (email.policy.default, email.policy.compat32):
        try:
            return message.as_bytes(policy=policy)
        except (ValueError, LookupError, AttributeError, TypeError, UnicodeError):
            continue
    return str(message.get_payload()).encode("utf-8", "replace")


def _text(part: Message) -> str:
    """Return a text in its charset, or in the likeliest one when it names none that exists."""
    content = _content(part)[: 4 * MOST_HTML]
    try:
        named = part.get_content_charset() or "utf-8"
    except (LookupError, ValueError, AttributeError, TypeError):
        named = "utf-8"
    for charset in (named, "utf-8", "cp1252"):
        try:
            return _clean_body(content.decode(charset))
        except (UnicodeDecodeError, LookupError):
            continue
    return _clean_body(content.decode("latin-1"))


def safe_html(html: str) -> str:
    """Return HTML that can be shown: no script, no style, no form, no picture from elsewhere, no link that runs."""
    if not html.strip():
        return ""
    cleaned = nh3.clean(
        html[:MOST_HTML],
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title", "template", "noscript"},
    )
    return cleaned if re.sub(r"<[^>]*>|\s|&nbsp;", "", cleaned) else ""


def text_of_html(html: str) -> str:
    """Return the text of HTML; what it cites is marked with « > »."""
    html = _UNSEEN.sub("", html[:MOST_HTML])
    html = _QUOTE.sub(lambda found: "<br>" + _marked(found[1]) + "<br>", html)
    return _plain(html)


def _marked(html: str) -> str:
    lines = _plain(html).split("\n")
    return "<br>".join("&gt; " + line.replace("&", "&amp;").replace("<", "&lt;") for line in lines)


def _plain(html: str) -> str:
    bare = re.sub(r"(?s)<!--.*?-->|<[^>]*>", "", _BREAKS.sub("\n", re.sub(r"\s+", " ", html)))
    lines = [" ".join(line.split()) for line in unescape(bare).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _files(parts: list[Message], is_cut: bool, whole: int) -> tuple[tuple[ArrivedFile, ...], str, dict[str, object]]:
    """Return the files of an e-mail, and in words which could not be kept."""
    if is_cut:
        size = f"{whole / MEGABYTE:.0f}"
        return (), "Message de {size} Mo : ses fichiers restent dans la boîte aux lettres.", {"size": size}
    found, remark, params = [], "", {}
    for number, part in enumerate(one for one in parts if _is_file(one)):
        content = _content(part)
        if part.get_content_type() in TNEF or _name(part).lower() == "winmail.dat":
            remark = (
                "Pièces jointes dans un « winmail.dat » d’Outlook : le fichier est gardé, demandez un envoi normal."
            )
        if content and len(found) < MOST_FILES:
            found.append(ArrivedFile(_name(part) or _given_name(part, number), content))
        elif not content:
            remark, params = "Le fichier « {name} » est vide ou illisible.", {"name": _name(part) or "?"}
        else:
            remark, params = "Plus de {most} fichiers : les premiers sont gardés.", {"most": MOST_FILES}
    return tuple(found), remark, params


def _given_name(part: Message, number: int) -> str:
    if part.get_content_maintype() == "message":
        return f"message-{number + 1}.eml"
    ends = {"text/calendar": "ics", "text/html": "html", "text/plain": "txt", "image/png": "png", "image/jpeg": "jpg"}
    return f"fichier-{number + 1}.{ends.get(part.get_content_type(), 'bin')}"


def is_automatic(message: Message) -> bool:
    """Test if nobody wrote an e-mail: an answer of absence, a list, a report. Source: RFC 3834, section 5."""
    if _AUTO.match(_header(message, "Auto-Submitted")) or _header(message, "X-Autoreply"):
        return True
    if _header(message, "Precedence").lower() in ("auto_reply", "bulk", "junk"):
        return True
    return bool(_header(message, "X-Auto-Response-Suppress")) and bool(
        re.match(
            r"(?i)(automatic reply|réponse automatique|automatische antwort|absence du bureau)",
            _header(message, "Subject"),
        )
    )


def bounce_of(message: Message, parts: list[Message], text: str) -> Bounce | None:
    """Return what a report of non-delivery says; None for anything else. Source: RFC 3464."""
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    returned = next((p for p in parts if p.get_content_type() in ("message/rfc822", "text/rfc822-headers")), None)
    if status is None:
        is_daemon = re.match(r"(?i)(mailer-daemon|postmaster)@", _address_of(message))
        if not is_daemon or not re.search(
            r"(?i)undeliver|failure|not delivered|non remis|retour", _header(message, "Subject")
        ):
            return None
        found = re.search(r"[\w.+-]+@[\w-]+\.[\w.-]+", text)
        return Bounce(_named_in(returned, text), found[0].lower().rstrip(".") if found else "", _reason(text))
    facts = _status_facts(status)
    if facts.get("action", "failed") != "failed":
        return None
    address = re.sub(r"(?i)^rfc822\s*;\s*", "", facts.get("final-recipient") or facts.get("original-recipient", ""))
    reason = re.sub(r"(?i)^smtp\s*;\s*", "", facts.get("diagnostic-code") or facts.get("status", ""))
    return Bounce(_named_in(returned, text), plain_address(address), " ".join(reason.split())[:300])


def _address_of(message: Message) -> str:
    found = _addresses(message, "From")
    return found[0].address if found else ""


def _status_facts(part: Message) -> dict[str, str]:
    facts: dict[str, str] = {}
    inner = part.get_payload()
    blocks = inner if isinstance(inner, list) else [part]
    for block in blocks:
        if isinstance(block, Message):
            for name, value in block.items():
                facts.setdefault(
                    name.lower(), _clean(str(value)).strip().lower() if name.lower() == "action" else _clean(str(value))
                )
    return facts


def _named_in(returned: Message | None, text: str) -> str:
    if returned is not None:
        inner = returned.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return _one_id(_header(inner[0], "Message-ID"))
        content = _content(returned).decode("utf-8", "replace")
        found = re.search(r"(?im)^message-id:\s*(<[^>\s]+>)", content)
        return found[1] if found else ""
    found = re.search(r"(?im)^\s*message-id:\s*(<[^>\s]+>)", text)
    return found[1] if found else ""


def _reason(text: str) -> str:
    line = next((line for line in text.split("\n") if _STATUS.search(line) or re.match(r"\s*5\d\d[ -]", line)), "")
    return " ".join(line.split())[:300]


def _authentication(message: Message) -> str:
    """Return what the receiving server says of the sender: the topmost Authentication-Results alone is its own."""
    found = next((str(value) for name, value in message.raw_items() if name.lower() == "authentication-results"), "")
    return " ".join(_clean(found).split())[:2000]
