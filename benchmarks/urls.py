"""The site's addresses and the floor's."""

from django.urls import path

from benchmarks.floor import TrivialView
from config.urls import urlpatterns as site_urlpatterns

urlpatterns = [path("bench/floor/<int:size>/", TrivialView.as_view()), *site_urlpatterns]
