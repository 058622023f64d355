"""Tapes compute the gradient, Jacobian and value of the loss that they are written for: exact comparison with sympy."""

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy
from polynomial_cases import random_network

from pgb.errors import InputError
from pgb.landscape.polynomial.family import Family
from pgb.landscape.polynomial.formula import FormulaNetwork, pose_formula
from pgb.landscape.polynomial.general import pose_polynomial, sign_flips
from pgb.landscape.polynomial.network import LinearNetwork
from pgb.landscape.polynomial.solve import Posed, pose_network
from pgb.landscape.polynomial.tape import Builder, Op, Tape

rational = lambda v: sympy.Rational(v.numerator, v.denominator)


def quadratic_network(seed: int = 0, samples: int = 4) -> FormulaNetwork:
    rng = random.Random(seed)
    v, a, b, x1, x2 = sympy.symbols("v a b x1 x2")
    draw = lambda n: tuple(Fraction(rng.randint(-20, 20), 8) for _ in range(n))
    ridge = tuple(Fraction(rng.randint(1, 30), 32) for _ in range(3))
    return FormulaNetwork(
        (v * (a * x1 + b * x2) ** 2,), (x1, x2), (v, a, b), (draw(samples), draw(samples)), (draw(samples),), ridge
    )


NETWORKS = [((2, 2, 2), 3), ((3, 2, 1), 2), ((2, 1, 2, 2), 2), ((2, 1, 1, 1, 2), 1), ((4, 1, 2), 2)]


def agrees(posed: Posed, loss: sympy.Expr, symbols: list[sympy.Symbol]) -> None:
    """Gradient, Hessian and value at random rational points, exactly."""
    rng = random.Random(1)
    n = len(symbols)
    gradient = [sympy.diff(loss, s) for s in symbols]
    hessian = [sympy.diff(g, s) for j, s in enumerate(symbols) for g in gradient[: j + 1]]
    for _ in range(3):
        theta = [Fraction(rng.randint(-9, 9), rng.randint(1, 5)) for _ in range(n)]
        at = dict(zip(symbols, map(rational, theta), strict=True))
        out = posed.system.family.full.run_exact(theta, posed.parameters)
        assert [rational(posed.factor * v) for v in out] == [e.subs(at) for e in [*gradient, *hessian]]
        assert [rational(posed.factor * v) for v in posed.system.family.series.run_exact(theta, posed.parameters)] == [
            g.subs(at) for g in gradient
        ]
        value = posed.system.family.value.run_exact(theta, posed.parameters)[0]
        assert rational(posed.factor * value + posed.offset) == loss.subs(at)


@pytest.mark.parametrize(("d", "m"), NETWORKS)
def test_a_linear_networks_program_is_its_gradient(d: tuple[int, ...], m: int) -> None:
    network = random_network(d, m, seed=m)
    agrees(pose_network(network), network.loss(), network.symbols())


@pytest.mark.parametrize("samples", [1, 2, 4])  # few samples: inputs are the parameters; many: moments are
def test_a_formula_networks_program_is_its_gradient(samples: int) -> None:
    network = quadratic_network(samples=samples)
    agrees(pose_formula(network), network.loss(), list(network.parameters))


def test_a_polynomials_program_is_its_gradient() -> None:
    x, y, z = sympy.symbols("x y z")
    loss = (x * y - 2 * z**2) ** 2 + (x - y**3 / 7) ** 2 + sympy.Rational(3, 5) * z - 4
    agrees(pose_polynomial(loss, [x, y, z]), sympy.expand(loss), [x, y, z])


def test_the_rank_deficient_member_is_the_same_loss() -> None:
    """Three samples in a plane of R^3: the family uses rank 2, the loss stays what it was."""
    X = ((1, 2, 3), (2, 1, 0), (3, 3, 3))
    network = LinearNetwork((3, 1, 2), X, ((1, 0, 2), (0, 5, 1)), tuple(Fraction(1, k + 2) for k in range(5)))
    assert network.rank() == 2
    agrees(pose_network(network), network.loss(), network.symbols())


def test_lambda_convention() -> None:
    """1/2 |w2 w1 x - y|^2 + 1/2 (l1^2 w1^2 + l2^2 w2^2)."""
    network = LinearNetwork.from_lambda((1, 1, 1), [["-1"]], [["-7/8"]], [[["23/32"]], [["7/32"]]])
    a, b = network.symbols()
    want = (
        (-a * b + sympy.Rational(7, 8)) ** 2 / 2
        + sympy.Rational(23, 32) ** 2 * a**2 / 2
        + sympy.Rational(7, 32) ** 2 * b**2 / 2
    )
    assert sympy.expand(network.loss() - want) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"X": ((0.5,),)}, "data.x"),
        ({"Y": ((1,), (2,))}, "data"),
        ({"ridge": (1,)}, "ridge"),
        ({"widths": (1, 1)}, "network.layers"),
        ({"scale": Fraction(0)}, "loss.scale"),
        ({"names": ("a", "a")}, "network.parameters"),
    ],
)
def test_bad_networks_are_refused(change: dict[str, object], field: str) -> None:
    good: dict[str, object] = {"widths": (1, 1, 1), "X": ((1,),), "Y": ((2,),), "ridge": (1, 1)}
    LinearNetwork(**good)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=field):
        LinearNetwork(**{**good, **change})  # type: ignore[arg-type]


def test_sharing_registers_changes_nothing() -> None:
    b = Builder(2, 1)
    x, y, p = 0, 1, 2
    s = b.mul(b.add(x, y), b.sub(x, y))
    out = [b.add(b.mul(s, s), b.mul(p, x)), b.sub(b.mul(x, y), b.mul(s, p)), s, x]
    tight, wide = b.tape(out, reuse=True), b.tape(out, reuse=False)
    assert tight.registers < wide.registers
    values = [Fraction(3, 7), Fraction(-2, 5)]
    want_s = values[0] ** 2 - values[1] ** 2
    want = [want_s**2 + 5 * values[0], values[0] * values[1] - 5 * want_s, want_s, values[0]]
    assert tight.run_exact(values, [Fraction(5)]) == wide.run_exact(values, [Fraction(5)]) == want
    assert len(np.unique(wide.code[:, 4])) == len(wide.code)


def test_each_instruction_means_what_it_says() -> None:
    for op, want in [(Op.ADD, 5), (Op.SUB, -1), (Op.MUL, 6), (Op.FMA, 17), (Op.FMS, 5)]:
        code = np.array([[op, 0, 1, 2, 3]], np.int32)
        tape = Tape(2, 1, (), code, 4, np.array([3], np.int32))
        assert tape.run_exact([Fraction(2), Fraction(3)], [Fraction(11)]) == [want]


def test_sign_flips_are_exactly_the_sign_symmetries() -> None:
    x, y, z, w = sympy.symbols("x y z w")
    loss = sympy.Poly(x**2 * y * z + y**2 + z**2 + x**4 + w * y * z, x, y, z, w)
    E = np.array(loss.monoms())
    flips = sign_flips(E)
    group = {tuple(np.bitwise_xor.reduce(np.array(c), axis=0)) if c else (False,) * 4 for c in subsets(flips.tolist())}
    brute = {s for s in np.ndindex(2, 2, 2, 2) if not (E @ np.array(s) % 2).any()}
    assert {tuple(map(int, g)) for g in group} == brute
    assert len(group) == 2 ** len(flips)


def subsets(rows: list[list[bool]]) -> list[list[list[bool]]]:
    out: list[list[list[bool]]] = [[]]
    for r in rows:
        out += [[*s, r] for s in out]
    return out


def test_non_polynomials_are_refused() -> None:
    x = sympy.Symbol("x")
    for loss in (sympy.exp(x), 1 / x, sympy.sqrt(2) * x, sympy.Abs(x), x * sympy.Symbol("k"), 0.5 * sympy.sin(x)):
        with pytest.raises(InputError, match="loss"):
            pose_polynomial(loss, [x])
    with pytest.raises(InputError, match="constant"):
        pose_polynomial(sympy.Integer(3), [x])


def test_family_keys_tell_programs_apart() -> None:
    families: list[Family] = [pose_network(random_network(d, m, 0)).system.family for d, m in NETWORKS]
    assert len({f.key for f in families}) == len(families)
    assert pose_network(random_network((2, 2, 2), 3, 7)).system.family.key == families[0].key
