"""The budgets of a campaign, a pool or the mall on its own page in the admin."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from rewards.budget_charts import shown
from rewards.models import Budget


class HasBudgets:
    """An admin whose rows are scopes: their pages show their budgets and the way to another one.

    The page includes templates/admin/rewards/scope_budgets.html.
    """

    def scope_of(self, obj: Any) -> str:
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id) if object_id else None  # type: ignore[attr-defined]
        panel = {} if obj is None else panel_of(self.scope_of(obj), request)
        context = {**(extra_context or {}), **panel}
        return super().changeform_view(request, object_id, form_url, context)  # type: ignore[misc]


def panel_of(scope: str, request: HttpRequest) -> dict[str, Any]:
    """Return what the panel shows; nothing to whoever may not see budgets."""
    if not request.user.has_perm("rewards.view_budget"):
        return {}
    add = f"{reverse('admin:rewards_budget_add')}?{urlencode({'scope': scope})}"
    return {
        "scope_budgets": shown(Budget.objects.filter(scope=scope, active=True), now=timezone.now()),
        "add_budget": add if request.user.has_perm("rewards.add_budget") else "",
    }
