"""Containment of the exact value in every enclosure, a million random arguments for each function, extremes included."""

import numpy as np
import pytest
from flint import arb, ctx
from numpy.testing import assert_array_equal

from pgb.landscape.boxes import lanes, twin
from pgb.landscape.boxes.evaluate import scratch
from pgb.landscape.boxes.tape import Code

MILLION = 1_000_000
EXACT = {
    "tanh": lambda u: u.tanh(),
    "dtanh": lambda u: 1 / u.cosh() ** 2,
    "sigmoid": lambda u: 1 / (1 + (-u).exp()),
    "dsigmoid": lambda u: 1 / (2 * (u / 2).cosh()) ** 2,
    "exp": lambda u: u.exp(),
    "log": lambda u: u.log(),
    "sqrt": lambda u: u.sqrt(),
    "recip": lambda u: 1 / u,
    "softplus": lambda u: u.exp().log1p(),
    "erf": lambda u: u.erf(),
    "atan": lambda u: u.atan(),
    "sin": lambda u: u.sin(),
    "cos": lambda u: u.cos(),
}
CODES = {
    "tanh": (Code.TANH, 1), "dtanh": (Code.TANH, 2), "sigmoid": (Code.SIGMOID, 1), "dsigmoid": (Code.SIGMOID, 2),
    "exp": (Code.EXP, 1), "log": (Code.LOG, 1), "sqrt": (Code.SQRT, 1), "recip": (Code.RECIP, 1),
    "softplus": (Code.SOFTPLUS, 1), "erf": (Code.ERF, 1), "atan": (Code.ATAN, 1), "sin": (Code.SIN, 1),
    "cos": (Code.COS, 1), "abs": (Code.ABS, 1), "sign": (Code.SIGN, 1), "step": (Code.STEP, 1), "relu": (Code.RELU, 1),
}  # fmt: skip
EXTREMES = np.array(
    [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        2.2250738585072014e-308,
        1e-300,
        -1e-300,
        1e-17,
        1e-8,
        0.5,
        1.0,
        -1.0,
        2.0,
        6.0,
        -6.0,
        0.25,
        0.75,
        1.25,
        np.pi,
        np.pi / 2,
        -np.pi / 4,
        18.0,
        37.0,
        350.0,
        350.5,
        700.0,
        -700.0,
        700.5,
        708.0,
        -708.0,
        -708.5,
        709.0,
        709.5,
        745.0,
        -745.2,
        -746.0,
        1e5,
        1.0000001e5,
        1e10,
        -1e10,
        1e100,
        1e149,
        -1e149,
        0.4142135623730951,
        0.7071067811865476,
        1.4142135623730951,
        5.75,
        5.750000001,
        0.34657359027997264,
        1e300,
        -1e300,
        1.7976931348623157e308,
    ]
)


def run_op(name, low, high):
    """Run one operation on N intervals, checked."""
    code, output = CODES[name]
    lo, hi, work, bits, scale = scratch(3, len(low))
    lo[0], hi[0] = low, high
    row = np.array([[int(code), 1, 0, 2, 0]], dtype=np.int32)
    lanes.run(row, np.zeros((1, 2)), 0, 1, lo, hi, work, bits, scale, len(low), True)
    return lo[output].copy(), hi[output].copy()


def arguments(name, count, seed):
    """Return doubles of every size: uniform, logarithmic down to subnormal and up to overflow, and the extremes."""
    rng = np.random.default_rng(seed)
    share = count // 4
    x = np.concatenate(
        [
            rng.uniform(-4, 4, share),
            rng.uniform(-40, 40, share),
            rng.uniform(-760, 760, share),
            rng.choice([-1, 1], share) * 10.0 ** rng.uniform(-323, 308, share),
            EXTREMES,
        ]
    )
    return np.abs(x) if name in ("log", "sqrt") else x


def exact_floats(name, x):
    f = EXACT[name]
    saved = ctx.prec
    ctx.prec = 80
    try:
        with np.errstate(all="ignore"):
            return np.array([float(f(v)) for v in map(arb, x.tolist())])
    finally:
        ctx.prec = saved


RANGES = {
    "tanh": (-1, 1), "dtanh": (0, 1), "sigmoid": (0, 1), "dsigmoid": (0, 0.25), "erf": (-1, 1), "exp": (0, np.inf),
    "softplus": (0, np.inf), "sin": (-1, 1), "cos": (-1, 1),
}  # fmt: skip


def holds_exactly(name, x, low, high):
    """Decide containment with 2,400 bits; an end that is the function's infimum or supremum needs no evaluation."""
    least, most = RANGES.get(name, (-np.inf, np.inf))
    saved = ctx.prec
    ctx.prec = 2400
    try:
        value = EXACT[name](arb(float(x)))
        return (low <= least or value >= arb(float(low))) and (high >= most or value <= arb(float(high)))
    finally:
        ctx.prec = saved


@pytest.mark.parametrize("name", sorted(EXACT))
def test_a_million_values_lie_in_their_enclosures(name):
    x = arguments(name, MILLION, seed=len(name))
    if name in ("sin", "cos"):  # beyond 1e5 only [-1, 1] is claimed
        x = np.where(np.abs(x) > 1e5, np.random.default_rng(5).uniform(-1e5, 1e5, len(x)), x)
        x[-1] = 1.5e5
    if name == "recip":
        x = x[x != 0]
    if name == "log":
        x = x[x > 0]
    low, high = run_op(name, x, x)
    assert not np.isnan(low).any()
    assert not np.isnan(high).any()
    value = exact_floats(name, x)
    with np.errstate(all="ignore"):
        clear = (low <= np.nextafter(value, -np.inf)) & (high >= np.nextafter(value, np.inf))
    if name in ("sin", "cos"):
        assert (low[-1], high[-1]) == (-1, 1)
    doubtful = np.flatnonzero(~clear)
    assert len(doubtful) < len(x) * 0.8
    rng = np.random.default_rng(1)
    for k in doubtful if len(doubtful) < 3000 else rng.choice(doubtful, 3000, replace=False):
        assert holds_exactly(name, x[k], low[k], high[k]), (name, x[k], low[k], high[k])


@pytest.mark.parametrize("name", sorted(EXACT))
def test_enclosures_are_narrow_in_the_ordinary_range(name):
    x = np.abs(np.random.default_rng(3).uniform(0.1, 5, 10_000))
    low, high = run_op(name, x, x)
    value = np.maximum(np.abs(low), np.abs(high))
    slack = 2.0**-44 if name in ("tanh", "erf", "sin", "cos") else 2.0**-46 * value
    assert (high - low <= slack).all()


@pytest.mark.parametrize("name", sorted(CODES))
def test_intervals_contain_the_values_of_inner_points(name):
    rng = np.random.default_rng(11)
    centre = rng.choice([-1, 1], 40_000) * 10.0 ** rng.uniform(-6, 3, 40_000)
    radius = 10.0 ** rng.uniform(-8, 2.5, 40_000)
    low, high = centre - radius, centre + radius
    if name in ("log", "sqrt", "recip"):
        low, high = np.abs(centre), np.abs(centre) + radius
    lo, hi = run_op(name, low, high)
    for part in (0.0, 0.31, 0.5, 0.77, 1.0):
        inner = np.clip(low + part * (high - low), low, high)
        a, b = run_op(name, inner, inner)
        assert (lo <= b).all()
        assert (hi >= a).all()


@pytest.mark.parametrize("name", sorted(CODES))
def test_numpy_says_the_same_bit_by_bit(name):
    rng = np.random.default_rng(2)
    centre = rng.choice([-1, 1], 50_000) * 10.0 ** rng.uniform(-20, 8, 50_000)
    radius = 10.0 ** rng.uniform(-25, 8, 50_000)
    low, high = np.append(centre - radius, EXTREMES), np.append(centre + radius, EXTREMES)
    mine = run_op(name, low, high)
    with np.errstate(all="ignore"):
        code, output = CODES[name]
        if code in (Code.TANH, Code.SIGMOID):
            theirs = (twin._tanh if code == Code.TANH else twin._sigmoid)(low, high)[output - 1]
        else:
            theirs = twin.UNARY[code](low, high)
        theirs = twin._bounded(theirs)
    assert_array_equal(mine[0], theirs[0])
    assert_array_equal(mine[1], theirs[1])


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("log", -1.0, 2.0), ("log", 0.0, 1.0), ("sqrt", -1e-300, 1.0), ("recip", -1.0, 1.0), ("recip", 0.0, 1.0), ("exp", 0.0, 720.0)],
)  # fmt: skip
def test_outside_the_domain_nothing_is_known(name, low, high):
    lo, hi = run_op(name, np.array([low]), np.array([high]))
    assert lo[0] == -np.inf
    assert hi[0] == np.inf


@pytest.mark.parametrize("name", sorted(CODES))
def test_the_whole_line_is_accepted_and_never_gives_nan(name):
    lo, hi = run_op(name, np.array([-np.inf]), np.array([np.inf]))
    assert lo[0] <= hi[0]
    bounded = {
        "tanh": (-1, 1),
        "dtanh": (0, 1),
        "sigmoid": (0, 1),
        "dsigmoid": (0, 0.25),
        "sin": (-1, 1),
        "step": (0, 1),
    }
    if name in bounded:
        assert (lo[0], hi[0]) == bounded[name]
