"""The two windows of an access token, whatever its life, and whatever the clock says."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.credential import Credential, Mark
from mailup_oauth.domain.instants import END_OF_TIME, Wait, later
from mailup_oauth.domain.policy import PRODUCTION, Policy
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.tokens import AccessToken, Grant, NoRefreshToken, Unidentified, access_from
from mailup_oauth.domain.wire.outcomes import User

CREDENTIAL = Credential(Secret("canary-access"), Mark("k", "0" * 32))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)
NOTHING, TICK, SECOND, HOUR = timedelta(), timedelta.resolution, timedelta(seconds=1), timedelta(hours=1)
END = HOUR - 10 * SECOND
DAY, CENTURY = timedelta(days=1), timedelta(days=36_525)

MOMENTS = st.sampled_from([BEGINNING_OF_TIME, END_OF_TIME, NOON]) | st.datetimes(timezones=st.just(UTC))
PRESENT = st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # as asked
LIVES = st.timedeltas(NOTHING, HOUR) | st.timedeltas(NOTHING, CENTURY)
SHARES = st.floats(0, 1)
POLICIES = st.builds(
    Policy,
    refresh_share=SHARES,
    refresh_spread=SHARES,
    expiry_margin=st.timedeltas(NOTHING, DAY),
    expiry_margin_share=SHARES,
)


def issued(life=HOUR, asked_at=NOON, policy=PRODUCTION, chance=0.0):
    """Return the access token that an answer with this life leads to."""
    return access_from(CREDENTIAL, life=life, asked_at=asked_at, policy=policy, chance=chance)


ISSUED = st.builds(issued, life=LIVES, asked_at=MOMENTS, policy=POLICIES, chance=SHARES)


@given(life=LIVES, asked_at=MOMENTS, policy=POLICIES, chance=SHARES)
def test_the_windows_lie_in_order_within_the_life(life, asked_at, policy, chance):
    """From asking to renewal, from renewal to the end, and never past the life: whatever the policy's shares are."""
    access = issued(life, asked_at, policy, chance)

    assert (CREDENTIAL, asked_at) == (access.credential, access.asked_at)
    assert asked_at <= access.refresh_at <= access.expires_at <= later(asked_at, life)


@given(life=LIVES, one=PRESENT, other=PRESENT, chance=SHARES)
def test_both_windows_are_counted_from_asking(life, one, other, chance):
    """The distance from the request to the windows depends on the life and on chance, not on the moment."""
    first, second = issued(life, one, chance=chance), issued(life, other, chance=chance)

    assert (first.refresh_at - one, first.expires_at - one) == (second.refresh_at - other, second.expires_at - other)


@pytest.mark.parametrize(
    ("life", "chance", "refreshed", "expired"),
    [
        (HOUR, 0, timedelta(minutes=48), timedelta(minutes=59, seconds=50)),
        (HOUR, 1, timedelta(minutes=45), timedelta(minutes=59, seconds=50)),
        (HOUR, 0.5, timedelta(minutes=46, seconds=30), timedelta(minutes=59, seconds=50)),
        (900 * SECOND, 0, timedelta(minutes=12), timedelta(minutes=14, seconds=50)),
        (200 * SECOND, 0, 160 * SECOND, 190 * SECOND),
        (100 * SECOND, 0, 80 * SECOND, 95 * SECOND),
        (SECOND, 0, 0.8 * SECOND, 0.95 * SECOND),
        (TICK, 1, TICK, TICK),
        (NOTHING, 0, NOTHING, NOTHING),
        (DAY, 0, timedelta(hours=19, minutes=12), timedelta(hours=23, minutes=59, seconds=50)),
    ],
)
def test_the_windows_of_production_by_the_clock(life, chance, refreshed, expired):
    """Renewal at 80 % or, by chance, from 75 %; the end 10 seconds early, or 5 % for a short life."""
    access = issued(life, chance=chance)

    assert (NOON + refreshed, NOON + expired) == (access.refresh_at, access.expires_at)


@given(asked_at=MOMENTS, now=MOMENTS, policy=POLICIES, chance=SHARES)
def test_fault_C06_a_token_that_was_born_expired_is_never_usable(asked_at, now, policy, chance):
    """A life of zero has no moment in which the token may be sent, by whatever clock."""
    access = issued(NOTHING, asked_at, policy, chance)

    assert not access.is_usable(now)
    assert access.is_due(now)


@given(life=st.timedeltas(TICK, SECOND), asked_at=PRESENT, chance=SHARES)
def test_fault_C06_the_shortest_life_is_used_and_does_not_last(life, asked_at, chance):
    """Even a second's life, or less, is used at once, and has an end."""
    access = issued(life, asked_at, chance=chance)

    assert [True, False] == [access.is_usable(asked_at), access.is_usable(asked_at + life)]


@given(access=ISSUED, now=MOMENTS)
def test_what_is_not_usable_is_due(access, now):
    """There is no moment in which a token neither works nor is renewed."""

    assert access.is_usable(now) or access.is_due(now)


@given(access=ISSUED, now=MOMENTS)
def test_a_token_is_used_up_to_its_end_and_renewed_from_its_second_window_on(access, now):
    """By a clock that has passed its birth, a token is usable before ``expires_at`` and due from ``refresh_at`` on."""
    then = max(now, access.asked_at)

    assert access.is_usable(then) is (then < access.expires_at)
    assert access.is_due(then) is (then >= access.refresh_at)


@given(access=ISSUED, now=MOMENTS)
def test_a_clock_before_the_birth_of_a_token_trusts_it_for_one_life_at_most(access, now):
    """A little before its birth a token is used; by more than it lives, the clock that told its birth was wrong."""
    life = access.expires_at - access.asked_at
    is_trusted = access.asked_at - now <= life

    assert access.is_usable(now) is (is_trusted and now < access.expires_at)


@pytest.mark.parametrize(
    ("since_asking", "is_usable"),
    [
        (-DAY, False),
        (-END - TICK, False),
        (-END, True),
        (-SECOND, True),
        (NOTHING, True),
        (END - TICK, True),
        (END, False),
        (DAY, False),
    ],
)
def test_an_hour_s_token_by_the_clock(since_asking, is_usable):
    """It is used from one of its lives before its birth up to its end, both to the microsecond."""

    assert is_usable is issued().is_usable(NOON + since_asking)


@given(
    life=st.timedeltas(timedelta(minutes=1), DAY), asked_at=PRESENT, back=st.timedeltas(NOTHING, 2 * DAY), chance=SHARES
)
def test_fault_C01_a_clock_that_was_set_back_leads_to_one_renewal_at_most(life, asked_at, back, chance):
    """Set back by less than its life, the clock leaves a token in use; by more, it is renewed once, and then at rest."""
    old, now = issued(life, asked_at, chance=chance), asked_at - back
    new = issued(life, now, chance=chance) if old.is_due(now) else old

    assert old.is_due(now) is (back > old.expires_at - asked_at)
    assert not new.is_due(now)


@given(ahead=st.timedeltas(DAY, CENTURY), chance=SHARES)
def test_fault_C02_a_clock_that_jumped_ahead_and_back_leads_to_one_renewal_each(ahead, chance):
    """A day ahead, the old token is over; back again, that of the future is not trusted; each new one is at rest."""
    old = issued(chance=chance)
    ahead_one = issued(asked_at=NOON + ahead, chance=chance)
    back_one = issued(chance=chance)

    assert [True, False] == [old.is_due(NOON + ahead), ahead_one.is_due(NOON + ahead)]
    assert [True, False] == [ahead_one.is_due(NOON), back_one.is_due(NOON)]


@given(chances=st.lists(SHARES, min_size=2, max_size=5, unique_by=lambda chance: round(chance, 4)))
def test_fault_C02_renewals_that_were_due_together_are_spread_by_chance(chances):
    """Tokens of one moment are renewed at moments of their own, within a twentieth of the life."""
    moments = {issued(chance=chance).refresh_at for chance in chances}

    assert len(chances) == len(moments)
    assert max(moments) - min(moments) <= HOUR / 20 + TICK


@given(life=st.timedeltas(NOTHING, timedelta.max), asked_at=MOMENTS, now=MOMENTS, chance=SHARES)
def test_fault_C04_no_clock_and_no_life_overflows(life, asked_at, now, chance):
    """Before 1970, after 2038, in the years 1 and 9999: the windows are moments, and both questions have answers."""
    access = issued(life, asked_at, chance=chance)

    assert BEGINNING_OF_TIME <= access.refresh_at <= access.expires_at <= END_OF_TIME
    assert {access.is_usable(now), access.is_due(now)} <= {True, False}


def test_sec_47_what_is_handed_out_shows_its_mark_and_its_end():
    """A printed access token tells which one it is and when it ends; the token itself has to be asked for."""
    token = AccessToken(value=Secret("canary-access"), expires_at=NOON, mark=CREDENTIAL.mark)

    assert f"AccessToken(value=Secret(…), expires_at={NOON!r}, mark={CREDENTIAL.mark!r})" == repr(token)
    assert "canary-access" == token.value.reveal()


@pytest.mark.parametrize("identity", [User(uid="1", username="m1"), Unidentified(again=Wait(since=NOON, span=HOUR))])
def test_a_grant_keeps_what_is_true_whatever_access_token_it_has(identity):
    """A grant is a value: its next generation is another grant, and the old one is as it was."""
    grant = Grant(generation=0, refresh=CREDENTIAL, user=identity, authorized_at=NOON, born_at=NOON)
    newer = attrs.evolve(grant, generation=1, refresh=NoRefreshToken(), born_at=NOON + HOUR)

    assert (0, CREDENTIAL, NOON) == (grant.generation, grant.refresh, grant.born_at)
    assert (1, identity, NOON) == (newer.generation, newer.user, newer.authorized_at)
