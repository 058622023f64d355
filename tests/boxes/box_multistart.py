"""Critical points by Newton's method from many random starts, in floats: what a complete result must contain."""

import numpy as np

from pgb.landscape.derivatives import derivatives


def newton_limits(objective, parameters, box, starts, seed, steps=60):
    """Return the limits inside the box of damped Newton iterations whose gradient vanishes to 1e-9; shape (k, n)."""
    programs = derivatives(objective, parameters)
    n = len(parameters)
    low, high = (np.array([float(pair[k]) for pair in box])[:, None] for k in (0, 1))
    x = np.random.default_rng(seed).uniform(low, high, (n, starts))
    for _ in range(steps):
        g = programs.gradient.numpy(x)
        h = programs.hessian.numpy(x).reshape(n, n, -1).transpose(2, 0, 1)
        fine = np.isfinite(h).all(axis=(1, 2)) & np.isfinite(g).all(axis=0)
        h[~fine] = np.eye(n)
        step = np.linalg.solve(h + 1e-13 * np.eye(n), np.where(fine, g, 0.0).T[:, :, None])[:, :, 0].T
        length = np.abs(step).max(axis=0)
        x = x - step * np.minimum(1.0, 0.5 / np.maximum(length, 1e-300))
    g = np.abs(programs.gradient.numpy(x)).max(axis=0)
    h = programs.hessian.numpy(x).reshape(n, n, -1).transpose(2, 0, 1)
    regular = np.abs(np.linalg.eigvalsh(np.where(np.isfinite(h), h, 0.0))).min(axis=1) > 1e-6
    inside = ((x > low + 1e-9) & (x < high - 1e-9)).all(axis=0)
    return x[:, (g < 1e-10) & inside & regular].T
