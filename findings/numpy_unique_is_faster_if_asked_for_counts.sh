#!/usr/bin/env bash
# numpy 2.2.6 and 2.4.6; 30 November 2026, Python 3.11 on Linux, an AMD EPYC with AVX2.
#
# Since 2.3, `np.unique` finds the different values of integers with a hash table instead of sorting them, which the
# release notes announce as faster. Asked for counts, too, it sorts as before. A good guess would be that the plain call
# is at least as fast as the one that has more to do.
#
# Seen: 1.5 million integers of which nearly all differ, such as ids, take 1.5 s, and 0.03 s with `return_counts=True`;
# it makes no difference whether they are ascending already. Only where few values differ are the two alike. Of floats
# both take 0.03 s, and of integers so does 2.2.6. The values are the same each time. Output:
#   2.2.6, ids: plain takes less than 3 times as long as with counts
#   2.2.6, floats: plain takes less than 3 times as long as with counts
#   2.4.6, ids: plain takes more than 10 times as long as with counts
#   2.4.6, floats: plain takes less than 3 times as long as with counts
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/ask.py" <<'PYTHON'
import time
import numpy as np

chance = np.random.default_rng(1)
for name, values in {"ids": chance.integers(0, 2**62, 1_500_000), "floats": chance.random(1_500_000)}.items():
    asked = {"plain": lambda: np.unique(values), "counts": lambda: np.unique(values, return_counts=True)[0]}
    assert (asked["plain"]() == asked["counts"]()).all()
    least = {}
    for way, ask in asked.items():
        seconds = []
        for _ in range(5):
            began = time.process_time()
            ask()
            seconds.append(time.process_time() - began)
        least[way] = min(seconds)
    ratio = least["plain"] / least["counts"]
    said = "more than 10" if ratio > 10 else "less than 3" if ratio < 3 else f"{ratio:.0f}"
    print(f"{np.__version__}, {name}: plain takes {said} times as long as with counts")
PYTHON

found=$(for version in 2.2.6 2.4.6; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/python" -m pip install -q "numpy==$version"
    "$work/$version/bin/python" "$work/ask.py"
done)
echo "$found"
expected="2.2.6, ids: plain takes less than 3 times as long as with counts
2.2.6, floats: plain takes less than 3 times as long as with counts
2.4.6, ids: plain takes more than 10 times as long as with counts
2.4.6, floats: plain takes less than 3 times as long as with counts"
[ "$found" = "$expected" ]
