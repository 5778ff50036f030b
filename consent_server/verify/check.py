"""The check itself, from the outside in: file, signature, place in the log, record, person.

Each step relies only on what the steps before it have shown, so the first one that fails
says where the file is wrong.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from consent_server.verify.bundle import ProofFile, read_proof_file, read_tlog_file
from consent_server.verify.entry import read_entry, require_minute
from consent_server.verify.exact import canonical, read_exact
from consent_server.verify.keys import LOG, WITNESS, Key, parse_key
from consent_server.verify.log_proof import LogProof, PathError, leaf_of, root_through
from consent_server.verify.person import whose
from consent_server.verify.story import tell
from consent_server.verify.verdict import Finding, Place, Refused, Sort, Verdict
from consent_server.verify.written import read_file

try:
    from consent_server.verify.stamp import check_stamp, read_authorities
except ImportError:
    # Where no library is: a stamp's text is checked all the same, not who stamped it.
    from consent_server.verify.bare_stamp import check_stamp, read_authorities

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def verify_bundle(
    bundle: bytes | Mapping[str, object],
    *,
    keys: Iterable[str],
    identifier: str | None = None,
    authorities: bytes | None = None,
) -> Verdict:
    """Check a proof file against keys the caller trusts; say what it proves and what not.

    As bytes every byte counts; as a mapping only the content does. With an identifier the
    verdict holds only if the record is shown to be about it. `authorities` are certificates
    (PEM) of those who may stamp times. Raises BadKeyError for a key that is none, and
    BadAuthorityError for no certificates.
    """
    trusted = [parse_key(key) for key in keys]
    stampers = read_authorities(authorities) if authorities is not None else []
    check = _Check(trusted, identifier, stampers)
    try:
        check.run(bundle)
    except Refused as refused:
        check.add(Sort.REFUSED, refused.code, refused.place, **refused.details)
        return Verdict(holds=False, findings=tuple(check.findings))
    return Verdict(holds=True, findings=tuple(check.findings), record=check.record)


class _Check:
    """One file under one set of trusted keys; collects findings until something breaks."""

    def __init__(
        self, trusted: Sequence[Key], identifier: str | None, stampers: "Sequence[Certificate]"
    ) -> None:
        self.trusted = trusted
        self.identifier = identifier
        self.stampers = stampers
        self.findings: list[Finding] = []
        # When stamps were made, and by whom, by their own word alone.
        self.unvouched: list[dict[str, str]] = []
        self.record: Mapping[str, object] = {}

    def add(self, sort: Sort, code: str, place: Place | None = None, **details: object) -> None:
        self.findings.append(Finding(sort, code, details, place))

    def run(self, bundle: bytes | Mapping[str, object]) -> None:
        file = _read(bundle)
        if isinstance(bundle, bytes):
            self.add(Sort.PROVED, "exact")
        self.check_signatures(file)
        self.check_stamps(file)
        commitment, minute = self.check_entry(file)
        self.check_record(file, commitment, minute)
        person = whose(self.record, file.opening, self.identifier)
        self.findings += [*([person] if person else []), *tell(self.record)]
        self.say_what_is_open(file)

    def check_signatures(self, file: ProofFile) -> None:
        """Every line by a named key, every named key by a line, and a trusted one among them.

        The note format lets readers ignore unknown signatures; here they would be bytes
        that anybody could change.
        """
        proof = file.log_proof
        # The caller's keys come last: a file cannot slip another key under the same id.
        known = {(key.name, key.identity): key for key in [*file.keys, *self.trusted]}
        signers = [_signer(proof, at, known) for at in range(len(proof.signatures))]
        for at, key in enumerate(file.keys):
            if key not in signers:
                raise Refused("key_without_signature", Place(f"checkpoint_keys[{at}]"))
        logs = [
            key
            for key in signers
            if key in self.trusted and key.kind == LOG and key.name == proof.origin
        ]
        if not logs:
            self._refuse_untrusted(proof, signers)
        self.add(
            Sort.PROVED,
            "signed",
            origin=proof.origin,
            size=proof.size,
            key=_labels(logs),
        )
        self._say_cosigned(proof, signers)
        if not set(file.keys) & set(self.trusted):
            self.add(Sort.TOLD, "key_not_hinted")

    def _refuse_untrusted(self, proof: LogProof, signers: Sequence[Key]) -> None:
        raise Refused(
            "not_your_key",
            Place("tlog_proof"),
            origin=proof.origin,
            signed=_labels(signers),
            trusted=_labels(self.trusted) or "–",
        )

    def _say_cosigned(self, proof: LogProof, signers: Sequence[Key]) -> None:
        for key, line in zip(signers, proof.signatures, strict=True):
            if key in self.trusted and key.kind == WITNESS:
                seconds = int.from_bytes(line.value[:8], "big")
                self.add(Sort.PROVED, "cosigned", witness=key.label, time=_utc(seconds))

    def check_stamps(self, file: ProofFile) -> None:
        """Each stamp over this very checkpoint, and by an authority one trusts, if any is."""
        for at, token in enumerate(file.stamps):
            stamped = check_stamp(token, file.log_proof.signed_text, at, self.stampers)
            details = {"time": stamped.time, "authority": stamped.authority}
            if self.stampers:
                self.add(Sort.PROVED, "stamped", None, **details)
            else:
                self.unvouched.append(details)

    def check_entry(self, file: ProofFile) -> tuple[str, str]:
        """Show that the entry stands in the log; give its commitment and its minute."""
        proof = file.log_proof
        if not proof.index < proof.size:
            place = Place("tlog_proof", line=proof.index_line)
            raise Refused("beyond_log", place, size=proof.size)
        try:
            root = root_through(leaf_of(file.entry), proof.index, proof.size, proof.path)
        except PathError as error:
            raise Refused("wrong_path_length", Place("tlog_proof")) from error
        if root != proof.root:
            raise Refused("not_in_log", _where_the_path_broke(file))
        self.add(Sort.PROVED, "included", index=proof.index)
        return read_entry(file.entry)

    def check_record(self, file: ProofFile, commitment: str, minute: str) -> None:
        """Show that the record is the one committed to, then that it makes sense."""
        record = file.record.encode(errors="surrogatepass")
        if hmac.digest(file.salt, record, "sha256").hex() != commitment:
            # A record that no longer reads is the culprit; else it or its salt is.
            read_exact(record, "record")
            raise Refused("not_committed", Place("record, salt"))
        value = read_exact(record, "record")
        if not isinstance(value, dict):
            raise Refused("not_an_object", Place("record"))
        for name in ("kind", "organisation", "recorded_at"):
            if not isinstance(value.get(name), str):
                raise Refused("missing_field", Place(f"record.{name}"))
        self.add(Sort.PROVED, "committed")
        require_minute(value["recorded_at"], minute)
        self.add(Sort.PROVED, "minute", minute=minute, recorded_at=value["recorded_at"])
        self.record = value

    def say_what_is_open(self, file: ProofFile) -> None:
        """Say plainly what no part of this file shows."""
        if not file.stamps:
            self.add(Sort.NOT_PROVED, "no_stamp")
        for details in self.unvouched:
            self.add(Sort.NOT_PROVED, "stamp_unvouched", None, **details)
        if "cosigned" not in {finding.code for finding in self.findings}:
            self.add(Sort.NOT_PROVED, "no_witness")
            if others := [key for key in file.keys if key.kind == WITNESS]:
                self.add(Sort.NOT_PROVED, "cosigned_unchecked", witnesses=_labels(others))
        self.add(Sort.NOT_PROVED, "later")
        if "notice_version" in self.record:
            self.add(Sort.NOT_PROVED, "words")


def _read(bundle: bytes | Mapping[str, object]) -> ProofFile:
    # Its first letter tells the two kinds of file apart; the rest is the reader's to judge.
    if isinstance(bundle, bytes) and bundle.startswith(b"c"):
        return read_tlog_file(bundle)
    return read_proof_file(_content(bundle))


def _content(bundle: bytes | Mapping[str, object]) -> object:
    if isinstance(bundle, bytes):
        return read_file(bundle)
    try:
        canonical(dict(bundle))
    except ValueError as error:
        raise Refused("not_canonical", Place(), why=str(error)) from error
    return bundle


def _signer(proof: LogProof, at: int, known: Mapping[tuple[str, bytes], Key]) -> Key:
    line = proof.signatures[at]
    place = Place("tlog_proof", line=line.line)
    key = known.get((line.name, line.identity))
    if key is None:
        raise Refused("unknown_signature", place, name=line.name)
    if not key.signed(proof.signed_text, line.value):
        raise Refused("bad_signature", place, key=key.label)
    return key


def _where_the_path_broke(file: ProofFile) -> Place:
    """Tell the entry from the path: an entry that still fits its record is not at fault."""
    try:
        commitment, _ = read_entry(file.entry)
    except Refused:
        return Place("entry")
    record = file.record.encode(errors="surrogatepass")
    fits = hmac.digest(file.salt, record, "sha256").hex() == commitment
    return Place("tlog_proof" if fits else "entry")


def _labels(keys: Iterable[Key]) -> str:
    return ", ".join(key.label for key in keys)


def _utc(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(seconds)
