"""A term of the trade in a sentence of help leads to its entry in the glossary."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from campaigns.glossary import TERMS, Term

register = template.Library()
# What everybody knows who has opened the admin; a link to it in every sentence would only be in the way.
EVERYDAY = frozenset({"member", "campaign", "task"})
# More than these make a sentence hard to read.
MOST = 2
# "抽奖机会" before "抽奖": the longer term is the one that is meant.
LINKED = sorted((term for term in TERMS if term.key not in EVERYDAY), key=lambda term: -len(term.zh))


@register.filter
def with_terms(words: object) -> SafeString:
    """The sentence with a link at the first places where a term stands. Markup stays as it is."""
    text = str(words)
    if "<" in text:
        return mark_safe(text)  # noqa: S308 help is written by us; unfold shows it as it is
    places = _places(text)
    parts, end = [], 0
    for start, term in places:
        parts += [text[end:start], _link(term)]
        end = start + len(term.zh)
    return mark_safe("".join([*parts, text[end:]]))  # noqa: S308 as above, and links that are escaped


def _places(text: str) -> list[tuple[int, Term]]:
    """Where the terms stand, each once, none inside of another; the first ones of the sentence."""
    found: list[tuple[int, Term]] = []
    for term in LINKED:
        start = text.find(term.zh)
        taken = any(place < start + len(term.zh) and start < place + len(each.zh) for place, each in found)
        if start >= 0 and not taken:
            found.append((start, term))
    return sorted(found, key=lambda each: each[0])[:MOST]


def _link(term: Term) -> SafeString:
    return format_html(
        '<a class="term" href="{}#{}" target="_blank" rel="noopener" title="{}">{}</a>',
        reverse("admin:campaigns_glossary"),
        term.key,
        term.told,
        term.zh,
    )
