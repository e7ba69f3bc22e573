"""Open Policy Agent, serving one bundle that states its revision.

It asks no token of its callers: it listens on loopback, holds no personal data and answers questions only; token
authentication would need an authorisation policy inside every bundle.
"""

from pathlib import Path

from gateway.engines.folder import GRACE, HOST, DataFolder
from gateway.engines.process import ServerSpec
from gateway.policy.bundle import ALGORITHM, KEY_ID
from gateway.policy.files import INVARIANTS
from gateway.stack.tools import run


def build_bundle(opa: Path, policies: Path, revision: str, target: Path) -> None:
    """Build a bundle of a policy folder, without its tests and invariants.

    Args:
        opa: the `opa` program.
        policies: folder with a `.manifest`.
        revision: what the server will report as the revision of each decision.
        target: file to write.

    Raises:
        EngineError: a policy does not compile.
    """
    options = ["--ignore", "*_test.rego", "--ignore", INVARIANTS, "--revision", revision, "--output", str(target)]
    command = [str(opa), "build", "--bundle", str(policies), *options]
    run(command, f"The policies in {policies} do not build", private=True)


def server(folder: DataFolder, opa: Path, bundle: Path, *, port: int, key: Path | None = None) -> ServerSpec:
    """Give the command that serves a bundle; of signed ones, another as soon as it stands in its place.

    Args:
        folder: data folder.
        opa: the `opa` program.
        bundle: bundle file.
        port: loopback port.
        key: public key without whose signature nothing is served; None serves unsigned bundles.
    """
    signed = ("--watch", "--verification-key-id", KEY_ID, "--signing-alg", ALGORITHM, "--verification-key", str(key))
    options = ("--addr", f"{HOST}:{port}", "--log-level", "error", "--skip-version-check", "--bundle", str(bundle))
    return ServerSpec(
        name="policy",
        argv=(str(opa), "run", "--server", *(signed if key else ()), *options),
        folder=folder.part("policy"),
        pid_file=folder.pid_file("policy"),
        log=folder.log("policy"),
        grace=GRACE["policy"],
    )
