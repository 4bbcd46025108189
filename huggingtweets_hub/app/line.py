"""Turns in the order of asking: what is too much for a machine at once is done one after the other."""

import threading
from collections.abc import Callable


class Line:
    """Those who wait, and before them those whose turn it is.

    Args:
        at_once: How many have their turn at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._turns: list[Turn] = []
        self._moved = threading.Condition()

    def join(self) -> "Turn":
        """A place at the end."""
        with self._moved:
            turn = Turn(self)
            self._turns.append(turn)
            return turn

    def wait(self, turn: "Turn", told: Callable[[int], None]) -> bool:
        """What `Turn.comes` does."""
        before: int | None = None
        while True:
            with self._moved:
                if turn not in self._turns:
                    return False
                ahead = max(0, self._turns.index(turn) + 1 - self._at_once)
                if ahead == before:
                    self._moved.wait()
                    continue
            if not ahead:
                return True
            told(ahead)  # without the lock: who is told may have one of their own
            before = ahead

    def leave(self, turn: "Turn") -> None:
        """What `Turn.leave` does."""
        with self._moved:
            if turn in self._turns:
                self._turns.remove(turn)
                self._moved.notify_all()


class Turn:
    """A place in a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def comes(self, told: Callable[[int], None]) -> bool:
        """Wait until it is this one's turn; False if the place was left meanwhile.

        Args:
            told: Is given how many others have to end first, whenever that has changed.
        """
        return self._line.wait(self, told)

    def leave(self) -> None:
        """Make room for the next; again, it changes nothing."""
        self._line.leave(self)
