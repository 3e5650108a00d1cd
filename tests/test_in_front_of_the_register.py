"""What the shipped nginx does for the register: whom it refuses, what it keeps, and for whom."""

import pytest

from tests.serving import ProductionSite

pytestmark = pytest.mark.django_db


def test_a_page_comes_through_nginx(production_site: ProductionSite):
    answer = production_site.ask("/")
    assert (answer.status, answer.cache) == (200, "MISS")
