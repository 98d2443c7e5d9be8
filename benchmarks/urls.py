"""The site's addresses and the floor's."""

from django.urls import path

from benchmarks import campaign_page
from benchmarks.audience_peers import AudiencesView
from benchmarks.draws_by_orm import DrawByOrmView
from benchmarks.floor import TrivialView
from config.urls import urlpatterns as site_urlpatterns

urlpatterns = [
    path("bench/floor/<int:size>/", TrivialView.as_view()),
    path("bench/audiences/<str:name>/<str:part>/<str:uid>/", AudiencesView.as_view()),
    path("bench/page/<str:parts>/", campaign_page.from_constants),
    path("api/v1/campaigns/<slug:slug>/members/<str:uid>/draws-by-orm/", DrawByOrmView.as_view()),
    *site_urlpatterns,
]
