"""What reading from the X API may cost, for one account or for all that share it."""

import math
import threading
from dataclasses import dataclass

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


@dataclass
class Purchase:
    """What one fetch has bought, from a budget that others may share."""

    budget: Budget
    tweets: int = 0
    cost: float = 0.0
    aside: float = 0.0

    def set_aside(self, price: float, most: int, fewest: int) -> int:
        """How many things at a price can be paid for, set aside already or from now on; 0 for too few."""
        have = math.floor(self.aside / price + 1e-6)
        if have < most:
            got = self.budget.reserve(price, most - have, max(1, fewest - have))
            self.aside += got * price
            have += got
        return min(most, have) if have >= fewest else 0

    def pay(self, cost: float, tweets: int = 0) -> None:
        """Take the price of what came from what was set aside."""
        self.budget.settle(min(cost, self.aside), cost, tweets)
        self.aside = max(0.0, self.aside - cost)
        self.cost += cost
        self.tweets += tweets

    def close(self) -> None:
        """Give back what was set aside and not spent."""
        self.budget.settle(self.aside, 0.0)
        self.aside = 0.0
