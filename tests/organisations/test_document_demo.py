"""The two organisation files that ship: complete, in both languages, and faithful."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from consent_server.organisations.document import (
    OrganisationDocument,
    document_as_json,
    load_document,
    parse_document,
)
from consent_server.organisations.document.catalogue import Purpose
from consent_server.organisations.document.parts import OrganisationSettings
from consent_server.organisations.document.vocabulary import (
    Basis,
    Channel,
    Kind,
    RecipientRole,
    RelationshipKind,
    Safeguard,
    Surface,
)

FILES = Path(__file__).parents[2] / "consent_server" / "demo" / "organisations"
ORIGIN = "http://demo.localhost:8001"
SLUGS = ("cubalys", "hebergis")


@pytest.fixture(params=SLUGS)
def document(request: pytest.FixtureRequest) -> OrganisationDocument:
    return load_demo(request.param)


def load_demo(slug: str) -> OrganisationDocument:
    text = (FILES / f"{slug}.yaml").read_text(encoding="utf-8")
    return load_document(text, name=slug, variables={"SITE_ORIGIN": ORIGIN})


def test_its_plain_form_reads_back_as_the_same_document(document: OrganisationDocument) -> None:
    plain = document_as_json(document)
    assert parse_document(plain) == document
    assert document_as_json(parse_document(plain)) == plain


def test_its_address_is_the_one_given(document: OrganisationDocument) -> None:
    assert document.sites[0].origins == (ORIGIN,)
    assert document.organisation.privacy_url["en"] == f"{ORIGIN}/en/privacy"


def test_it_asks_for_consent_to_letters_offers_and_calls(
    document: OrganisationDocument,
) -> None:
    by_slug = {purpose.slug: purpose for purpose in document.purposes}
    for slug, channel in (
        ("newsletter", Channel.EMAIL),
        ("prospecting.email", Channel.EMAIL),
        ("prospecting.phone", Channel.PHONE),
    ):
        assert by_slug[slug].basis is Basis.CONSENT
        assert by_slug[slug].channel is channel
    assert {by_slug[f"prospecting.{way}"].family for way in ("email", "phone", "post")} == {
        "prospecting"
    }


def test_row_a4_every_legal_basis_is_used(document: OrganisationDocument) -> None:
    assert {purpose.basis for purpose in document.purposes} == set(Basis)


def test_row_a3_an_opt_out_letter_stands_beside_the_one_by_consent(
    document: OrganisationDocument,
) -> None:
    letters = [purpose for purpose in document.purposes if purpose.kind is Kind.NEWSLETTER]
    assert {letter.basis for letter in letters} == {Basis.CONSENT, Basis.LEGITIMATE_INTEREST}


def test_the_form_covers_the_letter_and_every_prospecting_purpose(
    document: OrganisationDocument,
) -> None:
    asked = {
        slug
        for notice in document.notices
        if notice.surface is Surface.FORM
        for slug in notice.purposes
    }
    prospecting = {one.slug for one in document.purposes if one.kind is Kind.PROSPECTING}
    assert asked >= {"newsletter", *prospecting}


def test_every_surface_has_its_notice(document: OrganisationDocument) -> None:
    assert {notice.surface for notice in document.notices} == set(Surface)


def test_the_policy_names_every_purpose(document: OrganisationDocument) -> None:
    policy = next(one for one in document.notices if one.surface is Surface.POLICY)
    assert set(policy.purposes) == {purpose.slug for purpose in document.purposes}


def test_the_banner_asks_about_audience_advertising_and_video(
    document: OrganisationDocument,
) -> None:
    banner = next(one for one in document.notices if one.surface is Surface.BANNER)
    exempt = {purpose.slug for purpose in document.purposes if purpose.basis is Basis.EXEMPT}
    assert exempt == {"necessary"}
    assert set(banner.purposes) - exempt == {"analytics", "advertising", "video"}


def test_row_a10_somebody_outside_europe_has_signed_the_clauses(
    document: OrganisationDocument,
) -> None:
    safeguards = [tracker.safeguard for tracker in document.trackers]
    assert Safeguard.SCC in safeguards
    assert Safeguard.SCC in [recipient.safeguard for recipient in document.recipients]


def test_row_a12_a_buyer_would_become_the_controller(document: OrganisationDocument) -> None:
    (buyer,) = [one for one in document.recipients if one.role is RecipientRole.ACQUIRER]
    assert buyer.becomes_controller


def test_row_a13_the_auditor_reads_and_leaves(document: OrganisationDocument) -> None:
    (auditor,) = [role for role in document.access.roles if role.auditor]
    assert auditor.changes == ()
    assert auditor.expires_after


def test_row_a6_cubalys_knows_all_seven_relationships() -> None:
    kinds = {relationship.kind for relationship in load_demo("cubalys").relationships}
    assert kinds == set(RelationshipKind)


def test_row_p1_hebergis_only_follows_its_clients_instructions() -> None:
    assert load_demo("hebergis").as_processor is not None


def test_nothing_of_the_real_companies_is_named() -> None:
    for slug in SLUGS:
        text = (FILES / f"{slug}.yaml").read_text(encoding="utf-8").lower()
        assert not re.search(r"activeviam|provectio|arbre sec|824 ?978", text)


def test_french_texts_keep_their_marks_beside_their_words() -> None:
    for slug in SLUGS:
        text = (FILES / f"{slug}.yaml").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        loose = [line for line in lines if re.search(r"\w [;?!»](?:\s|$)|« ", line)]
        assert loose == []


def test_the_example_of_the_manual_is_a_valid_file() -> None:
    manual = Path(__file__).parents[2] / "docs" / "organisation-file.md"
    text = manual.read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    document = load_document(example, name="example")
    assert document.organisation.name == "La Miche"
    assert document.organisation.settings.ask_again_after == "P6M"


def test_the_manual_names_every_part_of_the_format() -> None:
    manual = Path(__file__).parents[2] / "docs" / "organisation-file.md"
    text = manual.read_text(encoding="utf-8")
    parts = [field.name for field in fields(OrganisationDocument)]
    settings = [field.name for field in fields(OrganisationSettings)]
    purpose = [field.name for field in fields(Purpose)]
    assert [name for name in parts + settings + purpose if name not in text] == []
