"""What reading from the X API may cost, for one account or for all that share it."""

import math
import threading

_ROUNDING = 1e-6  # a price is no exact binary number


class Budget:
    """US dollars that may be spent. Several threads may draw on it at once.

    Args:
        limit: US dollars, at most.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.spent = 0.0
        self.tweets = 0
        self._reserved = 0.0
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """US dollars that are neither spent nor set aside."""
        return max(0.0, self.limit - self.spent - self._reserved)

    def reserve(self, price: float, most: int, fewest: int = 1) -> int:
        """Set money aside for things at a price each, as many as there is money for.

        Returns:
            How many: `most` or less; 0 where the money does not do for `fewest`.
        """
        with self._lock:
            number = min(most, math.floor(self.left / price + _ROUNDING))
            if number < fewest:
                return 0
            self._reserved += number * price
            return number

    def settle(self, reserved: float, spent: float, tweets: int = 0) -> None:
        """What was set aside has been spent, or a part of it; the rest is there again."""
        with self._lock:
            self._reserved = max(0.0, self._reserved - reserved)
            self.spent += spent
            self.tweets += tweets
