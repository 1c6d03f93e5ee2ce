"""What all lives share."""

import pytest


@pytest.fixture(autouse=True)
def unmeasured(unwatched):
    """Millions of steps take twice their time when each line is watched; the core's own tests are."""
