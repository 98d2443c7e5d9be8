"""Every mend of unfold's templates still finds its place, whichever release of unfold is installed."""

import re
from pathlib import Path

import pytest
from django.template import Origin, engines
from django.template.loader import get_template

from config.unfold_templates import MENDS, ROOT, Loader, Mend

ICON = re.compile(r'<\w+[^>]*class="[^"]*material-symbols-outlined[^>]*>')
NAMED = [mend for mend in MENDS if mend.template]


def source_of(name: str) -> str:
    loader = Loader(engines["django"].engine)
    return loader.get_contents(Origin(str(ROOT / "templates" / name), template_name=name, loader=loader))


@pytest.mark.parametrize("mend", NAMED, ids=[mend.template for mend in NAMED])
def test_each_mend_finds_its_place_once(mend: Mend):
    before = (ROOT / "templates" / mend.template).read_text()
    assert len(re.findall(mend.found, before)) == 1
    assert source_of(mend.template) != before


def test_no_icon_of_unfold_is_read_aloud():
    names = [str(each.relative_to(ROOT / "templates")) for each in (ROOT / "templates").rglob("*.html")]
    icons = [icon for name in names for icon in ICON.findall(source_of(name))]
    assert len(icons) > 50
    assert [icon for icon in icons if 'aria-hidden="true"' not in icon and "aria-label" not in icon] == []


def test_the_site_reads_them_mended():
    assert get_template("admin/base.html").template.source == source_of("admin/base.html")


def test_templates_of_other_apps_stay_as_they_are():
    template = get_template("admin/auth/user/change_password.html")
    assert template.template.source == Path(template.origin.name).read_text()
