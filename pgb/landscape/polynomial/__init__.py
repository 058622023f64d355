"""All critical points of losses with linear or polynomial activations: homotopy search (untrusted), ball certificates (trusted).

Start reading at `solve`; the searchers are `monodromy`, `tracker` and `instances`, the trusted rooms `balls`, `certify`,
`exact`, `lie`, `multiple`, `modular` and `completeness`. Importing this package loads neither numba nor sympy.
"""

from pgb.landscape.polynomial.formula import FormulaNetwork as FormulaNetwork
from pgb.landscape.polynomial.network import LinearNetwork as LinearNetwork
from pgb.landscape.polynomial.solve import critical_points_of_polynomial as critical_points_of_polynomial
from pgb.landscape.polynomial.sweep import Distribution as Distribution
from pgb.landscape.polynomial.sweep import SweepFamily as SweepFamily
from pgb.landscape.polynomial.sweep import SweepResult as SweepResult
from pgb.landscape.polynomial.sweep import sweep as sweep
