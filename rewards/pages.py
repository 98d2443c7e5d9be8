"""The H5 pages of `rewards`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
