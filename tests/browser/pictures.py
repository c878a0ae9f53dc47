"""Pictures of every page, for people to look at: `make pictures` (output in ../pictures, outside the repository).

Each registered page of the demonstration: 1280, 1920 and 390 px, light and dark, as the first role that may open it, at
1280 px as every other role too; the same pages of an empty firm; what cannot be shown. Contact sheets hold nine.
"""

import argparse
import importlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.pages import PAGES
from app.platform import SCREENS, Screen
from db.access.rules import Actor, Role, may
from tests.serving import ROOT, serving, signed_in

OUTPUT = ROOT.parent / "pictures"
SIZES = {"1280": (1280, 800), "1920": (1920, 1080), "1024": (1024, 768), "768": (768, 1024), "390": (390, 844)}
PEOPLE = {"Claire": Role.MANAGER, "Nadia": Role.SALES, "Yasmin": Role.ANALYST, "Samuel": Role.ADMINISTRATOR}
BAD = {"piste-inconnue": "/pistes/00000000-0000-7000-8000-000000000000", "liste-refusee": "/pistes?cursor=x&sort=x"}
PER_SHEET, ACROSS = 9, 3
SETTLE_MS = 700
SHEET = (
    "body{display:grid;grid-template-columns:repeat(ACROSS,1fr);gap:12px;font:13px sans-serif}"
    "img{width:100%;border:1px solid #999}figure{margin:0}"
)


@dataclass(frozen=True)
class Shot:
    """One picture to take."""

    name: str
    address: str
    size: str
    is_dark: bool


def screens(only: str) -> list[Screen]:
    """Return the pages inside the frame whose address contains a word."""
    for module in PAGES:
        importlib.import_module(module)
    return sorted((one for one in SCREENS if one.permission != "anybody" and only in one.route), key=lambda s: s.route)


def opens(person: str, screen: Screen) -> bool:
    """Tell whether a person of the demonstration may open a page."""
    return may(Actor(UUID(int=1), person, frozenset({PEOPLE[person]})), screen.permission)


def addresses_of(screen: Screen, links: set[str]) -> list[str]:
    """Return the page's address, or that of the first record a link leads to."""
    if "[" not in screen.route:
        return [screen.route]
    pattern = re.compile(re.sub(r"\[\w+\]", r"[^/?#]+", screen.route) + "$")
    known = {one.route for one in SCREENS}
    return sorted(one for one in links if pattern.match(one) and one not in known)[:1]


def shots(person: str, wanted: Sequence[Screen], links: set[str], sizes: Sequence[str]) -> Iterator[Shot]:
    """Give what to photograph as one person: all sizes where she is the first who may, else one."""
    for screen in wanted:
        if not opens(person, screen):
            continue
        first = next(one for one in PEOPLE if opens(one, screen))
        for address in addresses_of(screen, links):
            name = screen.route.strip("/").replace("/", "-").replace("[", "").replace("]", "")
            for size in sizes if first == person else sizes[:1]:
                yield Shot(f"{name}-{person}-{size}", address, size, is_dark=False)
                if first == person:
                    yield Shot(f"{name}-{person}-{size}-sombre", address, size, is_dark=True)


def take(page: Page, shot: Shot, folder: Path) -> Path:
    """Photograph a page as it stands once it is quiet."""
    width, height = SIZES[shot.size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if shot.is_dark else "light", reduced_motion="reduce")
    page.goto(shot.address)
    page.wait_for_timeout(SETTLE_MS)
    page.locator("[data-hydrated=yes], .bare").first.wait_for(timeout=20_000)
    page.wait_for_timeout(SETTLE_MS)
    file = folder / f"{shot.name}.png"
    page.screenshot(path=str(file))
    return file


def links_of(page: Page, wanted: Sequence[Screen]) -> set[str]:
    """Return where the pages without a record lead."""
    found: set[str] = set()
    for screen in wanted:
        if "[" not in screen.route:
            page.goto(screen.route)
            page.wait_for_timeout(SETTLE_MS * 2)
            found |= {str(one) for one in page.eval_on_selector_all("a[href]", "all => all.map(a => a.pathname)")}
    return found


def as_person(browser: Browser, url: str, person: str) -> BrowserContext:
    """Enter the demonstration as one of its people."""
    context = browser.new_context(base_url=url, locale="fr-CH")
    page = context.new_page()
    page.goto("/bienvenue/demonstration")
    page.get_by_text(person).first.click()
    page.wait_for_url("**/ma-journee")
    return context


def sheet(browser: Browser, files: Sequence[Path], to: Path) -> None:
    """Put pictures side by side on one page."""
    page = browser.new_page(viewport={"width": 2400, "height": 400})
    figures = "".join(
        f"<figure><img src='{one.as_uri()}'><figcaption>{one.stem}</figcaption></figure>" for one in files
    )
    style = f"<meta charset=utf-8><style>{SHEET.replace('ACROSS', str(ACROSS))}</style>"
    source = to.with_suffix(".html")
    source.write_text(style + figures, encoding="utf-8")
    page.goto(source.as_uri())
    page.screenshot(path=str(to), full_page=True)
    page.close()


def sheets(browser: Browser, files: Sequence[Path], folder: Path) -> None:
    """Make the contact sheets, one series per size and theme."""
    series: dict[str, list[Path]] = {}
    for file in files:
        size = next((part for part in file.stem.split("-") if part in SIZES), "etats")
        series.setdefault(size + ("-sombre" if file.stem.endswith("sombre") else ""), []).append(file)
    for name, members in series.items():
        for start in range(0, len(members), PER_SHEET):
            to = folder / f"planche-{name}-{start // PER_SHEET + 1:02}.png"
            sheet(browser, members[start : start + PER_SHEET], to)


def demonstration(browser: Browser, url: str, folder: Path, given: argparse.Namespace) -> list[Path]:
    """Photograph the demonstration as each of its people, and what cannot be shown."""
    files: list[Path] = []
    wanted = screens(given.only)
    for person in given.people.split(","):
        context = as_person(browser, url, person)
        page = context.pages[0]
        links = links_of(page, [one for one in screens("") if opens(person, one)])
        files += [take(page, shot, folder) for shot in shots(person, wanted, links, given.sizes.split(","))]
        if person == "Claire" and not given.only:
            files += [take(page, Shot(f"erreur-{name}", at, "1280", False), folder) for name, at in BAD.items()]
        context.close()
    return files


def empty_firm(browser: Browser, folder: Path, given: argparse.Namespace) -> list[Path]:
    """Photograph every page of a firm that has nothing yet."""
    with tempfile.TemporaryDirectory() as data, serving(Path(data)) as server:
        _, token = signed_in(server, *Role)
        context = browser.new_context(base_url=server.url, locale="fr-CH")
        context.add_cookies([{"name": "boussole_session", "value": token, "url": server.url, "httpOnly": True}])
        plain = [one for one in screens(given.only) if "[" not in one.route]
        named = [(one.route.strip("/").replace("/", "-"), one.route) for one in plain]
        page = context.new_page()
        return [
            take(page, Shot(f"vide-{name}-{size}", at, size, False), folder)
            for name, at in named
            for size in ("1280", "390")
        ]


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="a running demonstration")
    parser.add_argument("--only", default="", help="pages whose address contains this")
    parser.add_argument("--people", default=",".join(PEOPLE))
    parser.add_argument("--sizes", default="1280,1920,390")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--empty", action="store_true", help="also the pages of a firm that has nothing yet")
    given = parser.parse_args()
    shutil.rmtree(given.output, ignore_errors=True)
    given.output.mkdir(parents=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        files = demonstration(browser, given.url, given.output, given)
        if given.empty:
            files += empty_firm(browser, given.output, given)
        sheets(browser, files, given.output)
    print(f"{len(files)} pictures in {given.output}")


if __name__ == "__main__":
    main()
