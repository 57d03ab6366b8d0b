"""How the embedded AWS is served: by threads, and over connections that stay open.

Terraform and the jobs make thousands of requests. A connection of its own for each would cost both sides a handshake,
more work than most answers are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from socket import socket
from ssl import SSLSocket
from typing import Any
from urllib.parse import unquote_to_bytes

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Gateway_10, Server
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)

from generator.deploy.emulator.certificates import ADDRESS

_THREADS = 64
"""More than requests that wait for another one: what answers asks this server too."""
_CONNECTIONS = 200
"""As many may stay open, and as many wait to be taken."""
_IDLE = 30
"""Seconds after which a connection that nobody uses is closed."""


class _Adapter(BuiltinSSLAdapter):
    """Leaves the handshake to the thread that reads the first request, so that nobody waits for a silent client."""

    def wrap(self, sock: socket) -> tuple[SSLSocket, dict[str, Any]]:
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}


class _Gateway(Gateway_10):
    """Tells the application what moto is used to from the server that it comes with."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        address = environ["REQUEST_URI"]
        names = [name.decode("latin-1").lower() for name in self.req.inheaders]
        return {
            **environ,
            "RAW_URI": address,
            "PATH_INFO": unquote_to_bytes(address.partition("?")[0]).decode("latin-1"),
            PRESERVED_HEADER_NAMES_ENVIRON_KEY: {
                environ_key_for_header(name): name for name in names if should_preserve_original_header_name(name)
            },
        }


def new_server(application: Callable[..., Any], certificate: tuple[Path, Path] | None = None) -> Server:
    """A server on a free port of the loopback address; `serve()` answers what comes to it.

    Args:
        certificate: PEM files of the certificate and its key, for HTTPS.
    """
    server = Server((ADDRESS, 0), application, numthreads=_THREADS, request_queue_size=_CONNECTIONS, timeout=_IDLE)
    server.gateway = _Gateway
    server.keep_alive_conn_limit = _CONNECTIONS
    if certificate is not None:
        server.ssl_adapter = _Adapter(*map(str, certificate))
    server.prepare()
    return server


def port_of(server: Server) -> int:
    return int(server.bind_addr[1])
