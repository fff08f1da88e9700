"""A person at a browser: follows the links and presses the buttons that they see, by their Dutch words.

Every step waits for what it leads to, so no test sleeps. Words are patterns where a page may say more than that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

PASSPHRASE = "vier rustige blauwe fietsen"
DEMO_PASSPHRASE = "samen werken aan werk"


class Walker:
    """A person with a browser window at the server `base`."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    # What one does

    def go(self, path: str) -> Walker:
        """Open an address of the server."""
        self.page.goto(path if path.startswith("http") else self.base + path)
        return self

    def follow(self, words: str, *, inside: Locator | None = None) -> Walker:
        """Follow the first link with these words."""
        (inside or self.page).get_by_role("link", name=words).first.click()
        return self

    def press(self, words: str, *, exact: bool = False, inside: Locator | None = None) -> Walker:
        """Press the first button that can be seen with these words."""
        (inside or self.page).get_by_role("button", name=words, exact=exact).first.click()
        return self

    def fill(self, label: str, text: str) -> Walker:
        """Type in a field."""
        self.page.get_by_label(label).fill(text)
        return self

    def tick(self, *words: str) -> Walker:
        """Tick boxes or choose radio buttons."""
        for each in words:
            self.box(each).check()
        return self

    def choose(self, label: str, option: str) -> Walker:
        """Choose in a list."""
        self.page.get_by_label(label).select_option(label=option)
        return self

    def box(self, words: str) -> Locator:
        """A checkbox or radio button by its words."""
        either = self.page.get_by_role("checkbox", name=words)
        return either.or_(self.page.get_by_role("radio", name=words)).first

    # What one sees

    @property
    def main(self) -> Locator:
        """The page without its header and footer."""
        return self.page.get_by_role("main")

    def reads(self, *words: str | re.Pattern[str]) -> Walker:
        """The page says all of this."""
        for each in words:
            expect(self.main).to_contain_text(each)
        return self

    def misses(self, *words: str) -> Walker:
        """The page says none of this."""
        for each in words:
            expect(self.main).not_to_contain_text(each)
        return self

    def heading(self, words: str | re.Pattern[str]) -> Walker:
        """The page is the one with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)
        return self

    def card(self, words: str) -> Locator:
        """The part of a page under this heading: a card or a section."""
        return self.page.get_by_role("region", name=words).or_(self.page.get_by_role("article", name=words)).first

    @property
    def cards(self) -> Locator:
        """Every part of a page that has a name of its own."""
        return self.main.get_by_role("region").or_(self.main.get_by_role("article"))

    def first_door(self) -> Locator:
        """The first link among cards of which one is chosen."""
        return self.main.get_by_role("heading", level=3).get_by_role("link").first

    # The door

    def sign_up(self, name: str, passphrase: str = PASSPHRASE) -> str:
        """Begin as a new citizen, from the front page to the home page; the recovery code."""
        self.go("/").follow("Begin nieuw").fill("Hoe heet je?", name).fill("Kies een wachtzin", passphrase)
        self.press("Maak mijn account").heading("Bewaar je herstelcode")
        code = self.page.locator("#herstelcode").inner_text()
        self.tick("Ik heb de code bewaard").press("Ga verder").heading(f"Dag {name}")
        return code

    def sign_in(self, name: str, passphrase: str = DEMO_PASSPHRASE) -> Walker:
        """Sign in at the front door, as a demo person where nothing else is said."""
        self.go("/inloggen").fill("Je naam of gebruikersnaam", name).fill("Je wachtzin", passphrase)
        self.press("Log in").heading("Dag ")
        return self

    # Consent

    def ask(self, app: str) -> Walker:
        """Press on at an app's first page, to the page where one says yes or no."""
        self.heading(app).press("Ga verder").heading(f"{app} vraagt iets")
        return self

    def allow(self, app: str) -> Walker:
        """Let an app in, from its first page, with all that it would like to have."""
        return self.ask(app).tick_optional().press("Ja, dat mag")

    def tick_optional(self) -> Walker:
        """Tick what an app may have but does not need."""
        for box in self.page.get_by_role("group", name="Dit hoeft niet").get_by_role("checkbox").all():
            box.check()
        return self

    def enter(self, app: str, heading: str) -> Walker:
        """Press on at an app's first page; say yes when it asks, which it does only the first time."""
        self.heading(app).press("Ga verder").heading(re.compile(f"{app} vraagt iets|{heading}"))
        if self.page.get_by_role("heading", level=1, name="vraagt iets").count():
            self.tick_optional().press("Ja, dat mag")
        return self.heading(heading)

    def refuse(self, app: str) -> Walker:
        """Say no to an app, from its first page."""
        return self.ask(app).press("Nee, dat mag niet").heading("nee gezegd")

    # The CV

    def open_cv_builder(self) -> Walker:
        """Let CV-bouwer in, from the home page."""
        return self.go("/regie/werk").follow("CV-bouwer").allow("CV-bouwer").heading("Je cv maken")

    def find_job(self, words: str, title: str) -> Walker:
        """Look for a job in one's own words and pick what it is called here; leads to where and when."""
        self.go("/apps/cv/werk").follow("Werk erbij zetten").heading("Wat heb je gedaan?")
        self.fill("Typ hoe jij het werk noemt", words).press("Zoeken")
        return self.follow(title).heading("Waar en wanneer")

    def say_when(self, group: str, year: str, month: str | None = None) -> Walker:
        """Fill a month and a year."""
        dates = self.page.get_by_role("group", name=group)
        dates.get_by_label("Jaar").fill(year)
        if month is not None:
            dates.get_by_label("Maand").select_option(label=month)
        return self

    def add_job(self, words: str, title: str, *, employer: str, start: str, end: str, can: int = 4) -> Sequence[str]:
        """A job from search to saved, with the first `can` competences ticked; what was ticked."""
        self.find_job(words, title).fill("Bij welk bedrijf", employer)
        self.say_when("Wanneer begon je", start).say_when("Wanneer stopte je", end).press("Bewaar en ga verder")
        self.heading("Wat kon je daar?")
        ticked = self.tick_first("Dit hoort meestal", can)
        self.save_skills()
        return ticked

    def tick_first(self, group: str, count: int) -> Sequence[str]:
        """Tick the first `count` boxes of a group; their words."""
        boxes = self.page.get_by_role("group", name=group).get_by_role("checkbox")
        expect(boxes.nth(count - 1)).to_be_visible()
        words = []
        for index in range(count):
            boxes.nth(index).check()
            words.append(boxes.nth(index).evaluate("box => box.labels[0].textContent.trim()"))
        return words

    def save_skills(self) -> Walker:
        """Save what was ticked at a job."""
        self.page.get_by_role("button", name="Bewaar", exact=True).last.click()
        return self.heading("Je werk").reads("Bewaard.")

    # Sharing

    def share_with_coach(self, coach: str, *sections: str, days: int = 90) -> Walker:
        """Share sections with a coach of this server."""
        self.go("/regie/delen/coach").tick(coach, *sections).choose("Hoe lang?", f"{days} dagen")
        return self.press("Deel dit").reads(f"Je deelt nu met {coach}")

    def make_link(self, *sections: str, days: int = 30, views: int, label: str = "", passcode: str = "") -> str:
        """Make a link to sections; its address."""
        self.go("/regie/delen/link").tick(*sections).fill("Voor wie is de link?", label)
        self.fill("Een code erbij?", passcode).choose("Hoe lang werkt", f"{days} dagen")
        self.choose("Hoe vaak mag", f"{views} keer").press("Maak de link").heading("Je link is klaar")
        return self.page.locator("#link").inner_text().strip()
