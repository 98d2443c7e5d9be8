"""unfold's templates as they are, but for a few attributes without which they cannot be read aloud.

Copies of these templates would miss what unfold mends in them later, so their source is mended as it is read.
tests/config/test_unfold_templates.py fails where a mend no longer finds its place.
"""

import re
from pathlib import Path
from typing import NamedTuple

import unfold
from django.template import Origin
from django.template.loaders import app_directories
from django.utils.translation import gettext_noop

ROOT = Path(unfold.__file__).parent
ACTIONS, MENU, TABS = gettext_noop("Actions"), gettext_noop("Main menu"), gettext_noop("Sections of the page")


class Mend(NamedTuple):
    """What is put in the place of what in the template of this name; "" is every template."""

    template: str
    found: str
    put: str


MENDS = [
    # Where an icon is all there is of a link or a button, it is said in words what it is for.
    Mend(
        "unfold/helpers/tab_actions.html",
        '<span (class="material-symbols-outlined">more_horiz)',
        r'{% load i18n %}<span role="img" aria-label="{% translate "' + ACTIONS + r'" %}" \1',
    ),
    # The name of any other icon is what its font makes the picture of, and no word.
    Mend(
        "",
        r'<(span|div)(?![^>]*\baria-)(?=(?:\s+[\w:.@-]+="[^"]*")*?\s+class="[^">]*material-symbols-outlined)',
        r'<\1 aria-hidden="true"',
    ),
    Mend(
        "unfold/helpers/site_icon.html",
        r'(href="{% url "admin:index" %}"{% endif %}) (?=class="bg-primary-600)',
        r'\1 aria-label="{% trans "Home" %}" ',
    ),
    Mend(
        "admin/search_form.html", 'id="searchbar-submit"', 'id="searchbar-submit" aria-label="{% translate "Search" %}"'
    ),
    Mend("unfold/helpers/command.html", 'id="command-submit"', 'id="command-submit" aria-label="{% trans "Search" %}"'),
    Mend(
        "admin/base.html",
        r'<div (id="main"[\s\S]*{% block footer %}{% endblock %}\s*)</div>',
        r"<main \1</main>",
    ),
    Mend(
        "unfold/layouts/unauthenticated.html",
        r'<div (class="w-full sm:w-96">\s*{% block content %}{% endblock %}\s*)</div>',
        r"<main \1</main>",
    ),
    Mend(
        "unfold/helpers/navigation.html",
        '<nav id="nav-sidebar-inner"',
        '<nav id="nav-sidebar-inner" aria-label="{% translate "' + MENU + '" %}"',
    ),
    Mend(
        "unfold/helpers/tab_items.html",
        '<nav id="tabs-items"',
        '<nav id="tabs-items" aria-label="{% trans "' + TABS + '" %}"',
    ),
    # Each region that scrolls is a landmark, so they need names of their own.
    Mend(
        "unfold/helpers/app_list.html",
        "data-simplebar>",
        'data-simplebar data-simplebar-aria-label="{% translate "' + MENU + '" %}">',
    ),
    # A cell has no label of its own: the head of its column is one to the eye only.
    Mend(
        "unfold/helpers/edit_inline/tabular_field.html",
        "{{ field.field }}",
        "{% load named_cells %}{{ field.field|named }}",
    ),
    Mend(
        "unfold/helpers/edit_inline/tabular_heading.html",
        r'lg:w-px dark:text-font-important-dark">\s*</th>',
        'lg:w-px dark:text-font-important-dark"><span class="sr-only">{% translate "Delete" %}</span></th>',
    ),
]


class Loader(app_directories.Loader):
    """Reads the templates of all apps, and mends unfold's."""

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        if ROOT not in Path(origin.name).parents:
            return source
        for mend in MENDS:
            if mend.template in {"", origin.template_name}:
                source = re.sub(mend.found, mend.put, source)
        return source
