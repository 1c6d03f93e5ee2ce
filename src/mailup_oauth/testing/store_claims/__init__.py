"""The claims of the contract suite of stores, one module a topic; ``store_contract`` puts them together."""

import pytest

_TOPICS = ("changes", "committing", "keeping", "living", "sharing")

pytest.register_assert_rewrite(*(f"{__name__}.{topic}" for topic in _TOPICS))  # so that it tells what was compared
