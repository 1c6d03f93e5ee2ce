"""What nobody can guess, from the operating system."""

import base64
import re
import subprocess
import sys

from mailup_oauth.adapters.entropy.system import SystemEntropy, octets

FORKING = """
import os
from mailup_oauth.adapters.entropy.system import SystemEntropy

entropy = SystemEntropy()
entropy.token()
child = os.fork()
if child:
    os.waitpid(child, 0)
print(entropy.token().reveal(), flush=True)
"""


def test_sec_02_a_token_is_256_bits_as_base64url():
    """Every token is 43 characters of base64url, which are 32 octets."""
    tokens = [SystemEntropy().token().reveal() for _ in range(100)]

    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert {32} == {len(base64.urlsafe_b64decode(f"{token}=")) for token in tokens}


def test_sec_02_no_token_comes_twice():
    """Two thousand tokens are two thousand, and each of their bits is on in about half of them."""
    entropy = SystemEntropy()
    tokens = {entropy.token().reveal() for _ in range(2_000)}
    numbers = [int.from_bytes(base64.urlsafe_b64decode(f"{token}=")) for token in tokens]
    ons = [sum(number >> bit & 1 for number in numbers) for bit in range(256)]

    assert 2_000 == len(tokens)
    assert 800 < min(ons) <= max(ons) < 1_200


def test_a_forked_child_draws_other_tokens():
    """A child has nothing of its parent's that it could repeat."""
    drawn = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=60, check=True
    ).stdout

    assert 2 == len(set(drawn.split()))


def test_a_chance_is_from_zero_to_one():
    """Chances lie between 0 and 1, differ, and are spread over the whole of it."""
    chances = [SystemEntropy().chance() for _ in range(1_000)]

    assert 0 <= min(chances) < 0.1
    assert 0.9 < max(chances) <= 1
    assert 1_000 == len(set(chances))


def test_a_token_does_not_show_itself():
    """What comes is a secret from the first moment on."""
    token = SystemEntropy().token()

    assert token.reveal() not in f"{token} {token!r}"


def test_octets_are_as_many_as_are_asked_for():
    """A sandbox gets as many octets as it asks for, and never the same ones."""

    assert [0, 1, 32] == [len(octets(count)) for count in (0, 1, 32)]
    assert octets(32) != octets(32)
