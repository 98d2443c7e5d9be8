"""The H5 pages of `campaigns`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
