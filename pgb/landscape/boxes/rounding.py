"""The constants of outward rounding, and the lemmas that justify them; trusted by everything in this package.

Let u = 2^-52, and fl(t) the double that the processor returns for the exact result t of one + - * / or sqrt. In EVERY
rounding mode, and with subnormal results flushed to zero or not,

    |fl(t) - t| <= u |fl(t)| + 2^-1022            (overflow excluded, see `LARGE`).                                 (1)

Lemma 1 (`down`, `up`). For x = fl(t), in every rounding mode, fl(x - fl(fl(|x| u) + 2^-1022)) <= t.
  Proof. |x| u is a power-of-two multiple, exact unless it underflows, and then 2^-1022 exceeds what is lost; so the
  subtrahend e is at least max(ulp(x), 2^-1022), ulp(x) being the spacing of doubles just above |x|, and ulp(x) <= |x| u
  for normal x. t >= x - ulp(x), since x is one of the two doubles around t. x - ulp(x) is a double, and rounding is
  monotone, so fl(x - e) <= x - ulp(x) <= t. Where x is below 2^-1021 the term 2^-1022 plays that part: |t - x| <= 2^-1022,
  and x - 2^-1022 either is a double or rounds (or is flushed) to a number that is still not above t, because
  t - (x - 2^-1022) is then at least the half of it that rounding can add. `up` is the mirror image.

Lemma 2 (sums of non-negative terms). A bound computed from non-negative doubles with at most 2^7 operations + and * is
  at least (1 - 2^-44) times its exact value less 2^-1000; so value * GROW + SMALL is an upper bound.
  Proof. By (1) each operation loses at most a factor 1 - u and 2^-1022; (1 - 2^-52)^(2^7) > 1 - 2^-44.4, and at most 2^7
  losses of 2^-1022, each multiplied by the later factors, stay below 2^-1000 as long as those are below 2^15; larger
  factors are met only where the bound itself exceeds every box (see `examine`), where nothing is concluded.

Lemma 3 (inner products). fl(sum_k a_k b_k) over K <= 12 terms differs from the exact value by at most
  (K + 1) u (1 + 2^-40) sum |a_k| |b_k| + K 2^-1022 <= DOT sum |a_k| |b_k| + SMALL, with DOT = 2^-48.

Overflow. Lanes are run in one of two ways. Either the whole search region has been evaluated once and every register's
ends are at most `LARGE` = 1e150: then, because the computed operations are inclusion isotone up to a relative 2^-40,
no sub-box can bring a register above 1.1e150, no product overflows, and neither infinity nor NaN can appear. Or each
operation is followed by a check that replaces whatever is not within +-LARGE, NaN included, by (-inf, inf). Comparisons
with NaN are false, and every conclusion is drawn from a comparison that is true.
"""

from __future__ import annotations

from typing import Final

ULP: Final = 2.0**-52
TINY: Final = 2.0**-1022
SMALL: Final = 2.0**-1000
GROW: Final = 1.0 + 2.0**-44
DOT: Final = 2.0**-48
LARGE: Final = 1e150

# Relative and absolute margins of the elementary functions; the proofs stand in `pgb.landscape.boxes.enclosures`.
MARGIN: Final = 2.0**-48
WIDE_MARGIN: Final = 2.0**-46

LOG2E: Final = 1.4426950408889634
LN2_HIGH: Final = 6.93147180369123816490e-01  # 32 leading bits of log 2: k * LN2_HIGH is exact for |k| < 2^20
LN2_LOW: Final = 1.90821492927058770002e-10
EXP_LOW: Final = -708.0
EXP_HIGH: Final = 709.0
