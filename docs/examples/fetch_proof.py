"""Ask whether somebody may be contacted, then write the proof of the decision behind it.

    .venv/bin/python docs/examples/fetch_proof.py var/demo.json PERSON PURPOSE > proof.json

PERSON is an e-mail address known to the first organisation of the demonstration.
"""

import json
import sys
from pathlib import Path

import httpx

path, person, purpose = sys.argv[1:]
demo = json.loads(Path(path).read_text("utf-8"))
headers = {"Authorization": f"Bearer {demo['organisations'][0]['api_key']}"}

with httpx.Client(base_url=demo["base_url"], headers=headers) as server:
    asked = {"subject": {"email": person}, "purpose": purpose}
    answer = server.post("/v1/permissions", json=asked).raise_for_status().json()
    if answer["decision"] is None:
        sys.exit(f"no decision stands behind this answer: {answer['because']}")
    # With the opening, whoever knows the address can check that it is hers.
    proof = server.get(f"/v1/decisions/{answer['decision']}/proof", params={"opening": "true"})

sys.stdout.buffer.write(proof.raise_for_status().content)
