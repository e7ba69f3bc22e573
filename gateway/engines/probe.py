"""Ask each engine, as its client would, whether it answers."""

import http.client
import time
from collections.abc import Callable

import neo4j
import redis
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from gateway.engines.folder import DataFolder
from gateway.engines.model import EngineError, EngineName, Engines
from gateway.engines.process import is_held, log_tail

_POLL_SECONDS = 0.1
_ANSWER_SECONDS = 2.0


def wait_until_ready(folder: DataFolder, engines: Engines, name: EngineName, seconds: float) -> None:
    """Return as soon as an engine answers with the credentials of its data folder.

    Raises:
        EngineError: it stopped, it refused the credentials, or it did not answer within that many seconds.
    """
    log = folder.log(name)
    answers = _PROBES[name]
    deadline = time.monotonic() + seconds
    while not answers(engines):
        if not is_held(folder.pid_file(name)):
            raise EngineError(
                f"The {name} engine stopped while it was starting. Its log, {log}, ends:\n{log_tail(log)}"
            )
        if time.monotonic() > deadline:
            raise EngineError(
                f"The {name} engine did not answer within {seconds:.0f} s. See its log, {log}; if the machine is "
                "busy, start again."
            )
        time.sleep(_POLL_SECONDS)


def _graph_answers(engines: Engines) -> bool:
    auth = (engines.graph_user, engines.graph_password)
    try:
        with (
            neo4j.GraphDatabase.driver(engines.graph_uri, auth=auth, connection_timeout=_ANSWER_SECONDS) as driver,
            driver.session(database="neo4j") as session,
        ):
            session.run("RETURN 1").consume()
    except AuthError as error:
        raise EngineError(
            "The graph engine refuses the password in the secrets folder of its data folder: its data was made with "
            "another one. Put the old password back, or start with an empty data folder."
        ) from error
    except (DriverError, Neo4jError):
        return False
    return True


def _stream_answers(engines: Engines) -> bool:
    try:
        with redis.Redis.from_url(engines.stream_url, socket_timeout=_ANSWER_SECONDS) as client:
            return bool(client.ping())
    except redis.AuthenticationError as error:
        raise EngineError(
            "The stream engine refuses the password in the secrets folder of its data folder: another server may "
            "have taken its port. Start again."
        ) from error
    except redis.RedisError:
        return False


def _policy_answers(engines: Engines) -> bool:
    if engines.opa_url is None:
        raise ValueError("these engines have no policy server")
    connection = http.client.HTTPConnection(engines.opa_url.removeprefix("http://"), timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/health?bundles")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


_PROBES: dict[EngineName, Callable[[Engines], bool]] = {
    "graph": _graph_answers,
    "stream": _stream_answers,
    "policy": _policy_answers,
}
