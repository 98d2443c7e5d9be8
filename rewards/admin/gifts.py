"""The gift library: what can be given, what is left of it, and where it is used."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from members.uses import KeptWhileUsed, Name
from operations.guarded_admin import GuardedAdmin
from operations.picture_admin import HasPicture
from rewards import gift_rules, stocktaking
from rewards.admin.gift_form import GiftForm, shown_when
from rewards.models import Gift
from rewards.money import as_cents, short_money

TO_IMPORT = "rewards.import_couponcode"
TO_GENERATE = "rewards.generate_couponcode"
SHOWN_BATCHES = 5
# So many parts of the form say what a gift is; without the others it is whole.
NEEDED = 2


@admin.register(Gift)
class GiftAdmin(HasPicture, KeptWhileUsed, GuardedAdmin):
    form = GiftForm
    list_display = [
        "small_picture", "name", "slug", "shown_kind", "shown_value", "shown_cost", "shown_validity", "shown_left"
    ]  # fmt: skip
    list_display_links = ["name"]
    list_filter = ["kind"]
    search_fields = ["slug", "name"]
    prepopulated_fields = {"slug": ["name"]}
    actions_detail = ["import_codes", "generate_codes"]
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/rewards/gift_state.html"
    conditional_fields = {name: shown_when(name) for name in gift_rules.KINDS_WITH}
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind"]}),
        (
            gettext_lazy("What it is"),
            {
                "fields": [
                    "amount", "draws_in", "shared_code", "link", "provider", "threshold", ("face_value", "cost")
                ]
            },
        ),
        (gettext_lazy("What members are shown of it"), {"fields": ["description", "picture"]}),
        (
            gettext_lazy("How long it is valid"),
            {"fields": ["valid_days", "valid_from", "valid_until"]},
        ),
        (
            gettext_lazy("How many there are"),
            {"fields": [("stock", "per_member"), "low_stock_at"]},
        ),
        (gettext_lazy("Where it is used"), {"fields": ["outlets"]}),
    ]  # fmt: skip

    filter_horizontal = ["outlets"]

    class Media:
        css = {"all": ["members/imports.css", "admin/gifts.css", "admin/pictures.css", "admin/approvals.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Gift], search_term: str
    ) -> tuple[QuerySet[Gift], bool]:
        """A name is found however its writer puts spaces: whoever does not find “满 50 减 20” makes it again."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if not (bare := "".join(search_term.split())):
            return found, may_repeat
        close = queryset.alias(bare_name=Replace("name", Value(" "))).filter(bare_name__icontains=bare)
        return found | close, may_repeat

    def name_of(self, obj: Gift) -> Name:
        return ("gift", obj.slug)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gift]:
        return stocktaking.counted(super().get_queryset(request))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Gift | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else dict(self.prepopulated_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Gift | None = None) -> Any:
        """Show who may only look the fields of the gift's kind; a form shows them as the kind is chosen."""
        told: list[tuple[Any, dict[str, Any]]] = super().get_fieldsets(request, obj)
        if IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST:
            # Beside a pool or a task one wants a prize, and not all that can be said of it.
            told = [*told[:NEEDED], *((title, options | {"classes": ["collapse"]}) for title, options in told[NEEDED:])]
        if obj is None or self.has_change_permission(request, obj):
            return told
        return [
            (title, options | {"fields": fields})
            for title, options in told
            if (fields := list(_of_kind(obj.kind, options["fields"])))
        ]

    @display(description=gettext_lazy("kind"), ordering="kind", label=True)
    def shown_kind(self, gift: Gift) -> str:
        return gift.get_kind_display()

    @display(description=gettext_lazy("face value"), ordering="face_value")
    def shown_value(self, gift: Gift) -> str:
        if gift.threshold is not None:
            words = {"value": _money(gift.face_value), "threshold": _money(gift.threshold)}
            return _("%(value)s off from %(threshold)s") % words
        return _money(gift.face_value) if gift.face_value else "–"

    @display(description=gettext_lazy("cost"), ordering="cost")
    def shown_cost(self, gift: Gift) -> str:
        return _money(gift.cost) if gift.cost else "–"

    @display(description=gettext_lazy("valid"))
    def shown_validity(self, gift: Gift) -> str:
        if gift.valid_days is not None:
            words = ngettext("%(count)d day", "%(count)d days", gift.valid_days)
            return words % {"count": gift.valid_days}
        if gift.valid_until is not None:
            end = date(timezone.localtime(gift.valid_until), "SHORT_DATE_FORMAT")
            return _("until %(day)s") % {"day": end}
        return "–"

    @display(description=gettext_lazy("left"), label={"low": "danger", "well": "success", "unlimited": "info"})
    def shown_left(self, gift: Gift) -> tuple[str, str]:
        left = stocktaking.left_of(gift)
        if left.count is None:
            return "unlimited", _("no limit")
        words = f"{intcomma(left.count)}+" if left.more else intcomma(left.count)
        return ("low" if left.low else "well"), words

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        gift = self.get_object(request, object_id) if object_id else None
        state = {} if gift is None else self._state(request, gift)
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | state)

    def _state(self, request: HttpRequest, gift: Gift) -> dict[str, Any]:
        """Return what the page shows above the form: what is left, and the codes that came in."""
        has_codes = gift.kind == Gift.Kind.COUPON
        return {
            "left": stocktaking.left_of(gift),
            "given": gift.given if gift.stock is not None else None,  # type: ignore[attr-defined]
            "codes": stocktaking.codes_of(gift) if has_codes else None,
            "batches": gift.code_batches.all()[:SHOWN_BATCHES] if has_codes else [],
            "may_see_batches": request.user.has_perm("rewards.view_codebatch"),
        }

    def get_deleted_objects(self, objs: QuerySet | Sequence[Model], request: HttpRequest) -> Any:
        """Refuse, before Django would list a million codes, what has codes or was given."""
        if kept := [*self._held(objs), *self._uses(objs)]:
            return [], {}, set(), kept
        return super().get_deleted_objects(objs, request)

    def _held(self, gifts: Iterable[Any]) -> Iterable[str]:
        for gift in gifts:
            if gift.awards.exists():
                yield _("%(gift)s was given to members") % {"gift": gift}
            elif gift.codes.exists() or gift.code_batches.exists():
                yield _("%(gift)s has codes") % {"gift": gift}

    def has_import_codes_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(TO_IMPORT) and self._has_codes(object_id)

    def has_generate_codes_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(TO_GENERATE) and self._has_codes(object_id)

    def _has_codes(self, object_id: Any) -> bool:
        return object_id is None or Gift.objects.filter(pk=object_id, kind=Gift.Kind.COUPON).exists()

    @action(
        description=gettext_lazy("Import codes"), icon="upload", permissions=["import_codes"], url_path="import-codes"
    )
    def import_codes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("admin:rewards_codebatch_import", object_id)

    @action(
        description=gettext_lazy("Generate codes"),
        icon="auto_awesome",
        permissions=["generate_codes"],
        url_path="generate-codes",
    )
    def generate_codes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("admin:rewards_codebatch_generate", object_id)


def _money(amount: Decimal) -> str:
    return short_money(as_cents(amount))


def _of_kind(kind: str, fields: Iterable[Any]) -> Iterable[Any]:
    """Yield the fields, or lines of fields, that gifts of the kind have."""
    for field in fields:
        if isinstance(field, tuple):
            if line := tuple(_of_kind(kind, field)):
                yield line
        elif kind in gift_rules.KINDS_WITH.get(field, (kind,)):
            yield field
