"""What holds on every page, and how to see that it does not."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

# Each yields a list of what is wrong; the rules are WCAG's, in a few lines.
FAULTS = """() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (each) => each.getClientRects().length > 0;
  const words = (each) => (each.getAttribute('aria-label') || each.innerText || each.textContent || '').trim();
  if (all('h1').filter(seen).length !== 1) faults.push('not one h1');
  if (all('main').length !== 1) faults.push('not one main');
  if (!document.documentElement.lang) faults.push('no language');
  if (!document.title) faults.push('no title');
  all('a, button').filter(seen).forEach((each) => { if (!words(each)) faults.push('no name: ' + each.outerHTML); });
  all('input:not([type=hidden])').filter(seen).forEach((each) => { if (!each.labels.length) faults.push('no label'); });
  all('fieldset').forEach((each) => { if (!each.querySelector('legend')) faults.push('no legend'); });
  all('svg').forEach((each) => {
    if (!each.closest('[aria-hidden=true], [role=img]')) faults.push('svg is read aloud: ' + each.outerHTML);
  });
  const ids = all('[id]').map((each) => each.id);
  ids.forEach((id, place) => { if (ids.indexOf(id) !== place) faults.push('twice: #' + id); });
  all('[aria-labelledby]').forEach((each) => {
    if (seen(each) && !document.getElementById(each.getAttribute('aria-labelledby'))) faults.push('label missing');
  });
  let level = 0;
  all('h1, h2, h3').filter(seen).forEach((each) => {
    const own = Number(each.tagName[1]);
    if (own > level + 1) faults.push('heading skipped: ' + words(each));
    level = own;
  });
  all('a, button').filter(seen).forEach((each) => {
    const box = each.getBoundingClientRect();
    const reach = getComputedStyle(each, '::after').position === 'absolute' ? 8 : 0;
    const inText = each.closest('h3, .skip');
    if (!inText && box.height + reach < 44) faults.push('small target ' + box.height + ': ' + words(each));
  });
  all('[style], style, script:not([src])').forEach((each) => faults.push('inline: ' + each.outerHTML.slice(0, 80)));
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`${wide} px too wide`);
  return faults;
}"""

# Everything a reader is told: the text, and what is only read aloud or shown in an empty field.
SAID = """() => {
  const said = [document.title];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const parent = words.currentNode.parentElement;
    if (!parent.closest('script, noscript, code, [lang=en]')) said.push(words.currentNode.textContent.trim());
  }
  for (const each of document.querySelectorAll('[aria-label], [placeholder], [alt], [title]')) {
    for (const name of ['aria-label', 'placeholder', 'alt', 'title']) said.push(each.getAttribute(name) || '');
  }
  return said.filter(Boolean);
}"""
ADDRESS = re.compile(r"https?://\S+")
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,.'’-]+[A-Za-z]+){2,}")

# The policy holds in the page; what it refuses is written down before any script of the page runs.
NOTE_REFUSALS = """document.addEventListener('securitypolicyviolation', (told) => {
  (window.refusedByPolicy ||= []).push(`${told.violatedDirective}: ${told.blockedURI} ${told.sourceFile}`);
});"""


class Watch:
    """Hears what the pages of a context complain of: console, scripts, policy, and files that did not come."""

    def __init__(self, context: BrowserContext) -> None:
        self._heard: list[str] = []
        context.add_init_script(NOTE_REFUSALS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._heard.append(f"script: {error.error}"))
        context.on("response", self._response)

    def complaints(self, page: Page) -> list[str]:
        """What was heard since the last time, and what the policy refused on this page."""
        heard, self._heard = self._heard, []
        return heard + page.evaluate("() => window.refusedByPolicy || []")

    def _console(self, said: ConsoleMessage) -> None:
        # A page that answers 404 is also an error in the console; the tour knows how each page has to answer.
        if said.type in ("error", "warning") and "Failed to load resource" not in said.text:
            self._heard.append(f"console: {said.text}")

    def _response(self, response: Response) -> None:
        # What the service worker fetches for a page, the page then gets, and is heard of there.
        own = not response.request.is_navigation_request() and response.request.service_worker is None
        if own and response.status >= 400:
            self._heard.append(f"{response.status}: {response.url}")


def faults(page: Page) -> list[str]:
    return list(page.evaluate(FAULTS))


def untranslated(page: Page) -> list[str]:
    """On a Chinese page of a Chinese shop, what is three English words or more. Addresses are no words."""
    return [f"English: {text}" for text in page.evaluate(SAID) if ENGLISH.search(ADDRESS.sub("", text))]


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def axe_violations(page: Page) -> Iterator[str]:
    """What axe-core finds by all its rules in the light, and by those of contrast in the dark."""
    # By the debugger, so that the page's own policy stays as it is.
    page.evaluate(_axe())
    yield from _violations(page, {})
    yield from _in_the_dark(page, {})


def axe_violations_in_sight(page: Page, *, without: Sequence[str] = ()) -> Iterator[str]:
    """The same on the page as it stands, without some parts and the pages in frames."""
    page.evaluate(_axe())
    yield from _violations(page, {"iframes": False}, without)
    yield from _in_the_dark(page, {"iframes": False}, without)


def _in_the_dark(page: Page, options: dict[str, Any], without: Sequence[str] = ()) -> Iterator[str]:
    page.emulate_media(color_scheme="dark")
    # The admin asks its browser once, and then goes by a class.
    page.evaluate("document.documentElement.classList.add('dark')")
    for violation in _violations(page, {"runOnly": ["color-contrast", "link-in-text-block"], **options}, without):
        yield f"dark: {violation}"
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.emulate_media(color_scheme="light")


def _violations(page: Page, options: dict[str, Any], without: Sequence[str] = ()) -> Sequence[str]:
    found = page.evaluate(
        "([exclude, options]) => axe.run({exclude}, {resultTypes: ['violations'], ...options})"
        ".then(({violations}) => violations.map((each) => [each.id, each.nodes.map((node) => node.html)]))",
        [list(without), options],
    )
    return [f"axe {rule}: {html[:200]}" for rule, nodes in found for html in nodes]
