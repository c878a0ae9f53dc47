"""How often a token may ask: a bucket that fills steadily, per process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

PER_MINUTE = 600
BURST = 200
MOST_KNOWN = 10_000  # tokens; the whole is forgotten rather than grow without end


@dataclass
class Limits:
    """What is left to each caller."""

    per_minute: int = PER_MINUTE
    burst: int = BURST
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_seconds(self, caller: str) -> float:
        """Take one request from a caller's bucket; return 0, or how long she must wait when it is empty."""
        if len(self._left) > MOST_KNOWN:
            self._left.clear()
        at, rate = self.clock(), self.per_minute / 60
        left, since = self._left.get(caller, (float(self.burst), at))
        left = min(float(self.burst), left + (at - since) * rate)
        if left < 1:
            self._left[caller] = (left, at)
            return (1 - left) / rate
        self._left[caller] = (left - 1, at)
        return 0.0
