"""Every number this library goes by, with its name, its unit and where it comes from."""

from datetime import timedelta

from attrs import frozen


@frozen(kw_only=True, cache_hash=True)
class Policy:
    """
    How patient, how early and how bounded the client is; the defaults are for production.

    Attributes:
        attempt_life: How long a user may take at MailUp's pages (security.md row 3: 10 minutes).
        attempts_kept: How many attempts one connection remembers, finished ones too (architecture.md section 2).
        refusals_listed: How many refused callbacks of one attempt are journalled; more are only counted.
        identity_patience: How long tokens of a re-authorization are held while it is unknown whose they are.
        identity_wait: How long after an unanswered "who is it?" it is asked again.
        refresh_share: The share of a token's life after which it is renewed in advance (reliability.md 4.3).
        refresh_spread: The share of the remaining life by which chance draws that moment earlier.
        expiry_margin: How long before its end a token is no longer sent, so that it does not end under way.
        expiry_margin_share: The same as a share of the life, for short lives; the smaller of the two counts.
        request_deadline: The total time a token request may take (reliability.md 4.3: 60 s).
        identity_deadline: The same for ``Authentication/Info``.
        settle: The waits after the first, second and third unanswered refresh (reliability.md 4.3).
        doubt_wait: The wait after every further one; longer than any published grace (60 s).
        probable_grace: After so long no server still takes a rotated token (60 s is the longest usual grace).
        settle_spread: The share by which chance lengthens a wait.
        confirmation_wait: The wait before a refused, very young refresh token is tried once more (N27).
        confirmation_age: How young it must be for that.
        setback_wait: The wait after the first request that could not be sent; it doubles each time.
        longest_wait: What a wait that doubles is cut to; one that the server asks for is at most an hour (N14).
        client_wait: The wait after the application's keys were refused.
        contract_wait: The wait after "contract not signed".
        strikes: After so many refusals that nobody understands ...
        strikes_span: ... over at least this time, the user is asked to authorize again (N29).
        inline_wait: The longest wait that a flight sits out before it gives its callers an answer.
        commit_attempts: How often a decision is made anew because somebody else stored first.
        store_patience: How long a flight goes on trying to store what it has learnt before callers are told.
        store_retry_wait: The pause between two such tries.
        store_long_wait: The same after that, for tokens that could not be spilled either.
        guard_patience: How long a flight waits for another process that is renewing the same connection.
        snapshot_age: How old the picture of a connection may be before the store is asked for its version.
    Source: ADR 0006.
    """

    attempt_life: timedelta = timedelta(minutes=10)
    attempts_kept: int = 5
    refusals_listed: int = 8
    identity_patience: timedelta = timedelta(days=1)
    identity_wait: timedelta = timedelta(minutes=5)
    refresh_share: float = 0.8
    refresh_spread: float = 0.25
    expiry_margin: timedelta = timedelta(seconds=10)
    expiry_margin_share: float = 0.05
    request_deadline: timedelta = timedelta(seconds=60)
    identity_deadline: timedelta = timedelta(seconds=10)
    settle: tuple[timedelta, ...] = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=30))
    doubt_wait: timedelta = timedelta(seconds=75)
    probable_grace: timedelta = timedelta(seconds=60)
    settle_spread: float = 0.25
    confirmation_wait: timedelta = timedelta(seconds=5)
    confirmation_age: timedelta = timedelta(seconds=60)
    setback_wait: timedelta = timedelta(seconds=1)
    longest_wait: timedelta = timedelta(minutes=15)
    client_wait: timedelta = timedelta(seconds=5)
    contract_wait: timedelta = timedelta(minutes=1)
    strikes: int = 3
    strikes_span: timedelta = timedelta(minutes=10)
    inline_wait: timedelta = timedelta(seconds=13)
    commit_attempts: int = 50
    store_patience: timedelta = timedelta(seconds=60)
    store_retry_wait: timedelta = timedelta(milliseconds=200)
    store_long_wait: timedelta = timedelta(seconds=5)
    guard_patience: timedelta = timedelta(seconds=75)
    snapshot_age: timedelta = timedelta(seconds=30)


PRODUCTION = Policy()
"""The numbers that MailUp's facts and the published graces of other servers lead to."""
