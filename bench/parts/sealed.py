"""Sealing, proving, and the window in which tokens are not yet durable."""

import tempfile
from pathlib import Path

import timing
from cases import sealing, window
from report import Row, Section, row


def sealed(rounds: int) -> list[Section]:
    """What sealing and proving cost."""
    with tempfile.TemporaryDirectory() as folder:
        proofs, records = sealing.proving(Path(folder))
        found = timing.best(
            {"ours": sealing.sealing(), "Fernet": sealing.of_fernet(), "AES-256-GCM": sealing.of_aes_gcm()},
            number=200,
            rounds=rounds,
        )
        spent = timing.best(proofs, number=1, rounds=rounds)
    rates = {name: records / took * 1e6 for name, took in spent.items()}
    rows = (
        row("mailup_oauth, seal and unseal 900 bytes", found["ours"], "us", at_most=30, goal="below 30 us"),
        row("Fernet, the same", found["Fernet"], "us"),
        row("AES-256-GCM, the same", found["AES-256-GCM"], "us"),
        Row(
            what="verify the chain",
            value=rates["chain"],
            unit="records/s",
            goal="at least 100,000",
            met=rates["chain"] >= 100_000,
        ),
        Row(what="verify the chain and replay it", value=rates["chain and replay"], unit="records/s"),
    )
    return [Section(title="Sealing and proving", rows=rows, picture=False)]


def exposed(_: int) -> list[Section]:
    """For how long received tokens are not yet durable."""
    with tempfile.TemporaryDirectory() as folder:
        whole, commits = window.windows(Path(folder))
    middle, late = window.middle_and_late(whole)
    writing, _ = window.middle_and_late(commits)
    rows = (
        row("from the answer's last octet to the end of the commit", middle, "ms", note=f"99 of 100: {late:.2f} ms"),
        row("of which the commit, with fsync", writing, "ms"),
        row("and all else", middle - writing, "ms", at_most=1, goal="below 1 ms"),
    )
    remark = "Tokens are in memory only. What a kill in this window means: docs/what-can-still-go-wrong.md."
    return [Section(title="The window", rows=rows, picture=False, remark=remark)]
