"""A reader opens what commitments are counted under: departments, programmes and topics, a list and a page each."""

from typing import Any

import pytest
from django.test import Client

from tests.examples import (
    draft_commitment,
    draft_document,
    draft_milestone,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tests.reading import Page, read_page, read_text
from tracker.models import Commitment, Department, Petition, Programme, Topic

LISTS = ["/departments/", "/programmes/", "/topics/"]
PAGES = ["/departments/home-office/", "/programmes/the-review/", "/topics/schools/"]


def read_tiles(page: Page) -> dict[str, str]:
    """Return the note of each tile by its title."""
    return {
        read_text(next(tile.iter("a"))): read_text(tile.find("./p[@class='tile__note']"))
        for tile in page.find_all("li", css="tile")
    }


def read_counts(page: Page) -> dict[str, str]:
    """Return the number beside each status of the page's tables."""
    rows = [row for table in page.find_all("table", css="status-table") for row in table.findall("./tbody/tr")]
    return {read_text(row[0]): read_text(row[1]) for row in rows}


def make_topic(slug: str) -> Topic:
    return publish_as_approver(Topic.objects.create(slug=slug, name=slug.capitalize()))


def make_answered_petition(number: int, **changes: Any) -> Petition:
    facts = {
        "title": f"Petition no. {number}",
        "document": make_document(),
        "state": "closed",
        "parliament": "2024-",
        "ask": "Hold an inquiry.",
        "outcome": "partly-met",
        "response_department": make_department(),
        "response_document": make_document(),
        "response_summary": "Said no.",
    }
    return Petition.objects.create(number=number, **facts | changes)


@pytest.mark.usefixtures("loaded_register")
def test_departments_are_grouped_by_kind_with_what_each_leads_and_supports(client):
    page = read_page(client, "/departments/")
    assert [read_text(heading) for heading in page.find_all("h2")] == [
        "Ministerial departments",
        "Non-ministerial departments",
        "Agencies and public bodies",
        "Police bodies",
        "Inspectorates",
        "Regulators",
        "Devolved governments",
        "Across government",
    ]
    tiles = read_tiles(page)
    assert len(tiles) == 22
    assert tiles["Home Office"] == (
        "67 commitments: 12 delivered, 9 partly delivered, 24 in progress, 4 replaced, 18 cannot be judged. "
        "Supports 15 more."
    )
    assert tiles["Attorney General's Office"] == "Leads none. Supports 4."


@pytest.mark.usefixtures("loaded_register")
def test_a_department_shows_all_it_answers_for(client):
    page = read_page(client, "/departments/home-office/")
    assert page.headings == ["Ministerial department Home Office"]
    assert "Leads 67 commitments and supports 15 more." in page.main
    assert read_counts(page) == {
        "Delivered": "12",
        "Partly delivered": "9",
        "In progress": "24",
        "Replaced": "4",
        "All with a judgement": "49",
        "Cannot be judged": "18",
        "Not yet checked": "0",
    }
    leads = page.find(".//section[@aria-labelledby='leads']//tbody")
    supports = page.find(".//section[@aria-labelledby='supports']//tbody")
    assert (len(leads), len(supports)) == (67, 15)
    assert page.links_named("Filter and sort these 67 in the list of commitments") == [
        "/commitments/?department=home-office"
    ]
    assert page.links_named("In progress") == ["/commitments/?department=home-office&status=in-progress"]
    assert "Petition 300239: Release the Home Office's Grooming Gang Review in full" in page.main


@pytest.mark.usefixtures("empty_register", "on_21_november_2026")
def test_a_department_says_how_many_of_what_it_leads_are_overdue(client):
    helper = make_department("helper")
    for number in (1, 2, 3):
        commitment = make_commitment(f"REV-{number}")
        commitment.supporting.add(helper)
        if number < 3:
            publish_as_approver(draft_milestone(commitment, "2026-11-20"))
    page = read_page(client, "/departments/home-office/")
    (link,) = page.links_named("2 of those it leads are overdue")
    assert read_page(client, link).references == ["REV-1", "REV-2"]
    assert "overdue" not in read_page(client, "/departments/helper/").main


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize(
    "address", ["/departments/home-office/", "/programmes/iicsa-final-report/", "/topics/funding/"]
)
def test_the_links_of_the_table_lead_to_lists_that_count_the_same(client, address):
    page = read_page(client, address)
    counted = {
        row[0].find("./a").attrib["href"]: int(read_text(row[1]))
        for table in page.find_all("table", css="status-table")
        for row in table.findall("./tbody/tr")
        if row[0].find("./a") is not None
    }
    assert counted
    assert {link: read_page(client, link).counted for link in counted} == counted


@pytest.mark.usefixtures("loaded_register")
def test_programmes_are_listed_newest_first_with_how_they_stand(client):
    tiles = read_tiles(read_page(client, "/programmes/"))
    assert len(tiles) == 10
    assert next(iter(tiles)) == "National inquiry undertakings of December 2025"
    assert tiles["IICSA final report"] == (
        "20 commitments: 1 delivered, 2 partly delivered, 10 in progress, 3 will not be done, 4 cannot be judged."
    )


@pytest.mark.usefixtures("loaded_register")
def test_a_programme_says_where_it_was_published_and_that_it_is_complete(client):
    page = read_page(client, "/programmes/iicsa-final-report/")
    facts = read_text(page.find(".//section[@aria-labelledby='facts']"))
    assert facts.startswith("Facts Published on 20 October 2022 Published in The Report of the Independent Inquiry")
    assert facts.endswith("Commitments All 20 of the set are in the register.")
    assert page.references[:3] == ["IICSA-01", "IICSA-02", "IICSA-03"]


@pytest.mark.usefixtures("empty_register")
def test_a_programme_that_is_not_complete_says_so(client):
    programme = publish_as_approver(
        Programme.objects.create(
            slug="the-act", name="The Act", published_on="2024-01-10", document=make_document(), expected_commitments=3
        )
    )
    make_commitment(programme=programme)
    assert "The set holds 3; 1 are in the register." in read_page(client, "/programmes/the-act/").main


@pytest.mark.usefixtures("loaded_register")
def test_topics_are_listed_and_each_lists_its_commitments(client):
    tiles = read_tiles(read_page(client, "/topics/"))
    assert len(tiles) == 14
    page = read_page(client, "/topics/duty-of-candour/")
    assert page.headings == ["Topic Duty of candour"]
    assert tiles["Duty of candour"].startswith(f"{len(page.references)} commitments: ")
    assert "CANDOUR-01" in page.references


@pytest.mark.usefixtures("loaded_register")
def test_a_topic_names_each_of_its_departments_once_and_lists_its_commitments_by_reference(client):
    page = read_page(client, "/topics/child-protection-system/")
    led = [
        (row.department.name, row.reference)
        for row in Commitment.objects.published().for_topic(["child-protection-system"])
    ]
    names = [read_text(row) for row in page.find_all("tr", css="group-row")]
    assert len(names) > 1
    assert names == sorted({name for name, _reference in led})
    assert page.references == [reference for _name, reference in sorted(led)]


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", LISTS)
def test_an_empty_list_says_so(client, address):
    assert "published yet." in read_page(client, address).main


@pytest.mark.usefixtures("empty_register")
def test_a_group_without_commitments_has_a_page(client):
    make_department()
    make_programme()
    make_topic("schools")
    assert "Leads no commitment and supports none." in read_page(client, PAGES[0]).main
    assert "No commitments yet." in read_page(client, PAGES[1]).main
    assert "No commitments yet." in read_page(client, PAGES[2]).main


@pytest.mark.usefixtures("empty_register")
def test_drafts_are_neither_shown_nor_counted(client):
    commitment = make_commitment(made_by="Home Secretary")
    commitment.topics.add(make_topic("schools"))
    before = [read_page(client, address).main for address in LISTS + PAGES]
    hidden = draft_commitment("SECRET-2", title="SECRET title")
    hidden.topics.add(Topic.objects.get(slug="schools"))
    hidden.supporting.add(make_department())
    draft_update(commitment, "2024-05-01", status="delivered", reason="SECRET reason that nobody has approved.")
    make_answered_petition(1, title="SECRET petition")
    Topic.objects.create(slug="secret", name="SECRET topic")
    Department.objects.create(slug="secret", name="SECRET body", kind="regulator")
    Programme.objects.create(
        slug="secret",
        name="SECRET programme",
        published_on="2024-01-10",
        document=draft_document("secret"),
        expected_commitments=1,
    )
    assert [read_page(client, address).main for address in LISTS + PAGES] == before
    for kind in ("departments", "programmes", "topics"):
        assert client.get(f"/{kind}/secret/").status_code == 404


@pytest.mark.parametrize("kind", ["departments", "programmes", "topics"])
@pytest.mark.parametrize("hostile", ["nothing", "%00", "home-office%00", "%FF", "a" * 5000, "'--", "home_office.", "é"])
@pytest.mark.usefixtures("loaded_register")
def test_an_unknown_or_hostile_slug_is_not_found(client, kind, hostile):
    assert client.get(f"/{kind}/{hostile}/").status_code == 404


def make_rows(rows: int) -> None:
    schools = make_topic("schools")
    for number in range(1, rows + 1):
        led = make_commitment(f"REV-{number}")
        led.topics.add(schools, make_topic(f"topic-{number}"))
        publish_as_approver(draft_update(led))
        supported = make_commitment(
            f"ACT-{number}", department=make_department(f"body-{number}"), programme=make_programme(f"act-{number}")
        )
        supported.supporting.add(make_department())
        publish_as_approver(make_answered_petition(number))


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/departments/", 7),
        ("/departments/home-office/", 12),
        ("/programmes/", 6),
        ("/programmes/the-review/", 8),
        ("/topics/", 8),
        ("/topics/schools/", 7),
    ],
)
def test_a_page_costs_the_same_queries_however_many_rows(
    client: Client, django_assert_num_queries, rows, address, queries
):
    make_rows(rows)
    with django_assert_num_queries(queries):
        response = client.get(address)
    assert response.status_code == 200
