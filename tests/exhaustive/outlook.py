"""Whether everything that can go on without a fault comes to an end, whoever moves first."""

from array import array
from collections import deque

_NO_WAY = 0xFFFFFFFF


def outlook(count, sources, targets):
    """
    Return how many places may be left for ever without an end, and the longest way to an end.

    Ends are taken off first, then what leads only to what was taken off, and so on.  What is left leads to a circle.  With
    no circle and no dead end, fairness is not even needed: every way is finite, and each of them ends well.

    Places are numbered from 0 to *count*; way by way, *sources* and *targets* say where it begins and where it leads.
    """
    open_ways, lengths = array("I", bytes(4 * count)), array("I", bytes(4 * count))
    last, before = array("I", [_NO_WAY]) * count, array("I", [_NO_WAY]) * len(sources)
    for way, (source, target) in enumerate(zip(sources, targets, strict=True)):
        open_ways[source] += 1
        before[way], last[target] = last[target], way
    ready = deque(place for place in range(count) if not open_ways[place])
    circling = count
    while ready:
        place = ready.popleft()
        circling -= 1
        way = last[place]
        while way != _NO_WAY:
            source = sources[way]
            lengths[source] = max(lengths[source], lengths[place] + 1)
            open_ways[source] -= 1
            if not open_ways[source]:
                ready.append(source)
            way = before[way]
    return circling, max(lengths, default=0)
