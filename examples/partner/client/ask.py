"""Asks a router about a child: TOKEN=… python client/ask.py CHILD. ROUTER is the router's endpoint."""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


def ask(child: str) -> dict[str, Any] | None:
    """The child, or None where there is none that you may see."""
    query = Path(__file__).with_name("child.graphql").read_text("utf-8")
    request = Request(  # noqa: S310 - the address is the operator's own
        os.environ.get("ROUTER", "http://127.0.0.1:4000/"),
        data=json.dumps({"query": query, "variables": {"id": child}}).encode(),
        headers={
            "content-type": "application/json",
            "authorization": f"Bearer {os.environ['TOKEN']}",
            "x-access-purpose": "coordinate-services",
            "x-access-reason": quote("call from the family"),
        },
    )
    try:
        with urlopen(request) as response:  # noqa: S310 - as above
            answer = json.load(response)
    except HTTPError as refused:
        answer = json.load(refused)
    if errors := answer.get("errors"):
        sys.exit(" ".join(f"{each['message']} ({each.get('extensions', {}).get('code')})" for each in errors))
    found: dict[str, Any] | None = answer["data"]["child"]
    return found


def main() -> None:
    """Say what may be said."""
    child = ask(sys.argv[1])
    if child is None:
        print("There is no such child that you may see.")
        return
    print(child["givenName"], child["familyName"])
    access, address, helpline = child["access"], child["address"], child["helpline"]
    if access["shielded"]:
        print(f"SHIELDED: call {access['contact']['name']}, {access['contact']['phone']}")
    for withheld in access["withheld"]:
        print(f"withheld: {withheld['field']} ({withheld['reason']})")
    print("address:", ", ".join(address["lines"]) if address else "not shown")
    print("helpline:", helpline["reference"] if helpline else "no contact")


if __name__ == "__main__":
    main()
