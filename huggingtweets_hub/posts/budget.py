"""The budget for reading from the X API, for one account or shared by several."""

import math
import threading
from dataclasses import dataclass

_ROUNDING = 1e-6  # a price has no exact binary representation


class Budget:
    """US dollars that may be spent. Several threads can use it at once.

    Args:
        limit: The maximum, in US dollars.
        whole: What several share; `limit`, `left` and what is reserved are then those of all, `spent` and
            `tweets` those of one.
    """

    def __init__(self, limit: float, *, whole: "Budget | None" = None) -> None:
        self.limit = limit
        self._whole = whole
        self.spent = 0.0
        self.tweets = 0
        self._reserved = 0.0
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """US dollars that are neither spent nor reserved."""
        if self._whole is not None:
            return self._whole.left
        return max(0.0, self.limit - self.spent - self._reserved)

    def part(self) -> "Budget":
        """This budget for one of several that share it, which tells what that one has spent."""
        return Budget(self.limit, whole=self)

    def reserve(self, price: float, most: int, fewest: int = 1) -> int:
        """Reserve money for items at a price each, for as many as there is money for.

        Returns:
            How many: up to `most`; 0 if the money is not enough for `fewest`.
        """
        if self._whole is not None:
            return self._whole.reserve(price, most, fewest)
        with self._lock:
            number = min(most, math.floor(self.left / price + _ROUNDING))
            if number < fewest:
                return 0
            self._reserved += number * price
            return number

    def settle(self, reserved: float, spent: float, tweets: int = 0) -> None:
        """Record what was spent of a reserved amount; the rest is available again."""
        if self._whole is not None:
            self._whole.settle(reserved, spent, tweets)
        with self._lock:
            self._reserved = max(0.0, self._reserved - reserved)
            self.spent += spent
            self.tweets += tweets


@dataclass
class Purchase:
    """What one fetch has bought, from a budget that may be shared."""

    budget: Budget
    tweets: int = 0
    cost: float = 0.0
    aside: float = 0.0

    def set_aside(self, price: float, most: int, fewest: int) -> int:
        """How many items at a price can be paid for, from money reserved before or now; 0 if too few."""
        have = math.floor(self.aside / price + 1e-6)
        if have < most:
            got = self.budget.reserve(price, most - have, max(1, fewest - have))
            self.aside += got * price
            have += got
        return min(most, have) if have >= fewest else 0

    def pay(self, cost: float, tweets: int = 0) -> None:
        """Pay for what was received from the reserved money."""
        self.budget.settle(min(cost, self.aside), cost, tweets)
        self.aside = max(0.0, self.aside - cost)
        self.cost += cost
        self.tweets += tweets

    def close(self) -> None:
        """Give back what was reserved but not spent."""
        self.budget.settle(self.aside, 0.0)
        self.aside = 0.0
