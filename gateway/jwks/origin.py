"""Where a key set is published: a file, or a server."""

import asyncio
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx

MAX_BYTES = 64 * 1024
"""The longest key set that is read."""
FETCH_SECONDS = 2.0
"""How long one fetch may take, from the first byte sent to the last received."""


class OriginError(Exception):
    """The key set cannot be had now."""


class Origin(Protocol):
    """Where a key set is published.

    Attributes:
        interval: the least time between two reads, in seconds.
    """

    interval: float

    def changed(self) -> bool:
        """Whether it is known, without asking anybody, that a read would find something else."""

    async def read(self) -> bytes:
        """The key set as published.

        Raises:
            OriginError: it cannot be had now.
        """

    async def aclose(self) -> None:
        """Release what is held."""


class FileOrigin:
    """A file on this machine, read again whenever it changes."""

    interval = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None

    def changed(self) -> bool:
        """Whether the file is another than the one last read."""
        return self._now() != self._stamp

    async def read(self) -> bytes:
        """The file's content."""
        try:
            stamp, raw = self._now(), self._content()
        except OSError as error:
            raise OriginError(str(self._path)) from error
        self._stamp = stamp
        return raw

    async def aclose(self) -> None:
        """Nothing is held."""

    def _now(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _content(self) -> bytes:
        with self._path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise OriginError(f"{self._path} is too long for a key set")
        return raw


class HttpOrigin:
    """A server, asked without redirects, proxies or compression."""

    interval = 10.0

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=FETCH_SECONDS,
            follow_redirects=False,
            trust_env=False,
            headers={"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"},
        )

    def changed(self) -> bool:
        """Never known without asking."""
        return False

    async def read(self) -> bytes:
        """What the server sends."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await self._body()
        except (httpx.HTTPError, TimeoutError) as error:
            raise OriginError(self._url) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _body(self) -> bytes:
        body = bytearray()
        async with self._client.stream("GET", self._url) as response:
            if response.status_code != httpx.codes.OK:
                raise OriginError(f"{self._url} answers {response.status_code}")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise OriginError(f"{self._url} is too long for a key set")
        return bytes(body)


def origin_of(url: str, transport: httpx.AsyncBaseTransport | None = None) -> Origin:
    """The origin that a URL names.

    Args:
        url: ``https:``, ``http:`` on loopback, or ``file:`` with an absolute path.
        transport: replaces the network, in tests.

    Raises:
        ValueError: the URL is of another kind.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path.startswith("/"):
        return FileOrigin(Path(unquote(parts.path)))
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        return HttpOrigin(url, transport)
    raise ValueError(f"{url!r} publishes no keys: give an https: URL, an http: URL on loopback, or a file: URL")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
