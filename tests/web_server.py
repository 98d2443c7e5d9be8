"""A web process for tests that has imported everything: it forks one that serves for each line "serve" that it reads.

Run as `python -m tests.web_server PORT`; "warm PATH KEY" lets it answer one request itself. It prints the process id of
each fork. Forks share the listening socket: a connection waits for the next fork when one has been killed.
"""

import os
import socket
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.db import connections


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Each request has a thread, and leaves no connection to the database behind."""
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        connections.close_all()


class Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    from django.core.wsgi import get_wsgi_application

    server = Server(("127.0.0.1", int(sys.argv[1])), Handler, bind_and_activate=False)
    server.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.server_bind()
    server.server_activate()
    server.set_app(get_wsgi_application())
    for line in sys.stdin:
        if line.startswith("warm "):
            _warm_up(*line.split()[1:])
            continue
        pid = os.fork()
        if pid == 0:
            server.serve_forever()
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _warm_up(path: str, key: str) -> None:
    """Import and keep what a first request would; leave no connection open that forks would share."""
    from django.test import Client

    response = Client().get(path, headers={"Authorization": f"Api-Key {key}", "Host": "localhost"})
    if response.status_code != 200:
        raise SystemExit(f"{path}: {response.status_code}")
    connections.close_all()


if __name__ == "__main__":
    main()
