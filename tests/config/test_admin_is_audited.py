"""Whatever the admin lets somebody write goes into the audit trail."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from operations.audited_admin import AuditedAdmin
from operations.models import AuditRecord


@pytest.mark.django_db
def test_every_admin_that_writes_is_audited():
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_superuser("olga", password="a password")
    silent = [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if any(model_admin.get_model_perms(request)[each] for each in ("add", "change", "delete"))
        and not isinstance(model_admin, AuditedAdmin)
    ]
    assert silent == []


def test_a_changed_password_is_recorded_without_the_password(admin_client, admin_user):
    address = reverse("admin:auth_user_password_change", args=[admin_user.pk])
    answer = admin_client.post(
        address, {"usable_password": "true", "password1": "Nine-quiet-owls", "password2": "Nine-quiet-owls"}
    )
    assert answer.status_code == 302
    record = AuditRecord.objects.get(action="user.password_changed")
    assert record.target_id == str(admin_user.pk)
    assert "owls" not in str(record.changes)
