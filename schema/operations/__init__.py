"""The operations that the documentation and the portal use: their statements are planned before serving."""

from pathlib import Path

OPERATIONS: dict[str, str] = {
    path.stem: path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.graphql"))
}
"""Each operation's document by its file's name."""
