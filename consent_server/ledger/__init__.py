"""The ledger: what was recorded, in one order, under signed heads that a stranger can check.

To it an organisation is an opaque id and the name of a log.
"""

from .append import Many, append, append_many, append_text, drawn
from .bundle import Opening, tlog_proof_bytes
from .canonical import canonical_bytes
from .check import Finding, check_log
from .check_organisation import check_organisation
from .entry import person_fields
from .erase import erase_records, was_erased
from .feed import Event, feed, feed_head
from .health import figures, log_health
from .integrate import DamagedLogError
from .journal import FOLDER, journal_line, write_journal
from .mould import Mould
from .prove import Erased, StillPending, open_cell, proof_bytes, prove
from .restart import begin_again
from .resume import Resuming, resume, to_resume
from .sequence import Sequenced, sequence_once
from .signer import MAIN_LOG, LogSigner, RefusedToSign, key_of_log, refuse_other_history
from .stored import logs, organisations, read_head
from .witness import refuse_bad_witnesses

__all__ = [
    "FOLDER",
    "MAIN_LOG",
    "DamagedLogError",
    "Erased",
    "Event",
    "Finding",
    "LogSigner",
    "Many",
    "Mould",
    "Opening",
    "RefusedToSign",
    "Resuming",
    "Sequenced",
    "StillPending",
    "append",
    "append_many",
    "append_text",
    "begin_again",
    "canonical_bytes",
    "check_log",
    "check_organisation",
    "drawn",
    "erase_records",
    "feed",
    "feed_head",
    "figures",
    "journal_line",
    "key_of_log",
    "log_health",
    "logs",
    "open_cell",
    "organisations",
    "person_fields",
    "proof_bytes",
    "prove",
    "read_head",
    "refuse_bad_witnesses",
    "refuse_other_history",
    "resume",
    "sequence_once",
    "tlog_proof_bytes",
    "to_resume",
    "was_erased",
    "write_journal",
]
