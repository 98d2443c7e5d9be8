"""Every address the house answers at. The two probes, /healthz and /readyz, are middleware: `config.health`."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from campaigns import board_pages, energy_pages, home_page, share_pages
from campaigns import pages as campaign_pages
from campaigns.offers import pages as offer_pages
from campaigns.posters import pages as poster_pages
from config import api, api_pages, api_schema, offline_pages, own_pages, roles_page
from members import inbox_pages, level_pages
from members import pages as member_pages
from members.wechat import pages as wechat_pages
from operations import picture_pages
from operations.sign_in import pages as sign_in_pages
from rewards import award_pages, check_off_pages, mall_pages
from rewards import pages as reward_pages

urlpatterns = [
    # Who opens the bare address is somebody of the shop; participants come with a link.
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/sign-in/", include(sign_in_pages.urlpatterns)),
    path("admin/", include(own_pages.urlpatterns)),
    path("admin/", include(roles_page.urlpatterns)),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    *api_pages.urlpatterns,
    path("api/v1/schema/", api_schema.OpenApiDocument.as_view(), name="schema"),
    path("api/v1/", include(api.urlpatterns)),
    path("h5/", include(picture_pages.urlpatterns)),
    path("h5/", include(offline_pages.urlpatterns)),
    path("h5/", include(home_page.urlpatterns)),
    path("h5/", include(member_pages.urlpatterns)),
    path("h5/", include(inbox_pages.urlpatterns)),
    path("h5/", include(wechat_pages.urlpatterns)),
    path("h5/", include(level_pages.urlpatterns)),
    path("h5/", include(reward_pages.urlpatterns)),
    path("h5/", include(award_pages.urlpatterns)),
    path("staff/check-off/", include(check_off_pages.urlpatterns)),
    path("h5/", include(mall_pages.urlpatterns)),
    path("h5/", include(board_pages.urlpatterns)),
    path("h5/", include(energy_pages.urlpatterns)),
    path("h5/", include(campaign_pages.urlpatterns)),
    path("h5/", include(offer_pages.urlpatterns)),
    path("h5/", include(share_pages.urlpatterns)),
    path("h5/", include(poster_pages.urlpatterns)),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
