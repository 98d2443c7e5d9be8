"""Placeholder replaced by the room's owner."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return None


class HasScope(BasePermission):
    def has_permission(self, request, view):
        return False
