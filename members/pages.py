"""The H5 pages of `members`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
