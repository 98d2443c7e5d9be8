"""Every field that an operator meets says in a sentence what it is for, in both languages; so does every term."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.utils import translation

from campaigns import kinds
from campaigns.field_help import help_of_kind
from campaigns.glossary import TERMS
from campaigns.templatetags.terms import with_terms
from operations.read_only_admin import ReadOnlyAdmin

pytestmark = pytest.mark.django_db
# Fields of rows, which the first of the group explains.
NUMBERED = ("step_", "pool_")


def forms_of(model, request):
    own = admin.site._registry[model]
    yield own.get_form(request)
    for inline in own.get_inline_instances(request):
        yield inline.get_formset(request).form


def filled_in(own):
    """What only tells of rows has forms of its own, or none."""
    return not isinstance(own, ReadOnlyAdmin) and not own.model._meta.app_label.startswith(("axes", "django_q"))


@pytest.mark.parametrize("model", [model for model, own in admin.site._registry.items() if filled_in(own)])
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


def linked(words):
    return re.findall(r'glossary/#([\w-]+)" target="_blank"', with_terms(words))


def test_a_term_in_a_sentence_of_help_leads_to_its_entry(admin_client):
    assert linked("A prize pool (奖池) with its own prizes and odds.") == ["pool"]
    assert linked("给完成者的抽奖机会，用于奖池。") == ["chance", "pool"]
    assert linked("Who may take part.") == []
    assert linked("会员的任务") == []
    assert linked("成长值、积分、奖池、库存") == ["growth", "points"]
    assert with_terms("<b>奖池</b>") == "<b>奖池</b>"

    text = admin_client.get("/admin/rewards/prizepool/add/").content.decode()
    assert 'href="/admin/campaigns/campaign/glossary/#guarantee"' in text


def test_who_may_not_open_the_glossary_is_not_sent_there(client, django_user_model):
    user = django_user_model.objects.create_user("ann", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_prizepool", "view_prizepool"]))
    client.force_login(user)

    text = client.get("/admin/rewards/prizepool/add/").content.decode()

    assert "保底" in text
    assert "glossary/#" not in text
