# ruff: noqa: INP001 - a script, not a package
"""Pictures for the documentation: `python docs/make_screenshots.py --help`.

The letters need nothing. The pages need a running system with cases in it (`overturn demo`), a manager's
account and Chromium.
"""

import argparse
import getpass
import os
import shutil
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from overturn.letters import letters_on_disk, render_pictures
from overturn.paths import ROOT

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT: ViewportSize = {"width": 1280, "height": 860}
FOLDER = Path(__file__).parent / "screenshots"
LETTERS = ("medical_necessity", "downcoded_evaluation", "second_level")


def sign_in(page: Page, url: str, user_name: str, password: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill(user_name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/queue")


def photograph(page: Page, url: str, folder: Path) -> None:
    """The pages, in the order a newcomer meets them; the case is the one at the top of the queue."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / "queue.png")
    page.locator("[data-open]").first.click()
    page.screenshot(path=folder / "case.png", full_page=True)
    page.goto(f"{url}/manager")
    page.screenshot(path=folder / "manager.png", full_page=True)
    for name in ("files", "unmatched"):
        page.goto(f"{url}/{name}")
        page.screenshot(path=folder / f"{name}.png")


def picture_letters(folder: Path) -> None:
    """The first page of three letters, of the generated claim that the tests hold them against."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in LETTERS:
        text = (ROOT / "tests" / "data" / "letters" / f"{letter}.medicare.md").read_text(encoding="utf-8")
        pages = render_pictures(text, title=letters_on_disk()[letter].title)
        (folder / f"letter-{letter.replace('_', '-')}.png").write_bytes(pages[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument(
        "--user", help="a manager; OVERTURN_PASSWORD or a prompt has the password. None: letters only"
    )
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="path of the browser")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    picture_letters(options.folder)
    if not options.user:
        return
    password = os.environ.get("OVERTURN_PASSWORD") or getpass.getpass()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
        page = browser.new_page(viewport=VIEWPORT)
        sign_in(page, options.url, options.user, password)
        photograph(page, options.url, options.folder)
        browser.close()


if __name__ == "__main__":
    main()
