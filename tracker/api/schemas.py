"""What the API's answers hold: each kind of object once, by its name in the description."""

from __future__ import annotations

from tracker.api.fields import (
    Schema,
    address,
    day,
    describe_sheet,
    maybe,
    number,
    one_of,
    refer,
    several,
    switch,
    text,
    thing,
    time,
)
from tracker.api.vocabularies import VOCABULARIES, list_codes
from tracker.exports import COMMITMENTS, EVIDENCE, UPDATES
from tracker.models import REFERENCE_PATTERN

# --- What is recorded of a commitment --------------------------------------------------------

REFERENCE = text("The commitment's permanent public name.", pattern=f"^{REFERENCE_PATTERN}$")
DOCUMENT = text("The document: its name in addresses.")
NOTE = text("A note to the reader; empty where there is none.")
PUBLISHED = {"published_at": time("When it was published, in UTC.")}
NUMBER = number("Its number among its kind on that commitment, given once.")
PLACE = address("Its place on the commitment's page.")
PAGE = address("Its page in this register.")

STEP = thing(
    "What happened to a milestone: it was met, or its date was moved.",
    milestone=number("The number of the milestone."),
    as_of=day("The day on which it was met, or its new date became known."),
    met_on=maybe(day("The day on which it was met.")),
    due_on=maybe(day("Its new date.")),
    reason=text("Why the date was moved."),
    documents=several(DOCUMENT, "What shows it."),
    **PUBLISHED,
)
RECORDS = {
    "MilestoneStep": STEP,
    "Milestone": thing(
        "A dated step that can be seen to be met.",
        number=NUMBER,
        title=text("What can be seen on the day it is met."),
        due_on=day("Its first date, which is never lost."),
        due_text=text("When it was due, in the words used."),
        set_on=maybe(day("The day on which the date was set, where it is known.")),
        note=NOTE,
        documents=several(DOCUMENT, "What sets it."),
        present_due_on=day("Its date as it was last moved, on the day asked about."),
        met_on=maybe(day("The day on which it was met.")),
        steps=several(refer("MilestoneStep"), "What happened to it, oldest first."),
        url=PLACE,
        **PUBLISHED,
    ),
    "Response": thing(
        "What the body answered to a commitment.",
        number=NUMBER,
        answer=one_of("responses", "What it answered."),
        on=day("The day of the answer."),
        by=text("Which government, with its Parliament."),
        note=NOTE,
        document=DOCUMENT,
        url=PLACE,
        **PUBLISHED,
    ),
    "Funding": thing(
        "Money promised, allocated or spent. Amounts may overlap and are not added up.",
        number=NUMBER,
        stage=one_of("funding_stages", "Whether it was promised, allocated or spent."),
        amount_gbp=number("Whole pounds, as the document states them."),
        on=day("The day on which the document says so."),
        note=NOTE,
        document=DOCUMENT,
        url=PLACE,
        **PUBLISHED,
    ),
    "Check": thing(
        "Somebody looked for news on a day and found none.",
        number=NUMBER,
        checked_on=day("That day."),
        note=text("Where they looked."),
        **PUBLISHED,
    ),
    "Relation": thing(
        "How a commitment stands to another one.",
        relation=one_of("relations", "The words between the two, read from this commitment to the other."),
        reference=REFERENCE,
        title=text("What the other promised, in a few words."),
        status=one_of("statuses", "What became of the other."),
        url=address("The page of the other in this register, on the day asked about."),
    ),
    "Revision": thing(
        "New words for something public. The earlier words stay.",
        reason=text("Why the words were changed."),
        changes=several(
            thing(
                "One field.",
                field=text("The name of the field."),
                before={"description": "What it held before: text, a date, a list of names, or nothing."},
                after={"description": "What it held from then on."},
            ),
            "What was changed.",
        ),
        **PUBLISHED,
    ),
    "Removal": thing(
        "Words that must not be public were removed here.",
        place=text("The place on the page, such as update-3; empty for the thing's own words."),
        reason=one_of("removal_reasons", "Why."),
        **PUBLISHED,
    ),
}
TRAIL = {
    "revisions": several(refer("Revision"), "Its new wordings, newest first."),
    "removals": several(refer("Removal"), "Where words were removed from it."),
}
WHOLE = {
    "updates": several(refer("WholeUpdate"), "Its history, newest first; a corrected update stays and says so."),
    "milestones": several(refer("Milestone"), "Its dated steps, by their first date."),
    "responses": several(refer("Response"), "What was answered to it, oldest first."),
    "funding": several(refer("Funding"), "Money promised, allocated or spent, oldest first."),
    "checks": several(refer("Check"), "Days on which somebody looked for news and found none, newest first."),
    "relations": several(refer("Relation"), "How it stands to other commitments."),
    "petitions": several(number("The petition's number."), "The petitions in whose answers it was made."),
    **TRAIL,
}

# --- The other nouns -------------------------------------------------------------------------

SLUG = text("Its name in addresses.")
COUNTS = thing(
    "How commitments stand: all of them, and those with each status.",
    total=number("How many there are."),
    by_status=thing("How many have each status.", **{code: number("How many.") for code in list_codes("statuses")}),
)


def described(description: str, /, **fields: Schema) -> tuple[Schema, Schema]:
    """Describe a noun as a list has it, and as it is alone, with its earlier wordings."""
    alone = f"{description.removesuffix('.')}, with its earlier wordings."
    return thing(description, **fields), thing(alone, **fields, **TRAIL)


DEPARTMENT, WHOLE_DEPARTMENT = described(
    "A body that answers for commitments.",
    slug=SLUG,
    name=text("Its name."),
    name_cy=text("Its Welsh name; empty where it is not known."),
    abbreviation=text("Its usual short name; empty where it has none."),
    kind=one_of("department_kinds", "What kind of body it is."),
    url=text("The address of its own site; empty where it is not known."),
    commitments=refer("Counts"),
    supported=number("How many commitments of others it has a part in."),
    page=PAGE,
)
PROGRAMME, WHOLE_PROGRAMME = described(
    "A published set of commitments.",
    slug=SLUG,
    name=text("Its name."),
    description=text("What the set is."),
    published_on=day("The day on which the set was published."),
    document=DOCUMENT,
    commitments=refer("Counts"),
    page=PAGE,
)
TOPIC, WHOLE_TOPIC = described(
    "What commitments are about, across programmes.",
    slug=SLUG,
    name=text("Its name."),
    description=text("What belongs here."),
    commitments=refer("Counts"),
    page=PAGE,
)
PETITION, WHOLE_PETITION = described(
    "A petition to Parliament.",
    number=number("Parliament's number for it, by which its address is made."),
    document=text("Its page at Parliament: the document's name in addresses."),
    title=text("Its title."),
    state=one_of("petition_states", "Whether it is open."),
    parliament=text("The Parliament it was put to, by its years."),
    opened_on=maybe(day("The day on which it opened.")),
    closed_on=maybe(day("The day on which it closed.")),
    signatures=maybe(number("How many had signed it.")),
    signatures_as_of=maybe(day("The day of that count.")),
    ask=text("What it asks for, in plain words."),
    response=maybe(
        thing(
            "The answer it got.",
            on=maybe(day("The day of the answer.")),
            department=text("Who answered: the department's name in addresses."),
            summary=text("What was answered."),
            document=DOCUMENT,
        )
    ),
    debate=maybe(
        thing("The debate on it.", on=day("Its day."), house=text("Which House."), document=DOCUMENT),
    ),
    outcome=text("What came of it; empty on a past day.", enum=[*list_codes("petition_outcomes"), ""]),
    note=NOTE,
    commitments=several(REFERENCE, "What was promised in the answer to it."),
    counts=refer("Counts"),
    page=PAGE,
)
CITED = thing("A record that rests on the document.", reference=REFERENCE, number=NUMBER, url=PLACE)
DOCUMENT_FACTS = {
    "id": text("Its name in addresses."),
    "url": address("Its address at its publisher."),
    "title": text("Its title."),
    "publisher": text("Who published it."),
    "published_on": maybe(day("The date that it shows, if it does.")),
    "kind": one_of("document_kinds", "What kind of document it is."),
    "origin": one_of("origins", "Who speaks in it."),
    "strength": one_of("strengths", "How much it can prove."),
    "note": NOTE,
    "page": PAGE,
}
NOUNS = {
    "Counts": COUNTS,
    "Department": DEPARTMENT,
    "WholeDepartment": WHOLE_DEPARTMENT,
    "Programme": PROGRAMME,
    "WholeProgramme": WHOLE_PROGRAMME,
    "Topic": TOPIC,
    "WholeTopic": WHOLE_TOPIC,
    "Petition": PETITION,
    "WholePetition": WHOLE_PETITION,
    "Document": thing(
        "One public page that the register cites.",
        **DOCUMENT_FACTS,
        citation_count=number("How many status updates cite it."),
    ),
    "Citation": thing(
        "A status update for which a document is cited.",
        reference=REFERENCE,
        update=number("The number of the update on that commitment."),
        note=text("What the document shows."),
        records_completion=switch("Whether it is the promised thing itself or records the completed act."),
        already_in_place=switch("Whether what it shows was in place before the commitment was made."),
        url=address("The place of the update on the commitment's page."),
    ),
    "Cited": CITED,
    "WholeDocument": thing(
        "One public page that the register cites, and what rests on it.",
        **DOCUMENT_FACTS,
        citations=several(refer("Citation"), "The status updates that cite it, the newest judgement first."),
        commitments=several(REFERENCE, "The commitments that were made in it."),
        responses=several(refer("Cited"), "The answers that rest on it."),
        milestones=several(refer("Cited"), "The milestones that it sets, moves or shows met."),
        funding=several(refer("Cited"), "The money that it states."),
        programmes=several(SLUG, "The programmes that it sets out."),
        petitions=several(number("A petition's number."), "The petitions that it is about."),
        **TRAIL,
    ),
}

# --- What changed, the log and the words -----------------------------------------------------

CHANGE = thing(
    "One change to a commitment. What the words, days and the figure hold goes by its kind.",
    kind=one_of("change_kinds", "What kind of change it is."),
    on=day("The day by which it counts: see the definition of its kind."),
    reference=REFERENCE,
    title=text("What was promised, in a few words."),
    department=text("The body that answers for it: its name in addresses."),
    programme=text("Its set of commitments: the name in addresses."),
    number=number("The number of the record that changed it; 0 where there is none."),
    before=text("The code of what it was before; empty where the kind has none."),
    after=text("The code of what it was from then on; empty where the kind has none."),
    was_on=maybe(day("The earlier of two dates of a milestone, or its only one.")),
    now_on=maybe(day("The later date, or the day on which it was met.")),
    figure=maybe(number("An amount in pounds, or the number of the update that was corrected.")),
    note=text("What the record says; empty where the kind has nothing to say."),
    url=address("Where the evidence for the change is."),
)
HASH = r"^[0-9a-f]{64}$"
LOG = {
    "LogEntry": thing(
        "One publication, as the log's file has it: tracker/verify.py checks it.",
        sequence=number("Its number in the log."),
        at=time("When it was published, in UTC."),
        kind=one_of("log_kinds", "What was published."),
        subject=text("What it is about: an address on this site without its first slash."),
        batch=maybe(number("The entry of the load that it belongs to.")),
        salt=maybe(text("What was hashed with the content; nothing where words were removed.")),
        content={"description": "What became public; nothing where words were removed.", "type": ["object", "null"]},
        content_hash=text("The hash of salt and content.", pattern=HASH),
        leaf_hash=text("The hash of this entry as a leaf of the tree.", pattern=HASH),
    ),
    "Checkpoint": thing(
        "What was signed of the log at its newest publication.",
        size=number("How many entries it covers."),
        root_hash=text("The root of the tree over them.", pattern=HASH),
        at=time("When it was signed, in UTC."),
        note=text("The signed note itself, in the form C2SP tlog-checkpoint."),
        key=text("The public key to check it with."),
    ),
}
WORD = thing(
    "One word of a closed list.",
    code=text("The word in files, addresses and answers."),
    label=text("The word as a reader sees it."),
    definition=text("What it means; empty where the label says it all."),
)
PROBLEM = {
    "type": "object",
    "description": "What is wrong, in sentences: RFC 9457.",
    "properties": {
        "type": text("Always about:blank: the status says what kind of problem it is.", const="about:blank"),
        "title": text("The status in words."),
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": text("What is wrong."),
        "errors": several({"type": "string"}, "The same, a sentence each."),
        "reason": text("Of a commitment that was withdrawn: why."),
        "withdrawn_at": time("Of a commitment that was withdrawn: when, in UTC."),
    },
    "required": ["type", "title", "status", "detail", "errors"],
    "additionalProperties": False,
}

SCHEMAS: dict[str, Schema] = {
    "Commitment": describe_sheet(COMMITMENTS, "A commitment, as a row of the list."),
    "WholeCommitment": describe_sheet(COMMITMENTS, "A commitment with all that is recorded of it.", **WHOLE),
    "WholeUpdate": describe_sheet(
        UPDATES, "A status update with its evidence.", evidence=several(refer("Evidence"), "What is cited for it.")
    ),
    "Evidence": describe_sheet(EVIDENCE, "One document cited for one status update, and what it shows."),
    **RECORDS,
    **NOUNS,
    "Change": CHANGE,
    **LOG,
    "Word": WORD,
    "Vocabularies": thing(
        "The other closed lists.",
        **{name: several(refer("Word"), "One list.") for name in VOCABULARIES if name != "statuses"},
    ),
    "Problem": PROBLEM,
}
