"""Where to listen is found out before anything is started for it."""

import pytest

from gateway.app import StartError
from gateway.port import check_port


@pytest.mark.parametrize("host", ["not a host", "a..b"])
def test_a_host_that_is_none(host: str) -> None:
    """What is no address is named, with addresses that are, and no other port is advised."""
    with pytest.raises(StartError, match=rf"^{host} is no address of this machine\. Listen on 127"):
        check_port(host, 1, "Choose another port.")
