"""Somebody of the shop at a desk of their own: a browser, a language, and either a mouse or nothing but keys."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from django.contrib.auth.models import Group, User
from django.utils.translation import gettext, override, pgettext
from playwright.sync_api import Browser, Frame, Locator, Page, Response, expect

from config.roles import group_name
from tests.browser import looking

DESK = {"width": 1366, "height": 768}
PASSWORD = "a password of hers"
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}
# More than any page of the admin has stops.
MOST_STOPS = 250
# What tells one page of a kind from another: the numbers of rows, and the worlds of a preview.
ROWS = re.compile(r"\d+|world=[^&]*&?")
HERE = "each => each === document.activeElement"
# What the browser draws around a stop: an outline or a ring, on it or, for a hidden box, on what stands for it.
SEEN = """each => [each, each.parentElement, each.nextElementSibling].filter(Boolean).some((box) => {
  const style = getComputedStyle(box);
  return style.boxShadow !== 'none' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
})"""


@dataclass
class Effort:
    """What somebody does by mouse, and how long that takes by the keystroke-level model of Card, Moran and Newell.

    Times in seconds, theirs but the last: to make up one's mind before each act, to point and press, to press a key
    (a Chinese character takes three, by its sound and a choice), and to take in a page, each time that it comes.
    """

    acts: int = 0
    clicks: int = 0
    keys: int = 0
    pages: int = 0

    THINK: ClassVar[float] = 1.35
    CLICK: ClassVar[float] = 1.3
    KEY: ClassVar[float] = 0.28
    PAGE: ClassVar[float] = 5.0
    KEYS_OF_A_CHARACTER: ClassVar[int] = 3

    @property
    def minutes(self) -> float:
        seconds = self.acts * self.THINK + self.clicks * self.CLICK + self.keys * self.KEY + self.pages * self.PAGE
        return seconds / 60

    def act(self, clicks: int, text: str = "") -> None:
        self.acts += 1
        self.clicks += clicks
        self.keys += sum(1 if each.isascii() else self.KEYS_OF_A_CHARACTER for each in text)


class Mouse:
    """A hand with a mouse, which knows its effort."""

    def __init__(self, page: Page) -> None:
        self.page, self.effort = page, Effort()
        page.on("framenavigated", self._comes)

    def _comes(self, frame: Frame) -> None:
        self.effort.pages += frame == self.page.main_frame

    def find(self, field: Locator, words: str) -> None:
        """Choose from a list that is searched."""
        self.effort.act(2, words)
        field.locator("xpath=following-sibling::span[1]").click()
        self.page.get_by_role("searchbox").last.fill(words)
        self.page.get_by_role("option", name=words, exact=True).click()

    def press(self, control: Locator) -> None:
        self.effort.act(1)
        control.click()

    def write(self, field: Locator, text: str) -> None:
        self.effort.act(1, text)
        field.fill(text)

    def choose(self, field: Locator, words: str) -> None:
        self.effort.act(2)
        field.select_option(label=words)

    def tick(self, box: Locator) -> None:
        self.effort.act(1)
        box.check()


class Keys:
    """A hand with nothing but keys. It goes by Tab to what it means, as a person does, and has to see where it is."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, control: Locator) -> None:
        self._go_to(control)
        self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self._go_to(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, words: str) -> None:
        self._go_to(field)
        # What is typed in a closed list finds the choice that begins so.
        self.page.keyboard.type(words)
        chosen = field.evaluate("each => each.selectedOptions[0].label.trim()")
        assert chosen == words

    def tick(self, box: Locator) -> None:
        if box.get_attribute("type") == "radio":
            self._turn_to(box)
        else:
            self._go_to(box)
            if not box.is_checked():
                self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def _turn_to(self, one: Locator) -> None:
        """Of several of which one is chosen Tab reaches that one, and arrows the others."""
        if one.is_checked():
            return
        group = self.page.locator(f"[name={one.get_attribute('name')}]")
        self._go_to(group.and_(self.page.locator(":checked")))
        for _each in range(group.count()):
            if not one.is_checked():
                self.page.keyboard.press("ArrowDown")

    def find(self, field: Locator, words: str) -> None:
        self._go_to(field.locator("xpath=following-sibling::span[1]//*[@role='combobox']"))
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".select2-search__field")).to_be_focused()
        self.page.keyboard.type(words)
        found = self.page.locator(".select2-results").get_by_role("option")
        expect(found).to_have_text([words])
        expect(found).to_have_class(re.compile("highlighted"))
        self.page.keyboard.press("Enter")

    def _go_to(self, control: Locator) -> None:
        control.wait_for(state="visible")
        element = control.element_handle()
        assert element
        back = element.evaluate(
            "each => !!(document.activeElement.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_PRECEDING)"
        )
        for _stop in range(MOST_STOPS):
            if element.evaluate(HERE):
                break
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        else:
            raise AssertionError(f"no Tab leads to {element.evaluate('each => each.outerHTML.slice(0, 200)')}")
        assert element.evaluate(SEEN), f"nobody sees the focus on {element.evaluate('each => each.outerHTML')[:200]}"


Hand = Mouse | Keys


class MakeDesk(Protocol):
    def __call__(self, name: str, role: str, language: str, hand: type[Hand], *, reads: bool = False) -> "Desk": ...


class Desk:
    """`hand` presses and writes; `say` knows what the admin calls it in the language of the desk.

    `reads`: axe looks at every page before it is left, once at each kind of page.
    """

    def __init__(self, browser: Browser, address: str, language: str, hand: type[Hand], *, reads: bool = False) -> None:
        context = browser.new_context(viewport=DESK, locale=LOCALES[language])
        # As long as a busy machine may take for a page.
        context.set_default_timeout(30_000)
        self._watch = looking.Watch(context)
        self._refused: list[str] = []
        context.on("response", self._hear)
        self.page, self.address, self.language = context.new_page(), address, language
        self.hand = hand(self.page)
        self._reads, self._read = reads, set[str]()

    def say(self, words: str, context: str = "", **values: Any) -> str:
        with override(self.language):
            said = pgettext(context, words) if context else gettext(words)
        return said % values if values else said

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.address}/admin/")
        self.hand.write(self.page.locator("[name=username]"), name)
        self.hand.write(self.page.locator("[name=password]"), PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/admin/")

    def button(self, words: str, context: str = "", **values: Any) -> Locator:
        return self.page.get_by_role("button", name=self.say(words, context, **values), exact=True)

    def link(self, words: str, context: str = "", **values: Any) -> Locator:
        return self.page.get_by_role("link", name=self.say(words, context, **values), exact=True)

    def press(self, control: Locator) -> None:
        if self._reads:
            # Only then the page is there that is meant.
            control.wait_for(state="visible")
            self._have_read()
        self.hand.press(control)

    def write(self, name: str, text: str) -> None:
        self.hand.write(self.page.locator(f"[name={name}]"), text)

    def choose(self, field: Locator, words: str) -> None:
        self.hand.choose(field, words)

    def tick(self, box: Locator) -> None:
        self.hand.tick(box)

    def sees(self, words: str, context: str = "", **values: Any) -> None:
        expect(self.page.get_by_text(self.say(words, context, **values)).first).to_be_visible()

    def leave(self) -> list[str]:
        """Go home, and return what the browser and axe complained of, and what was refused."""
        if self._reads:
            self._have_read()
        # What a page still loads would meet the end of the test.
        self.page.wait_for_load_state("networkidle")
        heard = self._watch.complaints(self.page) + self._refused
        self.page.context.close()
        return heard

    def _have_read(self) -> None:
        address = urlsplit(self.page.url)
        name = ROWS.sub("", f"{address.path}?{address.query}")
        if name not in self._read:
            # The menu is the same on every page.
            without = ["#nav-sidebar"] if self._read else []
            self._read.add(name)
            self.page.wait_for_load_state()
            found = looking.axe_violations_in_sight(self.page, without=without)
            self._refused += [f"{name}: {each}" for each in found]

    def _hear(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.status >= 400:
            self._refused.append(f"{answer.status}: {urlsplit(answer.url).path}")


def employ(name: str, role: str) -> User:
    """Return somebody with a password and one role."""
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=group_name(role)))
    return user
