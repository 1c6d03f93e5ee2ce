"""A spill that writes into its place, and not beside it."""

from mailup_oauth.adapters.spill import folder


def keep(spill, connection, sealed):
    """Write over what was kept before."""
    spill._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder._write(spill._file(connection), sealed)


folder.FolderSpill.keep = keep
