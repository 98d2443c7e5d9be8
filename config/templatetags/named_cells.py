"""A field in a cell of a table."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def named(field: BoundField) -> SafeString:
    """The field with its label as the name that is read aloud: above a column it stands for eyes alone."""
    shown = field.as_widget(attrs={"aria-label": str(field.label)})
    return shown + field.as_hidden(only_initial=True) if field.field.show_hidden_initial else shown
