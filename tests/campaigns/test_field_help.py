"""Every field that an operator meets says in a sentence what it is for, in both languages; so does every term."""

import pytest
from django.contrib import admin
from django.utils import translation

from campaigns import kinds
from campaigns.field_help import help_of_kind
from campaigns.glossary import TERMS
from campaigns.models import Campaign, Task
from rewards.models import Budget, Gift, MallItem, PrizePool
from segmentation.models import Segment, Tag, TagGroup

pytestmark = pytest.mark.django_db
# Fields of rows, which the first of the group explains.
NUMBERED = ("step_", "pool_")


def forms_of(model, request):
    own = admin.site._registry[model]
    yield own.get_form(request)
    for inline in own.get_inline_instances(request):
        yield inline.get_formset(request).form


@pytest.mark.parametrize("model", [Campaign, Task, PrizePool, Gift, Segment, Budget, MallItem, TagGroup, Tag])
def test_every_field_has_its_help(rf, admin_user, model):
    request = rf.get("/", {"kind": "checkin"})
    request.user = admin_user

    bare = [
        (form, name)
        for form in forms_of(model, request)
        for name, field in form.base_fields.items()
        if not field.help_text
    ]

    assert bare == []


@pytest.mark.parametrize("kind", kinds.names())
def test_every_setting_of_a_kind_has_its_help(kind):
    fields = kinds.find(kind).Form().fields

    bare = [name for name, field in fields.items() if not (field.help_text or help_of_kind(kind, name))]

    assert [name for name in bare if not name.startswith(NUMBERED)] == []


def test_the_glossary_explains_each_term_once(admin_client, client):
    page = admin_client.get("/admin/campaigns/campaign/glossary/").content.decode()

    assert len({term.key for term in TERMS}) == len(TERMS)
    for term in TERMS:
        assert f'id="{term.key}"' in page
        assert term.zh in page
        assert term.en in page
    assert client.get("/admin/campaigns/campaign/glossary/").status_code == 302


def test_each_term_is_explained_in_both_languages():
    with translation.override("en"):
        english = {term.key: str(term.told) for term in TERMS}
    with translation.override("zh-hans"):
        assert [term.key for term in TERMS if str(term.told) == english[term.key]] == []
