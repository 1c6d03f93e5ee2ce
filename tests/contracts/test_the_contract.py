"""The contract of stores proves something: for each of its claims there is a store that breaks it and is caught by it."""

import threading
from inspect import signature
from itertools import product

import attrs
import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.ports import Absent, Commit
from mailup_oauth.testing.store_contract import StoreContract

CLAIMS = sorted(name for name in dir(StoreContract) if name.startswith("test_"))
commit, load, records = MemoryStore.commit, MemoryStore.load, MemoryStore.records


def pause():
    """Let other threads go first."""
    threading.Event().wait(0.002)


def show(store, **parts):
    """Let a store have something else in it from now on."""
    store._kept = attrs.evolve(store._kept, **parts)


def blindly(store, change):
    """Make every change, whatever it was decided on."""
    return commit(store, attrs.evolve(change, replaces=store.version(change.connection)))


def hastily(store, change):
    """Look at the version in one step and make the change in another."""
    if store.version(change.connection) != change.replaces:
        return Commit.CONFLICT
    pause()
    return blindly(store, change)


def clumsily(store, change):
    """Write back everything that was read a while ago."""
    kept = store._kept
    pause()
    store._kept = kept.after(change)
    return Commit.DONE


def piecemeal(store, change):
    """Write the row, and its records and nonces a while later."""
    kept = store._kept
    show(store, rows={**kept.rows, change.connection: change.row})
    pause()
    store._kept = kept.after(change)
    return Commit.DONE


def rashly(store, change):
    """Write the nonces before the version is looked at."""
    show(store, nonces={**store._kept.nonces, **dict.fromkeys(change.nonces, change.connection)})
    return commit(store, change)


def again_and_again(store, change):
    """Take the change that was made last for another one."""
    known = load(store, change.connection) == change.row
    return commit(store, attrs.evolve(change, replaces=change.row.version) if known else change)


def once_refused(store, change):
    """Refuse everything once something was refused."""
    outcome = commit(store, change)
    if outcome is Commit.CONFLICT:
        store.commit = lambda _: Commit.CONFLICT
    return outcome


def in_place(store, change):
    """Change the row where it lies."""
    old, outcome = load(store, change.connection), commit(store, change)
    if old != Absent():
        object.__setattr__(old, "version", change.row.version)
        object.__setattr__(old, "written_at", change.row.written_at)
        object.__setattr__(old, "clear", change.row.clear)
    return outcome


def hoarding(store, change):
    """Forget no nonce."""
    nonces, outcome = store._kept.nonces, commit(store, change)
    show(store, nonces={**nonces, **store._kept.nonces})
    return outcome


def sweeping(store, change):
    """Forget the nonces of all others."""
    outcome = commit(store, change)
    show(store, nonces=dict.fromkeys(change.nonces, change.connection))
    return outcome


def jumbled(store, change):
    """Keep one journal for all."""
    outcome = commit(store, change)
    journals = store._kept.journals
    show(store, journals=dict.fromkeys(journals, journals[change.connection]))
    return outcome


def forgetting(store):
    """Lose everything."""
    MemoryStore.__init__(store)


def blinking(store):
    """Lose everything for a while."""
    kept = store._kept
    forgetting(store)
    pause()
    store._kept = kept


def renamed(fold):
    """Store every change under another name."""
    return lambda store, change: commit(store, attrs.evolve(change, connection=fold(change.connection)))


def with_row(**folds):
    """Show every row with other parts."""

    def shown(store, name):
        row = load(store, name)
        if row == Absent():
            return row
        return attrs.evolve(row, **{part: fold(getattr(row, part)) for part, fold in folds.items()})

    return shown


FAULTS = {
    "a_change_is_made_once": ("commit", again_and_again),
    "a_change_without_nonces_erases_them": ("commit", hoarding),
    "a_closed_store_opens_anew": ("close", forgetting),
    "a_commit_is_seen_by_everybody_at_once": ("opened", MemoryStore),
    "a_journal_belongs_to_its_connection": ("commit", jumbled),
    "a_row_is_loaded_as_it_was_committed": ("version", lambda store, name: int(load(store, name) != Absent())),
    "a_row_may_be_written_anew_without_a_record": (
        "commit",
        lambda store, change: commit(store, change) if change.records else Commit.CONFLICT,
    ),
    "a_stale_change_is_refused_and_changes_nothing": ("commit", rashly),
    "a_store_is_empty_while_nothing_is_sealed": ("is_empty", lambda store: not store._kept.rows),
    "a_thousand_records_come_at_once": (
        "records",
        lambda store, name, after=0, limit=10**9: records(store, name, after=after, limit=limit),
    ),
    "any_life_is_that_of_dictionaries": ("close", forgetting),
    "closing_disturbs_nobody_who_is_reading": ("close", blinking),
    "closing_one_object_closes_no_other": ("close", forgetting),
    "connections_are_sorted": ("connections", lambda store: tuple(sorted(store._kept.rows, key=str.casefold))),
    "fault_S13_no_update_is_lost": ("commit", hastily),
    "fault_S13_of_two_writers_one_wins": ("commit", hastily),
    "large_values_are_kept": ("load", with_row(sealed=lambda octets: octets[: 1024 * 1024])),
    "moments_stay_moments": ("load", with_row(due_at=lambda at: at.replace(microsecond=0))),
    "nothing_is_there_at_first": ("find", lambda store, nonce: store._kept.nonces.get(nonce, "")),
    "objects_over_one_storage_are_one_store": ("opened", MemoryStore),
    "octets_stay_octets": ("load", with_row(clear=memoryview)),
    "readers_never_see_half_a_commit": ("commit", piecemeal),
    "records_are_appended_in_order": ("records", lambda store, name: records(store, name)[::-1]),
    "records_are_kept_to_the_octet": (
        "records",
        lambda store, name: tuple(told.decode(errors="replace").encode() for told in records(store, name)),
    ),
    "records_can_be_read_in_pages": (
        "records",
        lambda store, name, after, limit: records(store, name, after=max(0, after - 1), limit=limit),
    ),
    "sec_68_a_name_finds_nothing_else": ("load", lambda store, name: load(store, name.casefold())),
    "sec_68_a_name_is_a_value": ("commit", renamed(lambda name: name[:200])),
    "sec_68_names_that_look_alike_are_different": ("commit", renamed(str.strip)),
    "several_nonces_lead_to_one_connection": (
        "commit",
        lambda store, change: commit(store, attrs.evolve(change, nonces=frozenset(sorted(change.nonces)[:1]))),
    ),
    "the_nonces_of_a_change_replace_those_before": ("commit", hoarding),
    "the_nonces_of_others_are_let_be": ("commit", sweeping),
    "the_rows_of_others_are_let_be": ("commit", jumbled),
    "what_is_not_there_has_version_zero": ("commit", blindly),
    "what_was_loaded_does_not_change": ("commit", in_place),
    "whoever_is_refused_decides_again": ("commit", once_refused),
    "writers_of_different_connections_all_win": ("commit", clumsily),
}
"""What is wrong with the store that a claim has to catch: another method, or other objects."""


def opener(method, fault):
    """Return what opens a store with this fault, over a storage of its own."""
    if method == "opened":
        return fault
    store = type("Broken", (MemoryStore,), {method: fault})()
    return lambda: store


def cases(claim):
    """Return all sets of parameters of a claim."""
    marks = [mark.args for mark in getattr(claim, "pytestmark", []) if mark.name == "parametrize"]
    return [dict(zip([name for name, _ in marks], values, strict=True)) for values in product(*[v for _, v in marks])]


def play(claim, opening):
    """Run a claim with all its parameters, each time over a storage of its own."""
    for case in cases(claim):
        opened = opening()
        given = case | {"opened": opened} if "opened" in signature(claim).parameters else case | {"store": opened()}
        claim(StoreContract(), **given)


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_catches_a_store_that_breaks_it(name):
    """Whoever breaks a promise does not pass the test that is about it."""
    method, fault = FAULTS[name.removeprefix("test_")]
    with pytest.raises(AssertionError):
        play(getattr(StoreContract, name), lambda: opener(method, fault))
