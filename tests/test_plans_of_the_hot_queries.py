"""At a hundred thousand commitments the queries that pages run most use the indexes that were made for them."""

import pytest
from django.db import connection

from tests.bench.measuring import QUIETLY
from tests.bench.places import POSTGRESQL, SQLITE, find_place

COMMITMENTS = 100_000


@pytest.mark.long
def test_each_hot_query_uses_its_index_at_a_hundred_thousand():
    place = find_place(SQLITE if connection.vendor == "sqlite" else POSTGRESQL, COMMITMENTS)

    assert place.run("tests.bench.plans", **QUIETLY) == {"hot queries": 11, "unindexed": {}, "read whole": []}
