"""One-time codes for mediated access, as the demonstration's issuer keeps them.

Somebody away from a screen telephones a colleague. Both have signed in to the issuer, the one by telephone or on
whatever is at hand. The one asks for a code that is good for that colleague, once, for minutes, and reads it out; the
other gives it to the issuer with their own sign-in, and gets a token that lets nobody but them ask for the one.

A code is short enough to be read out, so wrong ones are counted: after a few, it is gone. What is kept of it is a
digest, beside who asked for it and until when.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.engines.process import write_private

SECONDS = 300
"""How long a code may be used, in seconds."""
TRIES = 5
"""How many wrong codes a mediator may give before theirs is gone."""
_DIGITS = 8


class MediationError(Exception):
    """There is no token for this code; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a data folder's issuer: at most one for each mediator.

    Attributes:
        folder: where they are kept, readable by their owner alone.
        clock: seconds since 1970.
    """

    folder: Path
    clock: Callable[[], float] = time.time

    def issue(self, account: str, mediator: str) -> str:
        """A new code, with which a mediator may ask for an account; an older one for that mediator is gone.

        Raises:
            MediationError: somebody wants to be their own mediator.
        """
        if account == mediator:
            raise MediationError("Nobody asks on behalf of themselves: name the colleague whom you telephone.")
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        self._keep(mediator, {"account": account, "until": self.clock() + SECONDS, "tries": TRIES}, code)
        return f"{code[:4]}-{code[4:]}"

    def redeem(self, code: str, mediator: str) -> str:
        """The account for which a code was issued; the code is gone afterwards.

        Raises:
            MediationError: it is not the code that was issued for this mediator, or it is too late.
        """
        taken = self._take(mediator)
        digits = code.replace("-", "").replace(" ", "")
        if taken is None or self.clock() >= taken["until"]:
            raise MediationError("There is no code for you, or it was too late. Ask your colleague for a new one.")
        if not hmac.compare_digest(_digest(digits, taken["salt"]), taken["digest"]):
            if taken["tries"] > 1:
                self._write(mediator, {**taken, "tries": taken["tries"] - 1})
            raise MediationError("That is not the code. Have it read out again; after five wrong ones it is gone.")
        return str(taken["account"])

    def _keep(self, mediator: str, kept: dict[str, Any], code: str) -> None:
        salt = secrets.token_hex(16)
        self._write(mediator, {**kept, "salt": salt, "digest": _digest(code, salt)})

    def _write(self, mediator: str, kept: dict[str, Any]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path(mediator).with_suffix(f".{secrets.token_hex(4)}")
        write_private(draft, json.dumps(kept))
        draft.replace(self._path(mediator))

    def _take(self, mediator: str) -> dict[str, Any] | None:
        """What is kept for a mediator; of several who ask at once, one gets it."""
        own = self._path(mediator).with_suffix(f".{secrets.token_hex(4)}")
        try:
            self._path(mediator).rename(own)
        except FileNotFoundError:
            return None
        taken: dict[str, Any] = json.loads(own.read_text("utf-8"))
        own.unlink()
        return taken

    def _path(self, mediator: str) -> Path:
        return self.folder / f"{hashlib.sha256(mediator.encode()).hexdigest()}.json"


def _digest(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()
