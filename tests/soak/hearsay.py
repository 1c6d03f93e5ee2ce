"""Whether what callers were told is borne out by the journals: "reauthorize" is a promise too, and a false one is a loss."""

from facts import Entry, Facts, Told

NEVER_CONNECTED = "never-connected"
ALIVE = ""


def untrue(facts: Facts) -> list[str]:
    """Return what callers were told, though the journal bears it out at no moment of their call."""
    reasons = {name: _reasons(entries) for name, entries in facts.journals.items()}
    return [
        f"{told.connection} ({told.reason}), records {told.since} to {told.until}"
        for told in facts.told
        if not _is_true(told, facts.journals[told.connection], reasons[told.connection])
    ]


def _is_true(told: Told, entries: tuple[Entry, ...], reasons: list[str]) -> bool:
    """Say whether the attempt had ended so, or where a token was asked for, whether the authorization was not there."""
    if not told.attempt:
        return told.reason in reasons[told.since : told.until + 1]
    failures = [entry for entry in entries[: told.until] if entry.event == "ExchangeFailed"]
    return (told.attempt, told.reason) in [(entry.attempt, entry.cause) for entry in failures]


def _reasons(entries: tuple[Entry, ...]) -> list[str]:
    """Return what a caller who wants a token may be told after no record, after one, and so on."""
    reasons = [NEVER_CONNECTED]
    for entry in entries:
        after = {"TokensIssued": ALIVE, "GrantDied": entry.cause}
        reasons.append(after.get(entry.event, reasons[-1]))
    return reasons
