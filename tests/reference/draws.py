"""Random numbers of the reference model: the published SplitMix64 on plain integers, and the normal quantile."""

from statistics import NormalDist

WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15
SPAN, KENOGEN, INITIAL_PHASE, INITIAL_AGE, PULSE, PULSE_DELAY = range(6)
PURPOSES = 16
CELLS = 4096
TAIL = 32


def mix(x: int) -> int:
    """SplitMix64's output function."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % WORD
    return x ^ (x >> 31)


def follicle_key(seed: int, person: int, follicle: int) -> int:
    key = mix((seed + GOLDEN) % WORD)
    key = mix(key ^ ((person * GOLDEN + 1) % WORD))
    return mix(key ^ ((follicle * GOLDEN + 1) % WORD))


def uniform(key: int, purpose: int, event: int) -> float:
    """The number `event * PURPOSES + purpose + 1` of the SplitMix64 sequence seeded with the key, in (0, 1)."""
    step = event * PURPOSES + purpose + 1
    bits = mix((key + step * GOLDEN) % WORD) >> 12
    return (2 * bits + 1) / 2**53


def normal_quantile(u: float) -> float:
    """Straight lines between exact values at every 1/4096; exact in the outer 32 of them on either side."""
    cell = int(u * CELLS)
    if cell < TAIL or cell >= CELLS - TAIL:
        return NormalDist().inv_cdf(u)
    low, high = NormalDist().inv_cdf(cell / CELLS), NormalDist().inv_cdf((cell + 1) / CELLS)
    return low + (u * CELLS - cell) * (high - low)
