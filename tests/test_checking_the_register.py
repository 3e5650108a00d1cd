"""`manage.py check_register`: silent on a sound register, and one sentence for each broken invariant."""

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.examples import (
    draft_commitment,
    draft_document,
    draft_funding,
    draft_milestone,
    draft_relation,
    draft_response,
    draft_step,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    publish_as_approver,
)
from tracker import guards
from tracker.models import Checkpoint, Commitment, LogEntry, Petition, Programme, Revision, SupportService, Topic
from tracker.publishing import publish_batch
from tracker.verify import hash_content


def check() -> str:
    out = io.StringIO()
    call_command("check_register", stdout=out)
    return out.getvalue()


def find_faults() -> list[str]:
    """Check a register that is not sound; return the sentences that say why."""
    err = io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("check_register", stdout=io.StringIO(), stderr=err)
    sentences = err.getvalue().splitlines()
    assert failed.value.returncode == 1
    are = "invariant of the register is" if len(sentences) == 1 else "invariants of the register are"
    assert str(failed.value) == f"{len(sentences)} {are} broken."
    return sentences


def run(statement: str, *values: Any) -> None:
    """Change the database as somebody who owns it could: behind the verbs, the models and its own guards."""
    with guards.set_aside(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


@pytest.fixture
def register(empty_register: None) -> Commitment:
    """A sound register with one of everything, and the commitment that has it."""
    commitment = make_commitment("REV-1")
    other = make_commitment("REV-2")
    Programme.objects.update(expected_commitments=2)
    milestone = draft_milestone(commitment, "2024-06-30")
    records = [
        milestone,
        draft_update(commitment, "2024-03-01"),
        draft_update(commitment, "2024-04-01", basis="claim", status="delivered"),
        draft_update(commitment, "2024-05-01", status="partly-delivered"),
        draft_response(commitment),
        draft_funding(commitment),
        draft_step(milestone, "2024-05-01", due_on="2024-12-31"),
        draft_relation(commitment, other),
        Topic.objects.create(slug="data", name="Data"),
        SupportService.objects.create(name="Childline", used_for="Children", phone="0800 1111"),
        Petition.objects.create(
            number=1,
            document=make_document(),
            title="Do it",
            state="open",
            parliament="2024-",
            ask="Do it.",
            outcome="partly-met",
        ),
    ]
    publish_batch("Examples", {}, records)
    return commitment


# --- Sound registers -------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def an_address_for_errors(settings):
    settings.CONTACT_EMAIL = "corrections@example.org"


def test_a_missing_address_for_errors_is_a_notice(empty_register, settings):
    settings.CONTACT_EMAIL = ""
    assert check() == (
        "For staff: CONTACT_EMAIL is not set, so the page “Corrections” cannot say where to report an error.\n"
        "The register is sound: 16 kinds of invariant hold.\n"
    )


def test_the_shipped_register_is_sound(loaded_register, capsys):
    call_command("check_register")

    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.splitlines() == [
        "For staff: Police, not an emergency: its number 101 has not been confirmed on the organisation's own page.",
        "For staff: Childline: its number 0800 1111 has not been confirmed on the organisation's own page.",
        "For staff: NSPCC Helpline: its number 0808 800 5000 has not been confirmed on the organisation's own page.",
        "For staff: NAPAC: its number 0808 801 0331 has not been confirmed on the organisation's own page.",
        "For staff: Rape and Sexual Abuse Support Line (Rape Crisis England & Wales): its number 0808 500 2222 has not "
        "been confirmed on the organisation's own page.",
        "For staff: The Survivors Trust: its number 0808 801 0818 has not been confirmed on the organisation's own "
        "page.",
        "For staff: Victim Support: its number 0808 168 9111 has not been confirmed on the organisation's own page.",
        "For staff: Samaritans: its number 116 123 has not been confirmed on the organisation's own page.",
        "The register is sound: 16 kinds of invariant hold.",
    ]


def test_an_empty_register_is_sound(empty_register):
    assert check() == "The register is sound: 16 kinds of invariant hold.\n"


def test_drafts_of_every_kind_break_nothing(register):
    draft_commitment("REV-3")
    draft_document("a-draft", origin="partisan-or-unknown")
    draft_update(register, "2024-01-01", status="delivered", reason="", evidence=None)
    milestone = draft_milestone(register)
    draft_step(milestone, "2024-05-01", due_on="2024-12-31")
    draft_response(register)
    draft_funding(register)
    draft_relation(register, Commitment.objects.get(reference="REV-2"), "supersedes")

    assert check().endswith("The register is sound: 16 kinds of invariant hold.\n")


def test_an_entry_of_the_log_that_was_emptied_breaks_nothing_but_that_no_redaction_says_so(register):
    run("UPDATE tracker_logentry SET salt = NULL, content = NULL WHERE subject = %s", "commitments/REV-1#update-1")

    sequence = LogEntry.objects.get(subject="commitments/REV-1#update-1").sequence
    assert find_faults() == [f"Entry {sequence} has no content, and no later entry that is signed says why."]


def test_a_helpline_is_a_notice_until_its_number_is_confirmed(empty_register):
    service = publish_as_approver(
        SupportService.objects.create(name="Childline", used_for="Children", phone="0800 1111", confirmed_on=None)
    )
    SupportService.objects.create(name="A draft", used_for="Children", phone="0800 1112", confirmed_on=None)

    assert check() == (
        "For staff: Childline: its number 0800 1111 has not been confirmed on the organisation's own page.\n"
        "The register is sound: 16 kinds of invariant hold.\n"
    )

    changes = {"confirmed_on": {"before": None, "after": "2026-11-21"}}
    publish_as_approver(
        Revision.objects.create(target=service, changes=changes, reason="The number was read on its page.")
    )
    assert check() == "The register is sound: 16 kinds of invariant hold.\n"


# --- Broken ones -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("current_update_id = NULL", "REV-1: current_update_id says None, its history says {update_3}."),
        (
            "current_update_id = current_claim_id",
            "REV-1: current_update_id says {update_2}, its history says {update_3}.",
        ),
        ("current_claim_id = NULL", "REV-1: current_claim_id says None, its history says {update_2}."),
        ("current_response_id = NULL", "REV-1: current_response_id says None, its history says {response}."),
        ("status_since = '2024-03-01'", "REV-1: status_since says 2024-03-01, its history says 2024-05-01."),
        ("next_due_on = '2024-06-30'", "REV-1: next_due_on says 2024-06-30, its history says 2024-12-31."),
        ("met_on_time = TRUE", "REV-1: met_on_time says True, its history says None."),
    ],
)
def test_a_pointer_that_does_not_agree_with_history_is_reported(register, change, sentence):
    keys = {f"update_{update.number}": update.pk for update in register.status_updates.all()}
    keys["response"] = register.responses.get().pk

    run(f"UPDATE tracker_commitment SET {change} WHERE reference = 'REV-1'")  # noqa: S608

    assert find_faults() == [sentence.format(**keys)]


@pytest.mark.parametrize(
    "change",
    [
        "from_on = '2024-04-30' WHERE from_on = '2024-05-01'",
        "until_on = '2024-04-30' WHERE until_on = '2024-05-01'",
        "status_since = '2024-03-02' WHERE status_since IS NOT NULL",
        "known_from_at = '2020-01-01' WHERE known_until_at > '9999-01-01'",
        "known_until_at = '9998-01-01' WHERE known_until_at > '9999-01-01'",
    ],
)
def test_a_standing_that_does_not_agree_with_history_is_reported(register, change):
    run(f"UPDATE tracker_standing SET {change}")  # noqa: S608
    faults = find_faults()

    assert faults != []
    for fault in faults:
        assert re.fullmatch(r"REV-[12]: its standings from 2024-\d\d-\d\d on are not what its history says\.", fault)


def test_a_standing_that_was_lost_is_reported(register):
    run("DELETE FROM tracker_standing")

    assert find_faults() == [
        f"REV-{number}: its standings from 2024-01-10 on are not what its history says." for number in (1, 2)
    ]


def test_a_milestone_that_does_not_agree_with_its_updates_is_reported(register):
    run("UPDATE tracker_milestone SET present_due_on = '2025-12-31'")

    assert find_faults() == [
        "REV-1: First report: present_due_on says 2025-12-31, its updates say 2024-12-31.",
    ]


def test_a_milestone_called_met_without_an_update_is_reported(register):
    run("UPDATE tracker_milestone SET met_on = '2024-06-30'")

    assert find_faults() == [
        "REV-1: First report: met_on says 2024-06-30, its updates say None.",
    ]


def test_a_status_update_that_breaks_a_rule_is_reported(register):
    run("DELETE FROM tracker_evidence WHERE status_update_id = %s", register.status_updates.get(number=1).pk)

    assert find_faults() == [
        "commitments/REV-1#update-1 breaks rule 1: Cite at least one document: no status is published without "
        "evidence.",
        "commitments/REV-1#update-1: its strength says strong, its evidence says none.",
        "commitments/REV-1#update-1 (status-update) is not what the log says was published.",
    ]


def test_a_status_update_with_another_strength_than_its_evidence_is_reported(register):
    run("UPDATE tracker_statusupdate SET strength = 'weak' WHERE number = 1")

    assert find_faults() == [
        "REV-1: its standings from 2024-03-01 on are not what its history says.",
        "commitments/REV-1#update-1: its strength says weak, its evidence says strong.",
    ]


def test_a_status_update_that_is_said_to_rest_on_copies_and_does_not_is_reported(register):
    run("UPDATE tracker_statusupdate SET rests_on_copies = TRUE WHERE number = 1")

    assert find_faults() == [
        "REV-1: its standings from 2024-03-01 on are not what its history says.",
        "commitments/REV-1#update-1: its rests_on_copies says True, its evidence says False.",
    ]


def test_a_pointer_to_another_status_strength_or_answer_than_the_history_has_is_reported(register):
    run(
        "UPDATE tracker_commitment SET current_status = 'delivered', current_strength = '', "
        "current_answer = 'rejected', rests_on_copies = TRUE, claim_differs = FALSE WHERE reference = 'REV-1'"
    )

    assert [fault.partition(",")[0] for fault in find_faults()] == [
        "REV-1: current_status says delivered",
        "REV-1: current_strength says ",
        "REV-1: rests_on_copies says True",
        "REV-1: claim_differs says False",
        "REV-1: current_answer says rejected",
    ]


@pytest.mark.parametrize(
    "change", ["as_of = '9999-12-31'", "due_on = NULL, met_on = '2024-01-09'", "due_on = NULL, met_on = '9999-12-31'"]
)
def test_a_milestone_update_on_an_impossible_day_is_reported(register, change):
    run(f"UPDATE tracker_milestoneupdate SET {change}")  # noqa: S608

    what = "moved" if change.startswith("as_of") else "met"
    as_of = "9999-12-31" if change.startswith("as_of") else "2024-05-01"
    sentence = f"REV-1: First report: {what} as of {as_of} lies in the future or before the commitment was made."
    assert [fault for fault in find_faults() if "lies in" in fault] == [sentence]


def test_a_programme_with_another_number_of_commitments_is_reported(register):
    run("UPDATE tracker_programme SET expected_commitments = 3")

    assert find_faults() == ["The review should hold 3 commitments and holds 2."]


@pytest.mark.parametrize(
    ("statement", "sentences"),
    [
        (
            "UPDATE tracker_document SET published_at = NULL WHERE identifier = 'the-report'",
            [
                "REV-1: Accepted on 2024-02-01 is public and its document is a draft.",
                "REV-1: £5,000,000 promised is public and its document is a draft.",
                "REV-1 Do what REV-1 says is public and its source document is a draft.",
                "REV-2 Do what REV-2 says is public and its source document is a draft.",
                "The review is public and its document is a draft.",
                "Petition 1: Do it is public and its document is a draft.",
                "“The report” is cited in public and is a draft.",
                "“The report” is cited in public and is a draft.",
                "“The report” is cited in public and is a draft.",
                "documents/the-report (document) is in the log and no longer public.",
            ],
        ),
        (
            "UPDATE tracker_department SET published_at = NULL",
            [
                "REV-1 Do what REV-1 says is public and its department is a draft.",
                "REV-2 Do what REV-2 says is public and its department is a draft.",
                "departments/home-office (department) is in the log and no longer public.",
            ],
        ),
        (
            "UPDATE tracker_commitment SET published_at = NULL WHERE reference = 'REV-2'",
            [
                "The review should hold 2 commitments and holds 1.",
                "REV-1 see also REV-2 is public and its related is a draft.",
                "commitments/REV-2 (commitment) is in the log and no longer public.",
            ],
        ),
    ],
)
def test_what_rests_on_a_draft_is_reported(register, statement, sentences):
    run(statement)

    assert find_faults() == sentences


def test_a_partisan_document_that_is_cited_is_reported(register):
    law = make_document("the-law")
    publish_as_approver(draft_update(register, "2024-06-01", evidence={"document": law}))

    run("UPDATE tracker_document SET origin = 'partisan-or-unknown' WHERE identifier = 'the-law'")

    assert find_faults() == [
        "“The law” is of partisan or unknown origin and is cited.",
        "documents/the-law (document) is not what the log says was published.",
    ]


def test_a_lead_department_that_supports_itself_is_reported(register):
    run(
        "INSERT INTO tracker_commitment_supporting (commitment_id, department_id) VALUES (%s, %s)",
        register.pk,
        make_department().pk,
    )

    assert find_faults() == [
        "REV-1: its lead department is also listed as supporting.",
        "commitments/REV-1 (commitment) is not what the log says was published.",
    ]


def test_a_gap_in_the_numbers_is_reported(register):
    run("UPDATE tracker_funding SET number = 2")

    assert find_faults() == [
        "REV-1: its funding are numbered up to 2, but there are 1.",
        "commitments/REV-1#funding-2 (funding) is public and the log does not know it.",
        "commitments/REV-1#funding-1 (funding) is in the log and no longer public.",
    ]


# --- The log ---------------------------------------------------------------------------------


def test_an_entry_missing_from_the_log_is_reported(register):
    run("DELETE FROM tracker_logentry WHERE sequence = 5")

    assert find_faults()[:2] == [
        "Entry 5 is missing: entry 6 stands in its place.",
        "The log's tree does not fit its entries 5 to 6.",
    ]


def test_an_entry_cut_off_the_end_of_the_log_is_reported(register):
    last = LogEntry.objects.latest("sequence")

    run("DELETE FROM tracker_logentry WHERE sequence = %s", last.sequence)

    assert find_faults() == [
        f"The checkpoint over {last.sequence} entries needs {last.sequence} entries; here the log ends after "
        f"{last.sequence - 1}.",
        "petitions/1 (petition) is public and the log does not know it.",
    ]


def test_an_entry_behind_the_head_of_the_log_is_reported(register):
    last = LogEntry.objects.latest("sequence")
    entry = LogEntry(sequence=last.sequence + 1, at=last.at, kind="load", subject="x", salt="00", content={})
    entry.content_hash = hash_content(entry.salt, entry.content)
    entry.leaf_hash = entry.compute_leaf_hash()
    entry.save()

    assert find_faults()[0] == (f"The log goes on after its head, with entry {entry.sequence}.")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("kind = 'topic'", "Entry 5 is not as it was published: it has another leaf hash."),
        ("subject = 'x'", "Entry 5 is not as it was published: it has another leaf hash."),
        ("batch = 1", "Entry 5 is not as it was published: it has another leaf hash."),
        ("at = '2020-01-01 00:00:00+00:00'", "Entry 5 is dated before the one ahead of it."),
        ("content_hash = 'x'", "Entry 5 does not hold what was published: its content has another hash."),
        ("salt = NULL, content = NULL", "Entry 5 has no content, and no later entry that is signed says why."),
        ("salt = NULL", "Entry 5 is not written as the register writes an entry."),
    ],
)
def test_an_entry_that_was_changed_is_reported(register, change, sentence):
    run(f"UPDATE tracker_logentry SET {change} WHERE sequence = 5")  # noqa: S608

    assert [fault for fault in find_faults() if "ntry 5 " in fault] == [sentence]


def test_an_entry_rewritten_with_its_own_hash_is_narrowed_down_by_the_tree_and_the_checkpoints(register):
    entry = LogEntry.objects.get(sequence=5)
    entry.subject = "x"

    run("UPDATE tracker_logentry SET subject = 'x', leaf_hash = %s WHERE sequence = 5", entry.compute_leaf_hash())

    sizes = sorted(Checkpoint.objects.values_list("size", flat=True))
    before, after = max(size for size in sizes if size < 5), min(size for size in sizes if size >= 5)
    assert find_faults()[:2] == [
        f"The checkpoint over {after} entries does not fit: the first other entry is from {before + 1} to {after}.",
        "The log's tree does not fit its entries 5 to 6.",
    ]


@pytest.mark.parametrize("change", ['content = \'{"status": "delivered"}\'', f"salt = '{'0' * 32}'"])
def test_an_entry_with_other_content_than_was_published_is_reported(register, change):
    entry = LogEntry.objects.get(subject="commitments/REV-1#update-1")

    run(f"UPDATE tracker_logentry SET {change} WHERE sequence = {entry.sequence}")  # noqa: S608

    assert find_faults()[0] == (
        f"Entry {entry.sequence} does not hold what was published: its content has another hash."
    )


def test_a_head_that_lags_behind_is_reported(register):
    last = LogEntry.objects.latest("sequence")

    before = max(Checkpoint.objects.exclude(size=last.sequence).values_list("size", flat=True))

    run("UPDATE tracker_loghead SET sequence = sequence - 1")

    assert find_faults() == [
        f"The log's head does not fit: the first other entry is from {before + 1} to {last.sequence - 1}."
    ]


def test_a_missing_head_is_reported(register):
    run("DELETE FROM tracker_loghead")

    assert find_faults() == ["The log has entries and no head."]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("root_hash = 'x'", "The checkpoint over 5 entries does not say what was signed."),
        ("size = 500", "The checkpoint over 500 entries does not say what was signed."),
        ("note = 'x'", "The checkpoint over 5 entries is not a checkpoint."),
        (
            "note = REPLACE(note, '\n5\n', '\n4\n')",
            "The checkpoint over 5 entries is not signed with the register's key.",
        ),
        ("key = 'x'", "This is not a public key as the register writes it: 'x'."),
    ],
)
def test_a_checkpoint_that_was_changed_is_reported(register, change, sentence):
    run(f"UPDATE tracker_checkpoint SET {change} WHERE size = 5")  # noqa: S608

    assert find_faults() == [sentence]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracker_lognode SET hash = 'x' WHERE level = 1 AND \"index\" = 2",
        'DELETE FROM tracker_lognode WHERE level = 1 AND "index" = 2',
    ],
)
def test_a_part_of_the_tree_that_was_changed_is_reported(register, statement):
    run(statement)

    assert find_faults() == ["The log's tree does not fit its entries 5 to 6."]


# --- What is public and what was logged ------------------------------------------------------

REV_1 = "commitments/REV-1"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "UPDATE tracker_statusupdate SET reason = reason || '.' WHERE number = 1",
            f"{REV_1}#update-1 (status-update)",
        ),
        ("UPDATE tracker_response SET note = 'x'", f"{REV_1}#response-1 (response)"),
        ("UPDATE tracker_funding SET amount_gbp = 1", f"{REV_1}#funding-1 (funding)"),
        ("UPDATE tracker_milestone SET title = 'x'", f"{REV_1}#milestone-1 (milestone)"),
        ("DELETE FROM tracker_milestonedocument", f"{REV_1}#milestone-1 (milestone)"),
        ("UPDATE tracker_milestoneupdate SET reason = 'x'", f"{REV_1}#milestone-1 (milestone-update)"),
        ("DELETE FROM tracker_milestoneupdatedocument", f"{REV_1}#milestone-1 (milestone-update)"),
        ("UPDATE tracker_relation SET kind = 'part-of'", f"{REV_1} (relation)"),
        ("UPDATE tracker_commitment SET title = 'x' WHERE reference = 'REV-1'", f"{REV_1} (commitment)"),
        ("UPDATE tracker_document SET title = 'x' WHERE identifier = 'the-report'", "documents/the-report (document)"),
        ("UPDATE tracker_department SET name = 'x'", "departments/home-office (department)"),
        ("UPDATE tracker_programme SET description = 'x'", "programmes/the-review (programme)"),
        ("UPDATE tracker_topic SET name = 'x'", "topics/data (topic)"),
        ("UPDATE tracker_supportservice SET phone = '1'", "help/Childline (support-service)"),
        ("UPDATE tracker_petition SET ask = 'x'", "petitions/1 (petition)"),
    ],
)
def test_what_was_changed_behind_the_verbs_is_reported(register, statement, what):
    run(statement)

    assert find_faults() == [f"{what} is not what the log says was published."]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM tracker_funding", f"{REV_1}#funding-1 (funding)"),
        ("DELETE FROM tracker_relation", f"{REV_1} (relation)"),
        ("DELETE FROM tracker_petition", "petitions/1 (petition)"),
        ("DELETE FROM tracker_topic", "topics/data (topic)"),
    ],
)
def test_what_has_vanished_from_the_register_is_reported(register, statement, what):
    run(statement)

    assert find_faults() == [f"{what} is in the log and no longer public."]


def test_one_of_two_relations_that_has_vanished_is_reported(register):
    publish_as_approver(draft_relation(register, Commitment.objects.get(reference="REV-2"), "part-of"))

    run("DELETE FROM tracker_relation WHERE kind = 'see-also'")

    assert find_faults() == [f"{REV_1} (relation) is in the log and no longer public."]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "INSERT INTO tracker_topic (slug, name, description, version, return_note, published_at) "
            "VALUES ('x', 'X', '', 1, '', '2026-01-01 00:00:00+00:00')",
            "topics/x (topic)",
        ),
        (
            "INSERT INTO tracker_relation (commitment_id, related_id, kind, version, return_note, published_at) "
            "SELECT related_id, commitment_id, 'see-also', 1, '', published_at FROM tracker_relation",
            "commitments/REV-2 (relation)",
        ),
    ],
)
def test_what_was_made_public_behind_the_verbs_is_reported(register, statement, what):
    run(statement)

    assert find_faults() == [f"{what} is public and the log does not know it."]
