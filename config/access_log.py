"""One line for each request: django-structlog's, without what an API call pays for and does not need."""

import structlog
from django.conf import settings
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from operations.addresses import address_of

# Their addresses hold what signs a participant in.
WITHOUT_QUERY = ("/h5/enter/", "/h5/wechat/back/")


class AccessLog(RequestMiddleware):
    """Reads the client's address plainly, and who it is only where a session may say so."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        secret = request.path_info in WITHOUT_QUERY
        return f"{request.method} {request.path if secret else request.get_full_path()}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Whoever the proxies name; where there are none, nobody is believed who names another."""
        structlog.contextvars.bind_contextvars(ip=address_of(request))

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            RequestMiddleware.bind_user_id(request)
