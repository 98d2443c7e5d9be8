"""The floor for an API call: the same authentication, one trivial query, as many bytes."""

from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView


class TrivialView(APIView):
    scope = "eligibility"

    def get(self, request: Request, size: int) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        return HttpResponse(b"x" * size, content_type="application/json")
