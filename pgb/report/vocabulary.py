"""The defined objects that printed statements name: L, Lt, L*, local minima, partial derivatives, norms. Untrusted.

The terms come from the definitions of the proof library itself; only the written forms are chosen here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pgb import library
from pgb.kernel import INV, REAL, eq, fun
from pgb.report.folding import Definition

RELATION, SUM, PRODUCT, POWER, ATOM = range(4, 9)


@cache
def definitions() -> tuple[Definition, ...]:
    """Return all definitions that are folded, the larger ones first."""
    s = library.statements()
    pgb = (d for frame in library.frames() for d in _pgb(frame))
    one_output = _one_output(s, library.load_proof("one_neuron"))
    return (*_minima(s), *one_output, *pgb, *_relations(s), *_slopes(s), *_values(s), *_small(s))


def _minima(s: Any) -> tuple[Definition, ...]:
    point, standard = (s.THETA, s.VECTOR, s.VECTOR, s.MATRIX), s.STANDARD
    at = "({0}, {1}, {2}, {3})"
    return (
        Definition(
            "local_minimum", point, standard.local_minimum,
            at + " is a local minimum of L̃", at + r" \text{{ is a local minimum of }} \tilde L", RELATION,
        ),
        Definition(
            "local_minimum_fixed", point, standard.local_minimum_fixed,
            "({1}, {2}, {3}) is a local minimum of L̃({0}, ·)",
            r"({1}, {2}, {3}) \text{{ is a local minimum of }} \tilde L({0}, \cdot)", RELATION,
        ),
        Definition(
            "global_minimum", point, standard.global_minimum,
            at + " is a global minimum of L̃", at + r" \text{{ is a global minimum of }} \tilde L", RELATION,
        ),
        Definition("optimal", (s.THETA,), s.optimal, "L({0}) = L*", "L({0}) = L^*", RELATION),
    )  # fmt: skip


def _one_output(s: Any, one: Any) -> tuple[Definition, ...]:
    """Return what is said of a network with one output and one added neuron."""
    point, standard = (s.THETA, REAL, REAL, s.POINT), s.STANDARD
    return (
        Definition(
            "one_minimum", point, lambda *at: one.local_minimum(standard, *at),
            "({1}, {2}, {3}) is a local minimum of L̃₁({0}, ·)",
            r"({1}, {2}, {3}) \text{{ is a local minimum of }} \tilde L_1({0}, \cdot)", RELATION,
        ),
        Definition("one_augmented", point, lambda *at: one.augmented(standard, *at),
                   "L̃₁({0}, {1}, {2}, {3})", r"\tilde L_1({0}, {1}, {2}, {3})", ATOM),
        Definition("one_original", (s.THETA,), one.original, "L₁({0})", "L_1({0})", ATOM),
        Definition("one_model", ((s.POINT, REAL),), one.of_model, "L₁[{0}]", "L_1[{0}]", ATOM),
    )  # fmt: skip


def _relations(s: Any) -> tuple[Definition, ...]:
    def close(type_: Any, build: Any) -> Definition:
        return Definition(
            f"close_{len(str(type_))}", (type_, type_, REAL), build,
            "|{1} − {0}| < {2}", r"\|{1} - {0}\|_\infty < {2}", RELATION, explained=False,
        )  # fmt: skip

    def same(type_: Any) -> Definition:
        def build(u: Any, v: Any) -> Any:
            return s.every(type_[0], lambda c: eq(u(c), v(c)))

        return Definition(
            f"same_{type_[0]}",
            (type_, type_),
            build,
            "{0} = {1}",
            "{0} = {1}",
            RELATION,
            explained=False,
            only_named=True,
        )

    return (
        Definition("zero", (s.VECTOR,), s.all_zero, "{0} = 0", "{0} = 0", RELATION, explained=False, only_named=True),
        close(s.VECTOR, s.close_vector),
        close(s.THETA, lambda u, v, r: s.close_vector(u, v, r, s.PARAM)),
        close(s.POINT, lambda u, v, r: s.close_vector(u, v, r, s.INPUT)),
        close(s.MATRIX, s.close_matrix),
        close(
            fun(s.INPUT, "pert", REAL),
            lambda u, v, r: s.every(s.INPUT, lambda m: s.every("pert", lambda n: s.within(v(m, n) - u(m, n), r))),
        ),
        same(s.POINT),
        same(s.VECTOR),
    )


def _slopes(s: Any) -> tuple[Definition, ...]:
    slots = (s.THETA, s.VECTOR, s.VECTOR, s.MATRIX, s.OUTPUT, REAL)
    value = s.STANDARD.augmented
    forms = (
        ("slope_in_a", slots, lambda th, a, b, W, k, d: s.partial(lambda t: value(th, s.bump(a, k, t), b, W), s.O, d),
         "∂L̃/∂a_{4} ({0}, {1}, {2}, {3}) = {5}", r"\frac{{\partial \tilde L}}{{\partial a_{{{4}}}}}({0}, {1}, {2}, {3}) = {5}"),
        ("slope_in_b", slots, lambda th, a, b, W, k, d: s.partial(lambda t: value(th, a, s.bump(b, k, t), W), s.O, d),
         "∂L̃/∂b_{4} ({0}, {1}, {2}, {3}) = {5}", r"\frac{{\partial \tilde L}}{{\partial b_{{{4}}}}}({0}, {1}, {2}, {3}) = {5}"),
        ("slope_at_zero", (s.THETA, s.VECTOR, s.MATRIX, s.OUTPUT, REAL),
         lambda th, b, W, k, d: s.partial(lambda t: value(th, s.axis(k, t), b, W), s.O, d),
         "∂L̃/∂a_{3} ({0}, 0, {1}, {2}) = {4}", r"\frac{{\partial \tilde L}}{{\partial a_{{{3}}}}}({0}, 0, {1}, {2}) = {4}"),
    )  # fmt: skip
    return tuple(
        Definition(key, slot, build, text, tex, RELATION, explained=False) for key, slot, build, text, tex in forms
    )


def _values(s: Any) -> tuple[Definition, ...]:
    point = (s.THETA, s.VECTOR, s.VECTOR, s.MATRIX)
    return (
        Definition("augmented", point, s.STANDARD.augmented,
                   "L̃({0}, {1}, {2}, {3})", r"\tilde L({0}, {1}, {2}, {3})", ATOM),
        Definition("data_term", point, s.STANDARD.data_term, "D({0}, {1}, {2}, {3})", "D({0}, {1}, {2}, {3})", ATOM),
        Definition("original", (s.THETA,), s.original, "L({0})", "L({0})", ATOM),
        Definition("empirical", (s.MODEL,), lambda q: s.empirical(s.as_model(q)), "L[{0}]", "L[{0}]", ATOM),
    )  # fmt: skip


def _small(s: Any) -> tuple[Definition, ...]:
    def norm(type_: Any) -> Definition:
        def build(v: Any) -> Any:
            return s.total_over(type_[0], lambda c: v(c) * v(c))

        return Definition(
            f"norm_{type_[0]}", (type_,), build, "|{0}|²", r"|{0}|^2", POWER, explained=False, only_named=True
        )

    def moved(type_: Any) -> Definition:
        return Definition(
            f"moved_{type_[0]}", (type_, type_[0], REAL), s.bump, "({0} + {2} e_{1})", r"({0} + {2} e_{{{1}}})", ATOM,
            explained=False, only_named=True,
        )  # fmt: skip

    return (
        moved(s.VECTOR),
        moved(s.THETA),
        norm(s.VECTOR),
        norm(s.THETA),
        Definition("dot", (s.POINT, s.POINT), s.dot, "{0} · {1}", r"{0} \cdot {1}", PRODUCT, explained=False),
        Definition("one_over_m", (), lambda: INV(s.SAMPLES), "(1/m)", r"\frac{{1}}{{m}}", ATOM, explained=False),
        Definition("m", (), lambda: s.SAMPLES, "m", "m", ATOM, explained=False),
    )


def _pgb(frame: Any) -> tuple[Definition, ...]:
    """Return what the PGB condition speaks of, for one shape of z."""
    types, blocks = frame.space.types, len(frame.space.blocks)
    families = tuple(fun("pert", *block, REAL) for block in frame.space.blocks)
    z_names = ("z",) if blocks == 1 else ("a", "b", "W")

    def slots(first: int, count: int = blocks) -> str:
        """Return the parameters of a point as they are written: ``{0}`` or ``({0}, {1}, {2})``."""
        inside = ", ".join(f"{{{n}}}" for n in range(first, first + count))
        return inside if count == 1 else f"({inside})"

    def cut(values: tuple[Any, ...], *sizes: int) -> list[Any]:
        """Split the parameters into points of `blocks` coordinates and single terms."""
        out, at = [], 0
        for size in sizes:
            out.append(values[at] if size == 0 else values[at : at + size])
            at += max(size, 1)
        return out

    z, n = slots(0), blocks
    letters_h, letters_v = tuple(f"h{m or ''}" for m in range(n)), tuple(f"v{m or ''}" for m in range(n))
    forms: tuple[tuple[str, tuple[Any, ...], tuple[str, ...], Any, str, int], ...] = (
        ("local_minimum", types, z_names, lambda *v: frame.local_minimum(v), f"{z} is a local minimum of Q", RELATION),
        ("near", types, z_names, lambda *v: frame.differentiable_near(v),
         f"φ and ϱ have partial derivatives ∂φ, ∂ϱ near {z}", RELATION),
        ("basis", (*types, *types, REAL), (*z_names, *letters_h, "r"),
         lambda *v: frame.basis(*cut(v, n, n, 0)), f"{slots(n)} and {{{2 * n}}} are a gradient basis at {z}", RELATION),
        ("admissible", (*types, REAL, *types), (*z_names, "eps", *letters_v),
         lambda *v: frame.admissible(*cut(v, n, 0, n)), f"{slots(n + 1)} ∈ V[{z}, {{{n}}}]", RELATION),
        ("induced", (*types, REAL, REAL, *families, *families),
         (*z_names, "eps", "r", *letters_v, *(f"alpha{m or ''}" for m in range(n))),
         lambda *v: frame.induced(*cut(v, n, 0, 0, n, n)),
         f"Q[{slots(n + 2)}; {slots(2 * n + 2)}]({z}, {{{n}}}, {{{n + 1}}})", ATOM),
        ("value", types, z_names, lambda *v: frame.value(v), f"Q({', '.join(f'{{{m}}}' for m in range(n))})", ATOM),
    )  # fmt: skip
    return tuple(
        Definition(
            f"pgb_{key}_{n}",
            slot,
            build,
            text,
            _in_latex(text),
            level,
            explained=blocks == 1,
            letters=letters,
        )
        for key, slot, letters, build, text, level in forms
    )


def _in_latex(text: str) -> str:
    """Return a written form with its words as LaTeX text and its signs as LaTeX commands."""
    worded = re.sub(r"[a-z]{2,}(?: [a-z]+)*", lambda words: rf"\text{{{{ {words[0]} }}}}", text)
    for sign, code in (("∂", r"\partial "), ("φ", r"\varphi"), ("ϱ", r"\varrho"), ("∈", r"\in")):
        worded = worded.replace(sign, code)
    return worded
