"""Whether a port can be listened on, found out before anything is started for it."""

import errno
import socket

from gateway.app import StartError


def check_port(host: str, port: int, remedy: str) -> None:
    """Make sure that the port is free.

    Args:
        host: address to listen on.
        port: port to listen on.
        remedy: how to choose another, as a sentence.

    Raises:
        StartError: it is in use, or may not be used.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (socket.gaierror, UnicodeError):
            raise StartError(f"{host} is no address of this machine. Listen on 127.0.0.1, or on 0.0.0.0.") from None
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is in use by another program" if taken else f"of {host} cannot be used ({error.strerror})"
            raise StartError(f"Port {port} {why}. {remedy}") from None
