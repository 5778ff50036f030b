"""What the verifier says: what is proved, what is told, what stays open, what is refused."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent_server.ledger.bundle import Bundle, Opening, bundle_bytes, bundle_value
from consent_server.ledger.canonical import canonical_bytes
from consent_server.ledger.checkpoint import Checkpoint, sign_checkpoint
from consent_server.ledger.entry import (
    Entry,
    commit_bytes,
    entry_bytes,
    entry_leaf,
    minute_of,
    person_fields,
)
from consent_server.ledger.note import (
    COSIGNATURE,
    Signature,
    Signer,
    VerifierKey,
    cosigned_message,
    format_note,
    parse_note,
)
from consent_server.ledger.tlog_proof import TlogProof, format_tlog_proof
from consent_server.verify import LANGUAGES, BadKeyError, Sort, Verdict, verify_bundle
from tests.verify.make import (
    CLOSED,
    CLOSED_FILE,
    EMAIL,
    KEY,
    LOG,
    OPENED,
    OPENED_FILE,
    ORIGIN,
    RECORDED,
    SALT,
    STRANGER,
    VKEY,
    Log,
    make_record,
    opened,
)

Value = dict[str, Any]


def verdict(bundle: Bundle, identifier: str | None = None) -> Verdict:
    return verify_bundle(bundle_bytes(bundle), keys=[VKEY], identifier=identifier)


def codes(found: Verdict, sort: Sort) -> list[str]:
    return [finding.code for finding in found.of(sort)]


def refused(found: Verdict) -> tuple[str, str]:
    assert not found.holds
    assert found.refusal is not None
    assert found.refusal.place is not None
    return found.refusal.code, found.refusal.place.say("en")


def altered(change: Callable[[Value], object], bundle: Bundle = CLOSED) -> bytes:
    value = json.loads(bundle_bytes(bundle))
    change(value)
    return canonical_bytes(value)


def test_a_true_proof_holds_and_says_what_it_proved() -> None:
    found = verify_bundle(CLOSED_FILE, keys=[VKEY])
    assert found.holds
    assert codes(found, Sort.PROVED) == ["exact", "signed", "included", "committed", "minute"]
    assert found.record == make_record()


def test_it_says_plainly_what_it_did_not_prove() -> None:
    assert codes(verify_bundle(CLOSED_FILE, keys=[VKEY]), Sort.NOT_PROVED) == [
        "no_stamp",
        "no_witness",
        "later",
        "words",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_who_when_under_which_words_and_which_choices(language: str) -> None:
    found = verify_bundle(CLOSED_FILE, keys=[VKEY])
    said = " ".join(finding.say(language) for finding in found.findings)
    for part in ("org_0123456789abc", "2026-11-22T10:41:07.123456Z", "ntv_0123456789abc"):
        assert part in said
    assert ("audience: yes" in said) or ("audience\u00a0: oui" in said)
    assert ("publicité: no" in said) or ("publicité\u00a0: non" in said)
    assert str(make_record()["notice_hash"]) in said


def test_without_an_opening_it_concerns_a_person_not_named_here() -> None:
    found = verify_bundle(CLOSED_FILE, keys=[VKEY])
    assert "It concerns a person not named here." in [each.say() for each in found.findings]


def test_with_an_opening_whoever_knows_the_address_can_check_it() -> None:
    found = verify_bundle(OPENED_FILE, keys=[VKEY], identifier=EMAIL)
    assert found.holds
    assert "about" in codes(found, Sort.PROVED)


def test_an_opening_that_nobody_asked_about_is_still_checked() -> None:
    found = verify_bundle(OPENED_FILE, keys=[VKEY])
    assert codes(found, Sort.TOLD)[0] == "opened_unasked"
    false = replace(CLOSED, opening=Opening("email", bytes(32)))
    assert refused(verdict(false)) == ("false_opening", "opening")
    false = replace(CLOSED, opening=Opening("phone", KEY))
    assert refused(verdict(false)) == ("false_opening", "opening")


def test_a_record_that_does_not_fix_its_opening_needs_the_identifier() -> None:
    loose = opened(Log(record=make_record(person_key=None)).bundle())
    assert refused(verdict(loose)) == ("opening_unchecked", "opening")
    assert verdict(loose, EMAIL).holds
    assert refused(verdict(loose, "else@exemple.fr")) == ("another_person", "opening")


def test_it_is_not_about_somebody_else() -> None:
    assert refused(verdict(OPENED, "else@exemple.fr")) == ("another_person", "opening")


def test_a_question_about_a_person_that_the_file_cannot_answer_is_a_no() -> None:
    assert refused(verdict(CLOSED, EMAIL)) == ("no_opening", "opening")
    nobody = make_record(person=None, person_key=None, kind="audit", choices=None)
    assert verdict(Log(record=nobody).bundle()).holds
    assert refused(verdict(opened(Log(record=nobody).bundle()))) == ("opens_nobody", "opening")


@pytest.mark.parametrize(
    ("kind", "normalised", "typed"),
    [
        ("email", "zoé@exemple.fr", " Zoé@EXEMPLE.fr "),
        ("email", "zoé@exemple.fr", "zoe\u0301@exemple.fr"),
        ("email", "a@xn--mnchen-3ya.example", "A@münchen.example"),
        ("phone", "+33692123456", "+33 6 92 12 34 56"),
        ("phone", "+33692123456", "0033 (6) 92.12.34.56"),
        ("external_id", "C-1", "C-1"),
        ("email", "a@no..domain", "A@no..domain"),
    ],
)
def test_an_identifier_is_known_however_it_is_typed(
    kind: str, normalised: str, typed: str
) -> None:
    record = make_record(**person_fields(KEY, kind, normalised))
    bundle = replace(Log(record=record).bundle(), opening=Opening(kind, KEY))
    assert verdict(bundle, typed).holds


def test_only_the_key_that_the_caller_gives_is_trusted() -> None:
    forged = Log(signers=[Signer.from_seed(ORIGIN, b"\x66" * 32)]).bundle()
    assert refused(verdict(forged)) == ("not_your_key", "tlog_proof")
    assert refused(verify_bundle(CLOSED_FILE, keys=[STRANGER.key.vkey]))[0] == "not_your_key"
    assert refused(verify_bundle(CLOSED_FILE, keys=[]))[0] == "not_your_key"


def test_a_key_of_another_log_cannot_sign_for_this_one() -> None:
    text = CLOSED.tlog_proof
    head, _, _ = text.rpartition("\n\n")
    body = "\n".join(head.split("\n")[-3:]) + "\n"
    signature = STRANGER.sign(body)
    payload = b64encode(signature.key_id + signature.value).decode()
    borrowed = replace(
        CLOSED,
        tlog_proof=f"{head}\n\n— {STRANGER.key.name} {payload}\n",
        checkpoint_keys=[STRANGER.key],
    )
    found = verify_bundle(bundle_bytes(borrowed), keys=[STRANGER.key.vkey])
    assert refused(found) == ("not_your_key", "tlog_proof")


def test_a_trusted_key_that_the_file_does_not_name_is_used_and_said() -> None:
    new = Signer.from_seed(ORIGIN, b"\x12" * 32)
    bundle = replace(Log(signers=[new, LOG]).bundle(), checkpoint_keys=[new.key])
    found = verdict(bundle)
    assert found.holds
    assert "key_not_hinted" in codes(found, Sort.TOLD)


def test_a_key_named_by_the_file_cannot_stand_in_for_yours() -> None:
    """A key id is four bytes: another key could be found that shares it."""
    value = json.loads(CLOSED_FILE)
    value["checkpoint_keys"] = [STRANGER.key.vkey]
    assert refused(verify_bundle(canonical_bytes(value), keys=[VKEY])) == (
        "key_without_signature",
        "checkpoint_keys[0]",
    )


def test_a_signature_that_nobody_can_check_is_refused() -> None:
    bundle = replace(Log(signers=[LOG]).bundle())
    extra = Signature("w.example", b"abcd", bytes(72))
    payload = b64encode(extra.key_id + extra.value).decode()
    bundle = replace(bundle, tlog_proof=f"{bundle.tlog_proof}— w.example {payload}\n")
    assert refused(verdict(bundle))[0] == "unknown_signature"


def cosigned(stamp: int) -> tuple[Bundle, str]:
    private = Ed25519PrivateKey.from_private_bytes(b"\x44" * 32)
    witness = VerifierKey(
        "witness.example", private.public_key().public_bytes_raw(), COSIGNATURE
    )
    bundle = Log().bundle()
    text = parse_note(bundle.tlog_proof.split("\n\n", 1)[1]).text
    value = (1_700_000_000).to_bytes(8, "big") + private.sign(cosigned_message(text, stamp))
    payload = b64encode(witness.key_id + value).decode()
    return (
        replace(
            bundle,
            tlog_proof=f"{bundle.tlog_proof}— {witness.name} {payload}\n",
            checkpoint_keys=[LOG.key, witness],
        ),
        witness.vkey,
    )


def test_tl_5_a_witness_you_trust_is_named_with_its_time() -> None:
    bundle, witness = cosigned(1_700_000_000)
    found = verify_bundle(bundle_bytes(bundle), keys=[VKEY, witness])
    assert "cosigned" in codes(found, Sort.PROVED)
    assert "no_witness" not in codes(found, Sort.NOT_PROVED)
    assert "2023-11-14T22:13:20Z" in " ".join(each.say() for each in found.findings)
    assert "no_witness" in codes(verdict(bundle), Sort.NOT_PROVED)


def test_tl_5_a_witness_alone_is_not_the_log() -> None:
    bundle, witness = cosigned(1_700_000_000)
    assert refused(verify_bundle(bundle_bytes(bundle), keys=[witness]))[0] == "not_your_key"


def test_tl_5_a_cosignature_over_another_time_is_refused() -> None:
    bundle, _ = cosigned(1_700_000_001)
    assert refused(verdict(bundle)) == ("bad_signature", "tlog_proof, line 19")


def test_a_record_logged_in_another_minute_is_refused() -> None:
    late = Log(minute=minute_of(RECORDED) + 1).bundle()
    assert refused(verdict(late)) == ("another_minute", "record.recorded_at")
    local = Log(record=make_record(recorded_at="2026-11-22T10:41:07+01:00")).bundle()
    assert refused(verdict(local)) == ("another_minute", "record.recorded_at")


@pytest.mark.parametrize("name", ["kind", "organisation", "recorded_at"])
def test_a_record_that_does_not_say_who_or_when_is_refused(name: str) -> None:
    assert refused(verdict(Log(record=make_record(**{name: None})).bundle())) == (
        "missing_field",
        f"record.{name}",
    )


def test_a_bare_record_tells_what_little_it_holds() -> None:
    record = {
        "kind": "custom",
        "organisation": "org_1",
        "organisation_name": "Exemple",
        "recorded_at": "2026-11-22T10:41:00Z",
        "choices": ["not", "a", "choice"],
    }
    found = verdict(Log(record=record).bundle())
    assert found.holds
    assert [finding.say() for finding in found.of(Sort.TOLD)] == [
        "Exemple (org_1) recorded: custom –.",
        "Recorded at 2026-11-22T10:41:00Z.",
    ]


def test_a_log_that_committed_to_something_else_than_a_record_proves_none() -> None:
    commitment = commit_bytes(b"[]", SALT)
    entry = Entry(commitment, minute_of(RECORDED))
    head = Checkpoint(ORIGIN, 1, entry_leaf(entry))
    proof = format_tlog_proof(TlogProof(0, (), sign_checkpoint(head, LOG)))
    bundle = Bundle("[]", SALT, entry_bytes(entry), proof, [LOG.key])
    assert refused(verdict(bundle)) == ("not_an_object", "record")
    assert refused(verify_bundle(b"[]", keys=[VKEY])) == ("not_an_object", "file")


def test_fields_it_does_not_know_are_shown_all_the_same() -> None:
    record = make_record(kind="erasure", ground="17(3)(e)", counts={"rows": 3}, choices=None)
    found = verdict(Log(record=record).bundle())
    said = [finding.say() for finding in found.findings]
    assert "ground: 17(3)(e)" in said
    assert 'counts: {"rows":3}' in said


def test_what_is_no_time_stamp_is_refused_with_its_place() -> None:
    refused = verdict(replace(CLOSED, stamps=[b"a token"])).refusal
    assert refused is not None
    assert refused.say("en") == "stamps[0]: not a time stamp"


def test_a_file_given_as_a_value_is_checked_for_its_content() -> None:
    found = verify_bundle(bundle_value(OPENED), keys=[VKEY], identifier=EMAIL)
    assert found.holds
    assert "exact" not in codes(found, Sort.PROVED)
    assert refused(verify_bundle({"format": float("nan")}, keys=[VKEY]))[0] == "not_canonical"


def test_a_key_that_is_none_is_the_callers_mistake() -> None:
    for key in ("", "x", VKEY[:-1], VKEY.upper(), VKEY.replace("log1", "log2"), VKEY + "\n"):
        with pytest.raises(BadKeyError):
            verify_bundle(CLOSED_FILE, keys=[key])


def test_a_verdict_has_a_json_form_in_both_languages() -> None:
    for language in LANGUAGES:
        for found in (verdict(CLOSED), verdict(CLOSED, EMAIL)):
            value = found.as_value(language)
            assert value["holds"] is found.holds
            assert canonical_bytes(value)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param(lambda v: v.update(format="consent-proof/2"), "format", id="format"),
        pytest.param(lambda v: v.pop("salt"), "salt", id="missing"),
        pytest.param(lambda v: v.update(note="hi"), "note", id="unknown"),
        pytest.param(lambda v: v.update(record=7), "record", id="record no text"),
        pytest.param(
            lambda v: v.update(record=v["record"] + " "), "record, byte ", id="spaced"
        ),
        pytest.param(lambda v: v.update(record="[]"), "record, salt", id="another record"),
        pytest.param(lambda v: v.update(record=""), "record, byte 1", id="no record"),
        pytest.param(lambda v: v.update(salt="AAAA"), "salt", id="short salt"),
        pytest.param(lambda v: v.update(salt=v["salt"][:-1]), "salt", id="no padding"),
        pytest.param(lambda v: v.update(entry="!"), "entry", id="entry no base64"),
        pytest.param(lambda v: v.update(entry="e30="), "entry", id="another entry"),
        pytest.param(lambda v: v.update(stamps={}), "stamps", id="stamps no list"),
        pytest.param(lambda v: v.update(stamps=["é"]), "stamps[0]", id="stamp no base64"),
        pytest.param(lambda v: v.update(opening=[]), "opening", id="opening no object"),
        pytest.param(
            lambda v: v.update(opening={"kind": "email"}), "opening.key", id="half an opening"
        ),
        pytest.param(
            lambda v: v["checkpoint_keys"].append("x"), "checkpoint_keys[1]", id="no key"
        ),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_named(
    change: Callable[[Value], object], place: str
) -> None:
    assert refused(verify_bundle(altered(change), keys=[VKEY]))[1].startswith(place)


def relined(line: int, *texts: str) -> bytes:
    lines = CLOSED.tlog_proof.split("\n")
    lines[line - 1 : line] = texts
    return bundle_bytes(replace(CLOSED, tlog_proof="\n".join(lines)))


@pytest.mark.parametrize(
    ("line", "texts", "found_at"),
    [
        pytest.param(1, ["c2sp.org/tlog-proof@v2"], 1, id="version"),
        pytest.param(2, ["extra AAAA", "index 300"], 2, id="extra line"),
        pytest.param(2, ["index 0300"], 2, id="leading zero"),
        pytest.param(3, ["AAAA"], 3, id="short hash"),
        pytest.param(14, ["proof.consent.example/log2"], 18, id="another origin"),
        pytest.param(15, ["701"], 18, id="another size"),
        pytest.param(16, ["extension", ""], 16, id="root replaced"),
        pytest.param(17, ["extension", ""], 17, id="extension line"),
        pytest.param(18, ["- x AAAA"], 18, id="a hyphen for the dash"),
        pytest.param(18, ["— x AAAAA"], 18, id="no base64"),
        pytest.param(18, ["— x AAB="], 18, id="loose base64"),
    ],
)
def test_a_line_of_the_log_proof_that_is_wrong_is_numbered(
    line: int, texts: list[str], found_at: int
) -> None:
    place = refused(verify_bundle(relined(line, *texts), keys=[VKEY]))[1]
    assert place == f"tlog_proof, line {found_at}"


def test_an_index_beyond_the_log_is_refused() -> None:
    assert refused(verify_bundle(relined(2, "index 700"), keys=[VKEY])) == (
        "beyond_log",
        "tlog_proof, line 2",
    )


def test_mk_2_nothing_stands_in_a_log_of_size_zero() -> None:
    empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    body = f"{ORIGIN}\n0\n{empty}\n"
    note = format_note(body, [LOG.sign(body)])
    text = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}"
    found = verify_bundle(bundle_bytes(replace(CLOSED, tlog_proof=text)), keys=[VKEY])
    assert refused(found) == ("beyond_log", "tlog_proof, line 2")


def test_hashes_too_many_or_too_few_are_refused() -> None:
    lines = CLOSED.tlog_proof.split("\n")
    assert refused(verify_bundle(relined(3), keys=[VKEY]))[0] == "wrong_path_length"
    twice = verify_bundle(relined(3, lines[2], lines[2]), keys=[VKEY])
    assert refused(twice)[0] == "wrong_path_length"
    alone = Log(index=0, size=1).bundle()
    padded = replace(
        alone, tlog_proof=alone.tlog_proof.replace("index 0\n", f"index 0\n{lines[2]}\n")
    )
    assert refused(verdict(padded))[0] == "wrong_path_length"


def test_a_true_entry_in_a_false_place_is_told_from_a_false_entry() -> None:
    assert refused(verify_bundle(relined(2, "index 301"), keys=[VKEY])) == (
        "not_in_log",
        "tlog_proof",
    )
    other = Log(record=make_record(language="en")).bundle()
    swapped = replace(CLOSED, entry=other.entry)
    assert refused(verdict(swapped)) == ("not_in_log", "entry")


def test_a_logged_leaf_that_is_no_entry_proves_no_record() -> None:
    """A log may be made to hold anything; only an entry in its exact form commits."""
    loose = CLOSED.entry.replace(b'"v":1', b'"v":2')
    found = verdict(replace(CLOSED, entry=loose))
    assert refused(found) == ("not_in_log", "entry")
