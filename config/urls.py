"""Every address the house answers at."""

from django.contrib import admin
from django.urls import include, path

from campaigns import pages as campaign_pages
from config import api
from members import pages as member_pages
from rewards import pages as reward_pages

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api.urlpatterns)),
    path("h5/", include(member_pages.urlpatterns)),
    path("h5/", include(reward_pages.urlpatterns)),
    path("h5/", include(campaign_pages.urlpatterns)),
]
