"""What the change lists say of themselves: how many rows, and what comes where there is none."""

from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma

from config.empty_lists import words_for
from operations.estimated_counts import rounded

register = template.Library()


@register.filter
def about(count: int) -> str:
    """Return an estimate as it is told: 1,234,567 → 1,200,000."""
    return str(intcomma(rounded(count)))


@register.filter
def counted_words(shown: Any) -> str:
    """Return what the rows of a change list are called, one or many."""
    options = shown.opts
    return str(options.verbose_name if shown.result_count == 1 else options.verbose_name_plural)


@register.filter
def empty_words(shown: Any) -> str:
    """Return what comes into a list that is empty, and how it begins."""
    return str(words_for(shown.opts.label_lower))
