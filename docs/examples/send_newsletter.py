"""Send one message to everybody on a list who may be written to, each with a link to leave.

    python send_newsletter.py message.eml contacts.csv newsletter sent.csv

`contacts.csv` has a column `email`. CONSENT_SERVER and CONSENT_KEY (scopes lookup, links)
say whom to ask; SMTP_SERVER (host:port) takes the mail. `sent.csv` keeps for each address
what was answered and, for those written to, the clearance: the signed proof that you asked.

The question comes last, right before the send: an answer is worth nothing once it is old.
"""

import csv
import email
import email.policy
import os
import smtplib
import sys
from pathlib import Path

from consent_server.client import Consent, ConsentError

message_file, contacts_file, purpose, sent_file = sys.argv[1:]
# Lines may be 998 letters long; shorter ones would cut the link in two, and mailboxes would
# show no button.
policy = email.policy.SMTP.clone(max_line_length=998)
message = email.message_from_bytes(Path(message_file).read_bytes(), policy=policy)
host, _, port = os.environ["SMTP_SERVER"].partition(":")

with (
    Consent(os.environ["CONSENT_SERVER"], os.environ["CONSENT_KEY"]) as consent,
    smtplib.SMTP(host, int(port or 25)) as smtp,
    Path(contacts_file).open(newline="", encoding="utf-8") as contacts,
    Path(sent_file).open("a", newline="", encoding="utf-8") as sent,
):
    log = csv.writer(sent)
    for contact in csv.DictReader(contacts):
        person = {"email": contact["email"]}
        try:
            # Before the question, so that nothing stands between the answer and the send.
            link = consent.unsubscribe_link(person, purpose)
        except ConsentError as error:
            log.writerow([contact["email"], "not sent", f"no link: {error}", ""])
            continue
        for name in ("To", *link.headers):
            del message[name]
        message["To"] = contact["email"]
        for name, value in link.headers.items():
            message[name] = value
        may = consent.may(person, purpose, clearance=True)
        if not may:
            log.writerow([contact["email"], "not sent", may.because, ""])
            continue
        smtp.send_message(message)
        log.writerow([contact["email"], "sent", may.because, may.clearance])
