"""The same command by the standard library alone: `python3 consent-verify.pyz FILE --key VKEY`.

What `consent verify` takes and answers, for a machine on which nothing is installed.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from consent_server.verify.keys import BadKeyError
from consent_server.verify.page import MOST_READ, check_file, show
from consent_server.verify.verdict import BadAuthorityError
from consent_server.verify.words import LANGUAGES

_OLDEST = (3, 11)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one file: 0 when the proof holds, 1 when it does not, 2 for a wrong question."""
    parser = _parser()
    if sys.version_info < _OLDEST:
        parser.error("this needs Python 3.11 or newer")
    asked = parser.parse_args(arguments)
    try:
        verdict = check_file(
            _read(asked.file),
            keys=asked.keys,
            identifier=asked.identifier,
            authorities=asked.authorities,
        )
    except BadKeyError as error:
        parser.error(f"--key: {error}")
    except BadAuthorityError as error:
        parser.error(f"--authority: {error}")
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    said = show(verdict, asked.language, as_json=asked.as_json)
    # A console of another encoding shows what it can, and never breaks off.
    sys.stdout.buffer.write(said.encode() + b"\n")
    return 0 if verdict.holds else 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="consent-verify",
        description="Check a proof file, or a dispute's archive, offline, with the log's"
        " public key alone.",
        epilog="Answers 0 when the proof holds, 1 when it does not, 2 for a wrong question.",
    )
    parser.add_argument("file", help='the proof or the archive ("-" reads from a pipe)')
    parser.add_argument(
        "--key",
        dest="keys",
        action="append",
        required=True,
        metavar="VKEY",
        help="a key you trust (name+id+base64), or a file that holds some, one per line",
    )
    parser.add_argument(
        "--for", dest="identifier", help="also show that it is about this address or number"
    )
    parser.add_argument(
        "--authority",
        dest="authorities",
        action="append",
        default=[],
        type=Path,
        help="a file of certificates (PEM) of those you trust to stamp times: theirs or a"
        " root's; needs the packages cryptography and rfc3161-client",
    )
    parser.add_argument("--lang", dest="language", choices=LANGUAGES, default="en")
    parser.add_argument("--json", dest="as_json", action="store_true", help="answer in JSON")
    return parser


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MOST_READ)
    with Path(file).open("rb") as opened:
        return opened.read(MOST_READ)
