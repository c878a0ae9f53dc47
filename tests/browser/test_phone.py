"""Five tasks on a phone (390 × 844, touch): note a call, approve, photograph a bill, clock in and out, count stock."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from app.doors import ask, do, now
from app.session import SESSION_COOKIE
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft
from db.people.hours.actions import add_span
from db.people.hours.queries import own_clock
from db.people.hours.rules import SpanDraft, month_of
from db.purchasing.bills.queries import own_bills
from db.stock.counts.actions import open_count
from db.stock.counts.queries import sheet
from db.stock.counts.rules import CountDraft
from tests.app.gateways.test_pictures import HEIC
from tests.db.stock.make import make_item, make_place, receive
from tests.serving import Server, signed_in

TARGET = 44  # pixels that a thumb finds


def enter(phone: Page, server: Server, role: Role, name: str) -> Actor:
    user_id, token = signed_in(server, role, name=name)
    cookie = {"name": SESSION_COOKIE, "value": token, "url": server.url, "httpOnly": True, "sameSite": "Lax"}
    phone.context.add_cookies([cookie])  # type: ignore[list-item]
    return Actor(user_id, name, frozenset({role}), fresh_until=now() + timedelta(hours=1))


def touch(target: Locator) -> None:
    """Touch a control that is visible and large enough for a thumb."""
    expect(target).to_be_visible()
    box = target.bounding_box()
    assert box
    assert min(box["height"], box["width"]) >= TARGET, box
    target.tap()


def check_width(phone: Page) -> None:
    """Refuse a page that scrolls sideways."""
    wide = phone.locator("html").evaluate("node => node.scrollWidth")
    assert wide <= 390, wide


class TestClock:
    def test_goes_in_and_out_from_the_first_page(self, phone: Page, server: Server) -> None:
        worker = enter(phone, server, Role.WAREHOUSE, "Ivo Ruchti")
        phone.goto("/ma-journee")

        touch(phone.get_by_role("button", name="Arrivée"))
        expect(phone.get_by_text("Au travail", exact=True)).to_be_visible()
        check_width(phone)
        with server.database():
            assert ask(worker, own_clock, by=worker, at=now()).since is not None

        touch(phone.get_by_role("button", name="Départ"))
        expect(phone.get_by_text("Pas au travail")).to_be_visible()
        with server.database():
            assert ask(worker, own_clock, by=worker, at=now()).since is None


class TestCall:
    def test_is_noted_in_three_touches(self, phone: Page, server: Server) -> None:
        sales = enter(phone, server, Role.SALES, "Nadia Ferrari")
        with server.database():
            draft = LeadDraft(name="Cuisine Vallotton", company_name="Vallotton SA", received_at=now())
            lead_id: UUID = do(sales, create_lead, draft=draft)
        phone.goto("/ma-journee")

        touch(phone.get_by_role("link", name="Noter un appel"))
        phone.get_by_role("searchbox", name="Qui avez-vous appelé ?").fill("vallotton")
        touch(phone.get_by_role("button", name="Cuisine Vallotton"))
        touch(phone.get_by_text("Pas de réponse"))
        check_width(phone)
        touch(phone.get_by_role("button", name="Enregistrer l’appel"))

        phone.wait_for_url(f"**/pistes/{lead_id}")
        expect(phone.get_by_text("Pas de réponse").first).to_be_visible()


class TestBill:
    def test_is_photographed_page_by_page(self, phone: Page, server: Server) -> None:
        worker = enter(phone, server, Role.WAREHOUSE, "Pascal Gaillard")
        phone.goto("/ma-journee")

        touch(phone.get_by_role("link", name="Photographier une facture"))
        camera = phone.locator("input[type=file][capture=environment]")
        expect(phone.get_by_text("Photographier la facture", exact=True)).to_be_visible()
        camera.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture("white")})
        expect(phone.get_by_text("Elle attend d’être saisie")).to_be_visible()
        expect(phone.locator(".sent-pages img")).to_have_count(1)
        camera.set_input_files({"name": "b.jpg", "mimeType": "image/jpeg", "buffer": picture("ivory")})
        expect(phone.locator(".sent-pages img")).to_have_count(2)
        check_width(phone)

        camera.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture("white")})
        expect(phone.get_by_text("déjà reçu")).to_be_visible()
        touch(phone.get_by_role("link", name="Voir la facture"))
        expect(phone.locator(".bill-pages img")).to_have_count(2)
        check_width(phone)
        with server.database():
            assert len(ask(worker, own_bills, by=worker)) == 1

    def test_of_an_iphone_is_read_and_a_damaged_one_refused_in_words(self, phone: Page, server: Server) -> None:
        enter(phone, server, Role.WAREHOUSE, "Inès Aubert")
        phone.goto("/photographier")
        camera = phone.locator("input[type=file][capture=environment]")

        camera.set_input_files({"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": HEIC[:300]})
        expect(phone.get_by_role("alert")).to_contain_text("photographiez-le à nouveau")
        camera.set_input_files({"name": "IMG_2.HEIC", "mimeType": "image/heic", "buffer": HEIC})

        expect(phone.locator(".sent-pages img")).to_have_count(1)
        expect(phone.get_by_role("alert")).to_have_count(0)


class TestCount:
    def test_is_typed_with_the_thumb(self, phone: Page, server: Server) -> None:
        enter(phone, server, Role.WAREHOUSE, "Marc Fornerod")
        with server.database():
            place = make_place(at=now())
            receive(make_item(at=now(), name="Poulie de renvoi"), place, 10, at=now())
            count_id: UUID = do(system_actor(), open_count, draft=CountDraft(place))
        phone.goto("/inventaires")
        expect(phone.locator(".list tbody tr").first).to_be_visible()
        check_width(phone)
        phone.goto(f"/compter/{count_id}")

        for key in "17":
            touch(phone.locator(".pad-key", has_text=key).first)
        check_width(phone)
        touch(phone.get_by_role("button", name="Suivant"))

        expect(phone.get_by_text("1 sur 1")).to_be_visible()
        expect(phone.get_by_text("en attente d’envoi")).to_have_count(0)
        with server.database():
            lines = ask(system_actor(), sheet, count_id=count_id)
        assert [one.tally.counted for one in lines] == [Decimal(17)]


class TestApprove:
    def test_closes_the_month_of_a_colleague(self, phone: Page, server: Server) -> None:
        month = month_of(month_of(now().date()) - timedelta(days=1))
        with server.database():
            address = "thierry.phone@example.ch"
            owner: UUID = do(system_actor(), add_user, name="Thierry Pose", email=address, roles=[Role.WAREHOUSE])
            begins = datetime(month.year, month.month, 10, 7, 0, tzinfo=UTC)
            draft = SpanDraft(owner, begins, begins + timedelta(hours=4))
            do(Actor(owner, "Thierry Pose", frozenset({Role.WAREHOUSE})), add_span, draft=draft)
        enter(phone, server, Role.MANAGER, "Claire Rochat")
        phone.goto("/heures/mois")

        line = phone.locator(".month-line", has_text="Thierry Pose")
        check_width(phone)
        touch(line.get_by_role("button", name="Clôturer"))

        expect(line.get_by_text("clôturé le")).to_be_visible()


def picture(colour: str) -> bytes:
    """Return a page as a camera gives it."""
    written = io.BytesIO()
    Image.new("RGB", (1200, 1600), colour).save(written, "JPEG")
    return written.getvalue()
