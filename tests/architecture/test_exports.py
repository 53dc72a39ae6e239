"""Nothing is forgotten in an export: every table about somebody is told by a slice, or left out with a reason."""

from app.core.db import Placement, ResidentView, placement_of, resident_view_of
from app.factory import SLICES
from app.models import metadata
from tests.platform import Platform

LEFT_OUT = {
    "emergency_accesses": "the institution's own row; its resident reads of it in their journal and access log",
    "visit_inspections": "marks of a day's work; each is told by the access log",
    "app_families": "which tokens of an app end together: digests; what the app is allowed is told by `app_grants`",
    "app_tokens": "what an app acts with: a secret's digest; what it is allowed is told by `app_grants`",
    "authorization_codes": "what an app exchanges within a minute: a secret's digest",
    "browser_sessions": "a secret's digest; the sign-in that it holds by is told by `sign_ins`",
    "phone_changes": "a former number until it was told; that it was left is told by `security_notices`",
    "factor_tries": "how many wrong codes came since the last right one",
    "account_cases": "the operator's file of a conflict between accounts; each is told of it by `security_notices`",
    "account_recoveries": "until when an owner whose papers were seen is let in; that they were stands in the journal",
    "claim_permits": "until when somebody whose papers were seen may take the account over; that they did is told",
    "passwords": "a hash; that a password was set, changed and removed stands in the journal and in `security_notices`",
    "recovery_codes": "digests of codes; that they were made and used stands in the journal",
    "access_tokens": "what a member of a tenant's staff acts with: a secret's digest; the affiliation is told",
    "cards": "the digest of a card's number, so that nobody else binds it; the card is told",
    "care_looks": "marks of an hour; each look is told by the access log",
    "coverages": "the insurer's own row; what its person has of it is told by `coverages`",
    "eligibility_checks": "a hospital's question, which its resident cannot read there; it stands in their journal",
    "family_contracts": "the team's own row; what its resident has of it is told by `family_contracts`",
    "identity_numbers": "the digest of an identity number, so that nobody else is verified by it; the number is told",
    "ledger_postings": "the tenant's books, by code and amount; the bills and refunds that they post are told",
    "logins": "the digest of a phone number, so that nobody else has it; the number is told",
    "looks": "marks of an hour; each look is told by the access log",
    "passkey_challenges": "what a sign-in was asked to answer within minutes: a digest",
    "passkey_holders": "the digest of a credential, by which its person is found; the passkey is told",
    "person_idempotency_keys": "answers that are kept for a day, so that a call may be repeated",
    "person_journal_checkpoints": "machinery: signatures over the journal, which is told",
    "person_journal_heads": "machinery: the end of the journal's chain",
    "person_journal_pending": "machinery: entries on the way into the journal, there within a second",
    "person_refusal_marks": "marks of an hour; each refusal is told by the journal",
    "person_relay_inbox": "machinery: which messages came in; their entries are told by the journal",
    "person_relays": "machinery: messages on their way; their entries are told by the journal",
    "staff": "the tenant's own row of a member; what the member has of it is told by `affiliations`",
    "deliveries": "machinery: hooks on their way; those that carried the person's data are told by the access log",
    "journal": "the tenant's own; what happened is told by the things that it happened to",
    "journal_pending": "machinery: entries on the way into a tenant's journal, there within a second",
    "death_records": "what two operators wrote down of a death: nobody exports for the dead",
    "retentions": "until when a tenant keeps what, once the account is gone: nobody is left to ask",
    "erasures": "the wish to have everything erased; it stands in the journal",
    "data_exports": "the exports themselves; that they were asked for stands in the journal",
}
TOLD = {table: one.name for one in SLICES if one.exports for table in one.exports.tables}


def about_somebody() -> set[str]:
    """Tables of a person's scope, and those that name a resident or a person."""
    return {
        table.name
        for table in metadata.sorted_tables
        if placement_of(table) is Placement.PERSON
        or resident_view_of(table) is ResidentView.OWN
        or {"resident_id", "person_id"} & {column.name for column in table.c}
    }


def ours() -> set[str]:
    return {name for name in about_somebody() if not name.startswith("dummy_")}


def test_every_table_about_somebody_is_told_or_left_out_with_a_reason() -> None:
    missing = sorted(ours() - set(TOLD) - set(LEFT_OUT))
    assert missing == [], "tell it in the exporting.py of its slice, or say in LEFT_OUT why not"


def test_every_reason_is_still_needed() -> None:
    assert set(LEFT_OUT) & set(TOLD) == set()
    assert set(LEFT_OUT) | set(TOLD) <= ours()


def test_every_slice_contributes_and_no_part_hides_another() -> None:
    assert [one.name for one in SLICES if one.exports is None] == []
    names = [name for one in SLICES if one.exports for name in one.exports.parts]
    assert len(names) == len(set(names))
    assert set(names).isdisjoint({"schema_version", "made_at", "person"})


def test_every_column_that_names_a_tenant_in_a_persons_row_is_followed(platform: Platform) -> None:
    """A tenant that a person's own row names keeps something about them; else the column says here why it does not."""
    not_followed = {
        "accesses.tenant": "who looked; what was looked at is in a tenant that another row names",
        "app_families.tenant": "who answers for an app; nothing about the person is kept there by that",
        "app_grants.tenant": "as above",
        "person_access_tokens.tenant": "for whom they act at work",
        "consents.tenant": "who may read; what is read is in tenants that other rows name",
        "person_affiliations.tenant": "where they work",
        "person_cards.issuer": "who gave out a card; nothing else is kept there by that",
    }
    followed = {
        f"{column.class_.__tablename__}.{column.key}" for one in SLICES if one.exports for column in one.exports.names
    }
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        if placement_of(table) is Placement.PERSON
        for column in table.c
        if column.name in ("tenant", "insurer", "issuer", "order_tenant", "provider", "pharmacy")
    }
    assert named - followed == set(not_followed)
    assert followed <= named
