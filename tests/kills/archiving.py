"""The archiver, as `directory audit archive` runs it, but that the stream keeps archived entries for a moment only.

An hour's worth, as usual, would never be trimmed in a test; and what is trimmed too early is lost.
"""

from dataclasses import replace

from audit.archive.service import Service
from gateway.archiver import archiver_of
from gateway.settings import read_settings

KEPT = 1.0
"""How long archived entries stay in the stream, in seconds."""

if __name__ == "__main__":
    Service(replace(archiver_of(read_settings()), kept=KEPT), witnessed=0.5).run()
