"""User and password."""

from harness import check
from login import round_trip, schemes


@check("with user and password a job goes from its function to its logs, and all is deleted", "DHCORE_USER, DHCORE_PASSWORD")
def basic():
    round_trip()
    assert schemes() == {"Basic"}, schemes()
