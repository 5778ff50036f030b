"""Ask, and record a no, with a client that was made from the OpenAPI document.

    CONSENT_SERVER=https://… CONSENT_KEY=cs_live_… \
        python generated_client.py somebody@example.org newsletter

`consent_api` is what openapi-python-client makes (docs/integrating.md). It neither sends again
nor fails closed, so both are done here: a write bears an Idempotency-Key, and whatever is no
plain yes is a no.
"""

import os
import sys
import uuid
from contextlib import suppress

import httpx
from consent_api import AuthenticatedClient
from consent_api.api.decisions import post_v1_decisions
from consent_api.api.permissions import post_v1_permissions
from consent_api.models import (
    DecisionWritten,
    PermissionQuestion,
    PermissionsOut,
    ProblemShown,
    SystemDecision,
)

client = AuthenticatedClient(
    base_url=os.environ["CONSENT_SERVER"],
    token=os.environ["CONSENT_KEY"],
    timeout=httpx.Timeout(5),
)


def may(address: str, purpose: str) -> bool:
    """Ask; a problem, an answer that cannot be read and no answer at all are a no."""
    question = PermissionQuestion.from_dict({"subject": {"email": address}, "purpose": purpose})
    try:
        answer = post_v1_permissions.sync(client=client, body=question)
    except Exception:  # noqa: BLE001 - whatever it was, it is no yes
        return False
    return isinstance(answer, PermissionsOut) and answer.allowed is True


def refuse(address: str, purpose: str) -> DecisionWritten | ProblemShown | None:
    """Record that she said no; sent again under the same key if nobody answered."""
    said = SystemDecision.from_dict(
        {
            "subject": {"email": address},
            "choices": {purpose: "refused"},
            "source": "telephone",
            "assertion": "asserted",
        }
    )
    key = str(uuid.uuid4())
    for _ in range(2):
        with suppress(httpx.HTTPError):
            return post_v1_decisions.sync(client=client, body=said, idempotency_key=key)
    return None


who, what = sys.argv[1:]
told = [f"before: {'yes' if may(who, what) else 'no'}"]
written = refuse(who, what)
if isinstance(written, DecisionWritten):
    told += [f"recorded: {written.standing[what]}"]
    told += [f"after: {'yes' if may(who, what) else 'no'}"]
else:
    told += [f"not recorded: {written.title if written else 'no answer'}"]
sys.stdout.write("\n".join([*told, ""]))
