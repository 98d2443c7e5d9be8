"""One line for each request: django-structlog's, without what an API call pays for and does not need."""

import structlog
from django.conf import settings
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class AccessLog(RequestMiddleware):
    """Reads the client's address plainly, and who it is only where a session may say so."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The first address that a proxy names, as the shop's proxy is the one that connects."""
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").partition(",")[0].strip()
        structlog.contextvars.bind_contextvars(ip=forwarded or request.META.get("REMOTE_ADDR"))

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            RequestMiddleware.bind_user_id(request)
