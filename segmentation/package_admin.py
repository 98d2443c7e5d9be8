"""Packages of members: made of a list, of a segment as it is now, of other sets or by a split; renewed and exported."""

import secrets
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import action, display

from members.csv_files import FileError
from members.uses import Name
from operations.charts import Bar, Bars, share
from segmentation import packages, uid_lists
from segmentation.export_admin import ExportsMembers
from segmentation.models import Package, PackageVersion, UidList
from segmentation.origin_words import JOINED, origin_words
from segmentation.own_pages import STYLES, OwnPages, existing, require
from segmentation.package_forms import CombineForm, FreezeForm, NamedForm, PackageForm, SplitForm, UploadForm
from segmentation.published_admin import KeyedAdmin
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.wording import fault_words

TO_ADD, TO_CHANGE = "segmentation.add_package", "segmentation.change_package"
SHOWN_VERSIONS = 20


@admin.register(Package)
class PackageAdmin(OwnPages, ExportsMembers, KeyedAdmin):
    form = PackageForm
    list_display = ["name", "slug", "size", "shown_origin", "refreshed_at"]
    list_select_related = ["members"]
    search_fields = ["slug", "name"]
    fields = [("name", "slug"), "description"]
    actions_list = ["upload_list", "freeze_segment", "combine_sets", "split_members"]
    actions_detail = ["export_members", "new_version"]
    change_form_before_template = "admin/segmentation/package.html"

    class Media:
        css = STYLES

    def name_of(self, obj: Package) -> Name:
        return "segment", obj.slug

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A package is made of something: by the buttons over the list.
        return False

    def has_make_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(TO_ADD)

    def has_renew_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(TO_CHANGE)

    @display(description=gettext_lazy("members"), ordering="members__size")
    def size(self, package: Package) -> int | None:
        return package.members.size if package.members else None

    @display(description=gettext_lazy("origin"))
    def shown_origin(self, package: Package) -> SafeString:
        # One element: on a phone the parts of a cell stand side by side.
        return format_html("<span>{}</span>", origin_words(package.origin))

    @action(description=gettext_lazy("Upload a list"), icon="upload", permissions=["make"], url_path="to-upload")
    def upload_list(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_package_upload")

    @action(description=gettext_lazy("Freeze a segment"), icon="ac_unit", permissions=["make"], url_path="to-freeze")
    def freeze_segment(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_package_freeze")

    @action(description=gettext_lazy("Combine sets"), icon="join", permissions=["make"], url_path="to-combine")
    def combine_sets(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_package_combine")

    @action(description=gettext_lazy("Split at random"), icon="call_split", permissions=["make"], url_path="to-split")
    def split_members(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_package_split")

    @action(
        description=gettext_lazy("Upload a new version"), icon="upload", permissions=["renew"], url_path="new-version"
    )
    def new_version(self, request: HttpRequest, object_id: int) -> HttpResponse:
        package = existing(self, request, object_id)
        return redirect(f"{reverse('admin:segmentation_package_upload')}?package={package.pk}")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("upload/", self.upload, "upload"),
            self.route("of-list/<int:pk>/", self.of_list, "of_list"),
            self.route("freeze/", self.freeze, "freeze"),
            self.route("combine/", self.combine, "combine"),
            self.route("combine/count/", require_POST(self.combine_count), "combine_count"),
            self.route("split/", self.split, "split"),
            self.route("split/count/", require_POST(self.split_count), "split_count"),
            self.route("version/<int:pk>/restore/", require_POST(self.restore), "restore"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        package = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if isinstance(package, Package):
            versions = package.contents.all()[:SHOWN_VERSIONS]
            shown = {
                "package": package,
                "origin": origin_words(package.origin),
                "versions": [(version, origin_words(version.origin)) for version in versions],
                "may_renew": self.has_renew_permission(request),
            }
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Read a list; nothing is made of it before it was looked at."""
        package = self._renewed(request)
        form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else (None, None)))
        if form.is_valid():
            given = form.cleaned_data
            try:
                uids = uid_lists.bring(given["uids"], given["file"], by=request.user, now=timezone.now())
            except FileError as error:
                form.add_error("uids", str(error))
            else:
                query = f"?package={package.pk}" if package else ""
                return redirect(reverse("admin:segmentation_package_of_list", args=[uids.pk]) + query)
        return self.page(request, "package_upload", _("Upload a list"), form=form, package=package)

    def of_list(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a list names, and make a package, or its next version, of it."""
        package, uids = self._renewed(request), get_object_or_404(UidList, pk=pk)
        posted = request.POST if request.method == "POST" else None
        form = NamedForm(posted, initial={"name": uids.name.rpartition(".")[0]}) if package is None else None
        if posted is not None and package is not None:
            packages.renew(package, packages.of_list(uids), by=request.user, now=timezone.now())
            return self._made(request, [package])
        if form is not None and form.is_valid():
            return self._make(request, form, packages.of_list(uids))
        may_see = request.user.has_perm("segmentation.view_uidlist")
        shown = {"uids": uids, "form": form, "package": package, "may_see_rejects": may_see}
        return self.page(request, "package_of_list", _("Check the list"), **shown)

    def freeze(self, request: HttpRequest) -> HttpResponse:
        require(request, TO_ADD, "segmentation.view_segment")
        form = FreezeForm(request.POST or None, initial={"segment": request.GET.get("segment")})
        if form.is_valid():
            try:
                content = packages.of_now(form.cleaned_data["segment"], now=timezone.now())
                return self._make(request, form, content)
            except RuleError as error:
                form.add_error("segment", fault_words(error))
            except SourceError as error:
                form.add_error("segment", str(error))
        note = _("The rule is asked now, and whoever it holds for stays in the package whatever they do later.")
        return self.page(request, "package_form", _("Freeze a segment"), form=form, note=note)

    def combine(self, request: HttpRequest) -> HttpResponse:
        require(request, TO_ADD, "segmentation.view_segment")
        form = CombineForm(request.POST or None)
        if form.is_valid() and "count" not in request.POST:
            return self._make(request, form, packages.combined(form.steps())[0])
        chart = self._combined(form) if form.is_bound else None
        return self.page(request, "package_combine", _("Combine sets"), form=form, chart=chart)

    def combine_count(self, request: HttpRequest) -> HttpResponse:
        """Answer with the counts alone, as the sets are being chosen."""
        require(request, TO_ADD, "segmentation.view_segment")
        form = CombineForm(request.POST)
        form.is_valid()
        return self.page(request, "package_counts", "", chart=self._combined(form))

    def _combined(self, form: CombineForm) -> Bars | None:
        form.is_valid()
        steps = form.steps()
        if not steps:
            return None
        _content, counts = packages.combined(steps)
        labels = [str(steps[0].segment), *(f"{JOINED[each.operation]} {each.segment}" for each in steps[1:])]
        return _counted(_("Members after each step"), labels, counts)

    def split(self, request: HttpRequest) -> HttpResponse:
        require(request, TO_ADD, "segmentation.view_segment")
        begun = {"segment": request.GET.get("segment"), "salt": secrets.token_hex(4)}
        form = SplitForm(request.POST or None, initial=begun)
        if form.is_valid() and "count" not in request.POST:
            given = form.cleaned_data
            groups = packages.split(given["segment"], salt=given["salt"], shares=given["shares"])
            made = packages.make_groups(given["slug"], given["name"], groups, by=request.user, now=timezone.now())
            return self._made(request, made)
        chart = self._split(form) if form.is_bound else None
        return self.page(request, "package_split", _("Split at random"), form=form, chart=chart)

    def split_count(self, request: HttpRequest) -> HttpResponse:
        """Answer with the sizes of the groups alone."""
        require(request, TO_ADD, "segmentation.view_segment")
        return self.page(request, "package_counts", "", chart=self._split(SplitForm(request.POST)))

    def _split(self, form: SplitForm) -> Bars | None:
        form.is_valid()
        given = form.cleaned_data
        if not all(given.get(name) for name in ("segment", "shares", "salt")):
            return None
        groups = packages.split(given["segment"], salt=given["salt"], shares=given["shares"])
        labels = [
            f"{letter} · {part / 100:g} %" for letter, part in zip(packages.LETTERS, given["shares"], strict=False)
        ]
        return _counted(_("Members of each group"), labels, [len(group.members) for group in groups])

    def restore(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let what a version held serve again, as a new version."""
        require(request, TO_CHANGE)
        version = get_object_or_404(PackageVersion.objects.select_related("package"), pk=pk)
        packages.renew(version.package, packages.of_version(version), by=request.user, now=timezone.now())
        return self._made(request, [version.package])

    def _renewed(self, request: HttpRequest) -> Package | None:
        """Return the package that gets a new version, if the address names one."""
        number = request.GET.get("package", "")
        require(request, TO_CHANGE if number else TO_ADD)
        return get_object_or_404(Package, pk=number if number.isdecimal() else 0) if number else None

    def _make(self, request: HttpRequest, form: NamedForm, content: packages.Content) -> HttpResponse:
        given = form.cleaned_data
        return self._made(
            request, [packages.make(given["slug"], given["name"], content, by=request.user, now=timezone.now())]
        )

    def _made(self, request: HttpRequest, made: list[Any]) -> HttpResponse:
        for package in made:
            package.refresh_from_db()
            address = reverse("admin:segmentation_package_change", args=[package.pk])
            size = package.members.size
            words = ngettext("{} has {} member now.", "{} has {} members now.", size)
            link = format_html('<a class="own-link" href="{}">{}</a>', address, package)
            self.message_user(request, format_html(words, link, f"{size:,}"), messages.SUCCESS)
        if len(made) > 1 or not request.user.has_perm("segmentation.view_package"):
            return redirect("admin:segmentation_package_changelist")
        return redirect("admin:segmentation_package_change", made[0].pk)


def _counted(caption: str, labels: list[str], counts: list[int]) -> Bars:
    most = max(counts, default=0)
    return Bars(caption, tuple(Bar(label, share(n, most), f"{n:,}") for label, n in zip(labels, counts, strict=True)))
