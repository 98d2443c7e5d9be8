"""The API of `rewards`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
