"""How a proof script runs: its steps are recorded, its outcome is compared with the claim and the declared hypotheses.

Untrusted but simple: a theorem comes from the kernel alone; this module only checks that its conclusion is the stated claim and
that its undischarged hypotheses are the declared ones, and it reads the recorded derivation to say which step used what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from pgb.errors import PgbError
from pgb.kernel import BOOL, Refused, Term, Theorem, assume, check, convert, discharge, generalise, var


class ProofRefused(PgbError):
    """A proof does not go through: where, by which rule, and why.

    Attributes
    ----------
    theorem
        The theorem whose script was refused (a lemma of the one asked for, possibly).
    step
        The sentence of the step that failed.
    rule
        The kernel rule, or the helper, that refused.
    reason
        Why, in the words of the rule.
    """

    def __init__(self, theorem: str, step: str, rule: str, reason: str) -> None:
        self.theorem = theorem
        self.step = step
        self.rule = rule
        self.reason = reason
        super().__init__(f"{theorem}: step {step!r} is refused by {rule}: {reason}")


@dataclass(frozen=True, slots=True)
class Milestone:
    """One readable step of a derivation.

    Attributes
    ----------
    number
        Its place, from 1.
    label
        The sentence of the proof.
    theorem
        What the kernel holds there: for an assumption, ``p |- p``.
    assumption
        Whether this step only introduces an assumption.
    lemma
        The name of the library's theorem that this step quotes, or None.
    rules
        How often each kernel rule was applied since the last step, most often first.
    hypotheses
        The declared hypotheses consumed here.
    facts
        The analysis facts used since the last step.
    """

    number: int
    label: str
    theorem: Theorem
    assumption: bool
    lemma: str | None
    rules: tuple[tuple[str, int], ...]
    hypotheses: tuple[str, ...]
    facts: tuple[str, ...]

    @property
    def statement(self) -> Term:
        """The formula reached."""
        return self.theorem.concl

    @property
    def applications(self) -> int:
        """How many rule applications this step adds."""
        return sum(n for _, n in self.rules)

    def __repr__(self) -> str:
        return f"Milestone({self.number}, {self.label!r}, {self.applications} rule applications)"


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """A theorem whose derivation ran, whose conclusion is the claim, and whose hypotheses are the declared ones.

    Attributes
    ----------
    name, title
        The identifier and the theorem in a few words.
    theorem
        The kernel's theorem: hypotheses |- claim.
    hypotheses
        Identifier and formula of each undischarged hypothesis, in the order the module declares them.
    milestones
        The readable steps.
    rules
        How often each rule was applied in the whole derivation, lemmas included, most often first.
    """

    name: str
    title: str
    theorem: Theorem
    hypotheses: tuple[tuple[str, Term], ...]
    milestones: tuple[Milestone, ...]
    rules: tuple[tuple[str, int], ...]

    @property
    def applications(self) -> int:
        """The number of rule applications in the derivation."""
        return sum(n for _, n in self.rules)

    def sentence(self) -> Theorem:
        """Return the theorem as one closed sentence: for all data, hypothesis -> ... -> claim, from no hypothesis."""
        th = self.theorem
        for _, formula in reversed(self.hypotheses):
            th = discharge(formula, th)
        for name, type_ in sorted(th.concl.names, key=str, reverse=True):
            th = generalise(var(str(name), type_), th)
        return th

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The analysis facts the theorem rests on."""
        return tuple(sorted(self.theorem.rests_on))

    def __repr__(self) -> str:
        names = ", ".join(n for n, _ in self.hypotheses) or "nothing"
        return f"CheckedProof({self.name!r}, {self.applications} rule applications, from {names})"


Lemma: TypeAlias = Callable[[str, Any], CheckedProof]  # the name of another theorem, and the setting


# -- the script that a proof module writes --------------------------------------------------------------------------
class Step:
    """Call it with the theorem a step arrives at; it hands the theorem back."""

    def __init__(self) -> None:
        self.reached: Theorem | None = None

    def __call__(self, th: Theorem) -> Theorem:
        """Record `th` as what the step arrives at."""
        self.reached = th
        return th


class Script:
    """What `prove` receives: the setting, the hypotheses by name, other theorems, and a place to record steps."""

    def __init__(self, setting: Any, module: Any, lemma: Lemma) -> None:
        self.setting = setting
        self.lemma = lemma
        self.name: str = module.NAME
        self.claim: Term = module.claim(setting)
        self.hypotheses = declared(module, setting)
        self.label = "before the first step"
        self.records: list[tuple[str, Theorem, bool, str | None]] = []

    def hypothesis(self, name: str) -> Theorem:
        """Return the declared hypothesis `name` as ``p |- p``."""
        if name not in self.hypotheses:
            raise ProofRefused(self.name, self.label, "hypothesis", f"{name} is not declared by this proof")
        return assume(self.hypotheses[name])

    def suppose(self, label: str, formula: Term) -> Theorem:
        """Introduce an assumption, to be discharged later, and record it as a step."""
        with self.step(label) as step:
            th = step(assume(formula))
        last = self.records.pop()
        self.records.append((last[0], last[1], True, None))
        return th

    @contextmanager
    def step(self, label: str) -> Iterator[Step]:
        """Record a step: ``with script.step("Fermat in a_k") as step: th = step(...)``.

        Whatever is raised inside becomes a `ProofRefused` that carries the label.
        """
        before, self.label = self.label, label
        done = Step()
        try:
            yield done
        except ProofRefused:
            raise
        except Exception as error:
            raise self._refused(error) from error
        if done.reached is not None:
            self.records.append((label, done.reached, False, None))
        self.label = before

    def use(self, name: str, label: str | None = None, setting: Any = None) -> Theorem:
        """Return another theorem of the library, checked for the same setting or the one given; record it as a step."""
        sentence = label or f"By the theorem {name}"
        self.label = sentence
        th = self.lemma(name, self.setting if setting is None else setting).theorem
        self.records.append((sentence, th, False, name))
        return th

    def qed(self, th: Theorem) -> Theorem:
        """Return the claim itself, when `th` says the same up to the kernel's normal form."""
        self.label = "the statement"
        return th if th.concl == self.claim else convert(th, self.claim)

    def _refused(self, error: Exception) -> ProofRefused:
        rule, reason = _words(error)
        return ProofRefused(self.name, self.label, rule, reason)


def _words(error: Exception) -> tuple[str, str]:
    """Return the rule and the reason of a refusal."""
    if isinstance(error, Refused):
        return error.rule, error.why
    rule, reason = getattr(error, "rule", None), getattr(error, "reason", None)
    if isinstance(rule, str) and isinstance(reason, str):
        return rule, reason
    return type(error).__name__, str(error)


# -- checking -------------------------------------------------------------------------------------------------------
def declared(module: Any, setting: Any) -> dict[str, Term]:
    """Return the formula of each hypothesis that a proof module declares, in its order."""
    formula: Callable[[Any, str], Term] = getattr(module, "hypothesis", lambda s, n: s.hypothesis(n))
    return {name: formula(setting, name) for name in module.HYPOTHESES}


def run(module: Any, setting: Any, lemma: Lemma) -> CheckedProof:
    """Run the derivation of a proof module and compare its outcome with the claim and the hypotheses.

    Parameters
    ----------
    module
        A module, or any object, with NAME, TITLE, HYPOTHESES, claim and prove.
    setting
        The definitions to run it for, ``pgb_proofs.statements.Setting``.
    lemma
        Gives the checked proof of another theorem, by name and setting.

    Raises
    ------
    ProofRefused
        A rule refused, the conclusion is not the claim, or the hypotheses are not exactly the declared ones.
    """
    script = Script(setting, module, lemma)
    if check(script.claim) != BOOL:
        raise ProofRefused(module.NAME, "the statement", "claim", "the claim is not a formula")
    try:
        th = module.prove(script)
    except ProofRefused:
        raise
    except Exception as error:
        raise script._refused(error) from error
    _compare(th, script, module.NAME)
    nodes = derivation(th)
    return CheckedProof(
        name=module.NAME,
        title=module.TITLE,
        theorem=th,
        hypotheses=tuple(script.hypotheses.items()),
        milestones=_milestones(script.records, script.hypotheses, th),
        rules=_tally(nodes),
    )


def _compare(th: object, script: Script, name: str) -> None:
    """Refuse a run whose theorem is not what the module announced."""
    if type(th) is not Theorem:
        raise ProofRefused(name, "the statement", "claim", "the proof returned no theorem")
    if th.concl != script.claim:
        raise ProofRefused(name, "the statement", "claim", "the conclusion is not the claim")
    names = {formula: identifier for identifier, formula in script.hypotheses.items()}
    extra = [h for h in th.hyps if h not in names]
    if extra:
        raise ProofRefused(name, "the hypotheses", "claim", f"an undeclared hypothesis is left: {extra[0]!r}")
    unused = [identifier for formula, identifier in names.items() if formula not in th.hyps]
    if unused:
        raise ProofRefused(name, "the hypotheses", "claim", f"declared but never used: {', '.join(unused)}")


def derivation(*roots: Theorem, known: set[int] | None = None) -> list[Theorem]:
    """Return the theorems that `roots` were derived from, themselves included, premises first.

    Theorems whose `id` is in `known` are left out, with all that only they rest on; `known` is extended.
    """
    seen = set() if known is None else known
    order: list[Theorem] = []
    stack: list[tuple[Theorem, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        th, ready = stack.pop()
        if ready:
            order.append(th)
        elif id(th) not in seen:
            seen.add(id(th))
            stack.append((th, True))
            stack.extend((p, False) for p in reversed(th.premises))
    return order


def _tally(nodes: Sequence[Theorem]) -> tuple[tuple[str, int], ...]:
    """Return how often each rule occurs, most often first."""
    counts = Counter(str(th.rule) for th in nodes)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _milestones(
    records: Sequence[tuple[str, Theorem, bool, str | None]], hypotheses: Mapping[str, Term], final: Theorem
) -> tuple[Milestone, ...]:
    """Read off the derivation what each recorded step added to the ones before it."""
    names = {formula: identifier for identifier, formula in hypotheses.items()}
    known: set[int] = set()
    stands_for = _facts_of_rules(derivation(final))
    out = []
    closing = [] if records and records[-1][1] is final else [("This is the statement", final, False, None)]
    for number, (label, th, assumption, lemma) in enumerate([*records, *closing], start=1):
        nodes = derivation(th, known=known)
        consumed = {names[n.concl] for n in nodes if n.rule == "assume" and n.concl in names and not assumption}
        facts = (
            {fact for n in nodes for fact in n.rests_on}
            if lemma
            else {fact for n in nodes for fact in stands_for.get(n.rule, ())}
        )
        out.append(Milestone(
            number, label, th, assumption, lemma, _tally(nodes),
            tuple(n for n in hypotheses if n in consumed), tuple(sorted(facts)),
        ))  # fmt: skip
    return tuple(out)


def _facts_of_rules(nodes: Sequence[Theorem]) -> dict[str, set[str]]:
    """Return the facts that each rule stands for: those it adds, somewhere, to what its premises rest on."""
    facts: dict[str, set[str]] = {}
    for n in nodes:
        own = n.rests_on.difference(*(premise.rests_on for premise in n.premises))
        facts.setdefault(n.rule, set()).update(own)
    return facts
