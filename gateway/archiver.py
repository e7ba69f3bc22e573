"""The archiver that settings describe; as a process of its own, it runs beside a gateway and ends with it."""

import signal
import sys
import threading
from typing import IO

from audit.archive.archiver import Archiver
from audit.archive.folder import Folder
from audit.archive.service import Service
from audit.archive.source import Source
from audit.keys import signer, verifier
from audit.keystore import KeyStore
from audit.witness.client import Peer, Peers
from gateway.settings import Settings, SettingsError, read_settings


def archiver_of(settings: Settings) -> Archiver:
    """The archiver that settings describe.

    Raises:
        SettingsError: they do not say where the archive is.
        KeyFileError: a key is missing or damaged.
        NoteError: a witness is not described as it should be.
    """
    if settings.audit_archive is None or settings.audit_keystore is None:
        raise SettingsError("Set DIRECTORY_AUDIT_ARCHIVE and DIRECTORY_AUDIT_KEYSTORE: where the archive is.")
    peers = [Peer.parse(each) for each in (settings.audit_witnesses or "").split(",") if each.strip()]
    return Archiver(
        Folder(settings.audit_archive),
        Source(settings.stream_url.get_secret_value()),
        KeyStore(settings.audit_keystore),
        verifier(settings.audit_keys / "signing.pub"),
        signer(settings.audit_keys / "log.key"),
        Peers(peers) if peers else None,
        tuple(peer.key.text for peer in peers),
    )


def run_beside(parent: IO[bytes]) -> None:
    """Archive, by the settings of the environment, until whoever started this process closes its end of a pipe."""
    service = Service(archiver_of(read_settings()))
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a Ctrl-C in the terminal is for the parent, which then closes the pipe

    def until_closed() -> None:
        parent.read()
        service.stopping.set()

    threading.Thread(target=until_closed, daemon=True).start()
    service.run()


if __name__ == "__main__":
    run_beside(sys.stdin.buffer)
