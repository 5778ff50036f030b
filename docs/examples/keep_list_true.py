"""Keep the list of a mailing tool true: whoever may no longer be written to is taken off it.

    python keep_list_true.py list.json newsletter state.json

For tools that hold subscribers themselves, as listmonk does. `list.json` stands for the
tool here: {"address": "enabled" or "blocklisted"}; put your tool's API in its place. The
first run asks about everybody; later ones read only what has changed since (`state.json`).
Run it every minute, and ask once more right before a campaign: the feed tells that
something changed, the question tells what holds.
"""

import json
import os
import sys
from pathlib import Path

from consent_server.client import Consent

list_file, purpose, state_file = (Path(word) for word in sys.argv[1:])
subscribers = json.loads(list_file.read_text("utf-8"))
state = json.loads(state_file.read_text("utf-8")) if state_file.exists() else {}


def ask(address: str) -> None:
    """Ask about one address, and put the answer on the list."""
    may = consent.may({"email": address}, str(purpose))
    # Trouble is no reason to block anybody for good: nothing is sent, and it is asked again.
    if may.trouble is None:
        subscribers[address] = "enabled" if may else "blocklisted"
        if may.subject:
            state["people"][may.subject] = address
    else:
        state["again"].append(address)


with Consent(os.environ["CONSENT_SERVER"], os.environ["CONSENT_KEY"]) as consent:
    if not state:
        # From where the feed stands now: what changes while we ask is read next time.
        after = max((event.seq for event in consent.events()), default=0)
        state = {"after": after, "people": {}, "again": []}
        waiting = list(subscribers)
    else:
        waiting, state["again"] = state["again"], []
        for event in consent.events(state["after"]):
            state["after"] = event.seq
            if event.subject in state["people"]:
                waiting.append(state["people"][event.subject])
    for each in dict.fromkeys(waiting):
        ask(each)

list_file.write_text(json.dumps(subscribers, indent=1), "utf-8")
state_file.write_text(json.dumps(state), "utf-8")
