"""An observer that has nothing to say."""

from ...ports import Notice


class SilentObserver:
    """The Observer port for programs that want no notices; the journal has them all."""

    def notice(self, notice: Notice) -> None:
        """Take no note."""
