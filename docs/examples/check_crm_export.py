"""Add to an export of a CRM whether each contact may be called, written to, sent letters.

    python check_crm_export.py contacts.csv checked.csv

`contacts.csv` has a column `id`, the CRM's own name for the contact (`external_id`). Three
columns are added: email, phone and post, each `yes`, or the reason for the no.
"""

import csv
import os
import sys
from pathlib import Path

from consent_server.client import Consent

FAMILY = "prospecting"
CHANNELS = ("email", "phone", "post")
contacts_file, checked_file = (Path(word) for word in sys.argv[1:])
questions = [f"{FAMILY}.{channel}" for channel in CHANNELS]

with (
    Consent(os.environ["CONSENT_SERVER"], os.environ["CONSENT_KEY"]) as consent,
    contacts_file.open(newline="", encoding="utf-8-sig") as contacts,
    checked_file.open("w", newline="", encoding="utf-8") as checked,
):
    rows = csv.DictReader(contacts)
    out = csv.DictWriter(checked, [*(rows.fieldnames or []), *CHANNELS])
    out.writeheader()
    for row in rows:
        answers = consent.may_each({"external_id": row["id"]}, questions).values()
        told = ("yes" if may else may.because for may in answers)
        out.writerow({**row, **dict(zip(CHANNELS, told, strict=True))})
