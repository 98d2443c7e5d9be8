"""The API of `segmentation`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
