"""An independent reference: the penalised least-squares problem solved to rounding by a primal active-set method.

Fitted coordinates: z = sqrt(w) (x − mean)/s, t = sqrt(w) (y − offset − mean), Σw = 1; minimise over b in [lo, hi]

    ½ ‖t − Z b‖² + Σ fⱼ (l1 |bⱼ| + l2/2 bⱼ²)

Means, scales, residuals and gradients are taken in extended precision; the linear solve on a fixed pattern of signs is a QR
factorisation with iterative refinement. Every answer comes with its KKT violation and duality gap on all columns.
"""
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, qr, solve_triangular

LONG = np.longdouble


@dataclass
class Fitted:
    z: np.ndarray         # float64, n × p
    t: np.ndarray         # extended
    scale: np.ndarray
    mean: np.ndarray
    centre: LONG          # of y − offset
    factor: np.ndarray    # 0 … ∞; ∞ for constant columns
    lo: np.ndarray
    hi: np.ndarray
    null_deviance: float


def to_fitted(x, y, w, offset, factor, lower, upper, standardize, intercept):
    n, p = x.shape
    w = np.ones(n, LONG) if w is None else np.asarray(w, LONG)
    w = w / w.sum()
    response = np.asarray(y, LONG) - (0 if offset is None else np.asarray(offset, LONG))
    factor = np.ones(p) if factor is None else np.array(factor, float)
    mean, scale = np.zeros(p, LONG), np.ones(p, LONG)
    z = np.empty((n, p), order="F")
    root = np.sqrt(w)
    for j in range(p):
        column = x[:, j].astype(LONG)
        m = (w * column).sum()
        deviation = column - m
        sd = np.sqrt((w * deviation**2).sum())
        constant = sd <= 1e-13 * abs(m) or sd == 0
        if constant and (standardize or intercept):
            factor[j], sd = np.inf, LONG(1)
        if intercept:
            mean[j], column = m, deviation
        if standardize:
            scale[j] = sd
        z[:, j] = 0 if factor[j] == np.inf else (root * column / scale[j]).astype(float)
    centre = (w * response).sum() if intercept else LONG(0)
    null = response - centre
    lo = np.full(p, -np.inf) if lower is None else np.asarray(lower) * scale.astype(float)
    hi = np.full(p, np.inf) if upper is None else np.asarray(upper) * scale.astype(float)
    return Fitted(z, root * null, scale, mean, centre, factor, lo, hi, float((w * null**2).sum()))


def residual(f, b):
    used = np.flatnonzero(b)
    return f.t - f.z[:, used].astype(LONG) @ b[used]


def gradient(f, r):
    """Zᵀr; in blocks, so that the extended copy stays small."""
    out = np.empty(f.z.shape[1], LONG)
    for a in range(0, len(out), 256):
        out[a:a + 256] = r @ f.z[:, a:a + 256].astype(LONG)
    return out


def objective(f, b, l1, l2):
    r = residual(f, b)
    used = np.flatnonzero(b)
    return float((r**2).sum() / 2 + (f.factor[used] * (l1 * abs(b[used]) + l2 / 2 * b[used]**2)).sum())


def kkt_violation(f, b, l1, l2):
    v = gradient(f, residual(f, b))
    worst = LONG(0)
    for j in range(len(b)):
        if f.factor[j] == np.inf:
            continue
        excess = v[j] - f.factor[j] * l2 * b[j]
        band = f.factor[j] * l1
        low, high = (-band, band) if b[j] == 0 else (band * np.sign(b[j]),) * 2
        over = excess - high if excess > high and b[j] < f.hi[j] else low - excess if excess < low and b[j] > f.lo[j] else 0
        worst = max(worst, over)
    return float(worst / max(abs(gradient(f, f.t)).max(), 1e-300))


def relative_gap(f, b, l1, l2):
    """Fenchel–Young terms over rows and columns at the scaled, projected residual; no difference of large numbers."""
    if f.null_deviance == 0:
        return 0.0
    r = residual(f, b)
    live = f.factor < np.inf
    free = np.flatnonzero(live & (f.factor == 0) & (b > f.lo) & (b < f.hi))
    theta = r.copy()
    if len(free):
        q = qr(f.z[:, free], mode="economic")[0].astype(LONG)
        for _ in range(2):
            theta -= q @ (q.T @ theta)
    v = gradient(f, theta)
    v[free] = 0
    shrink = LONG(1)
    for j in np.flatnonzero(live):
        band = l1 * f.factor[j]
        unbounded = (v[j] > band and f.hi[j] == np.inf) or (v[j] < -band and f.lo[j] == -np.inf)
        if unbounded and l2 * f.factor[j] == 0:
            shrink = min(shrink, band / abs(v[j]))
    theta, v = theta * shrink, v * shrink
    gap = ((r - theta)**2).sum() / 2
    for j in np.flatnonzero(live):
        a1, a2 = l1 * f.factor[j], l2 * f.factor[j]
        soft = np.sign(v[j]) * max(abs(v[j]) - a1, LONG(0))
        at = soft / a2 if a2 > 0 else (0 if soft == 0 else np.sign(soft) * np.inf)
        at = min(max(at, f.lo[j]), f.hi[j])
        dual = v[j] * at - a1 * abs(at) - a2 / 2 * at**2 if at != 0 else 0
        gap += max(a1 * abs(b[j]) + a2 / 2 * b[j]**2 + dual - v[j] * b[j], LONG(0))
    return float(gap / (f.null_deviance / 2))


def _solver(f, free, l2):
    """x ↦ (Z_Fᵀ Z_F + l2 diag f)⁻¹ x, and whether the matrix has full rank."""
    z = f.z[:, free]
    d = l2 * f.factor[free]
    n, k = z.shape
    if k > n and (d > 0).all():
        inner = cho_factor(np.eye(n) + (z / d) @ z.T)
        return (lambda x: x / d - (z.T @ cho_solve(inner, z @ (x / d))) / d), True
    stacked = np.vstack([z, np.diag(np.sqrt(d))]) if l2 > 0 else z
    triangle = qr(stacked, mode="economic")[1]
    diagonal = abs(np.diag(triangle))
    if len(diagonal) < k or diagonal.min() <= 1e-10 * diagonal.max():
        gram = stacked.T @ stacked
        pseudo = np.linalg.pinv(gram, rcond=1e-12, hermitian=True)
        return (lambda x: pseudo @ x), False
    return (lambda x: solve_triangular(triangle, solve_triangular(triangle, x, trans="T"))), True


def _solve_pattern(f, b, sign, free, l1, l2):
    b = b.astype(LONG)
    if len(free) == 0:
        return b, True
    solve, full_rank = _solver(f, free, l2)
    last = np.inf
    for _ in range(30):
        g = residual(f, b) @ f.z[:, free].astype(LONG) - f.factor[free] * (l1 * sign[free] + l2 * b[free])
        step = solve(g.astype(float))
        size = abs(step).max(initial=0)
        if size > last / 2:
            break
        b[free] += step
        last = size
        if size <= 1e-19 * abs(b).max():
            break
    return b, full_rank


def solve(f, l1, l2, start):
    """Returns b and whether the minimiser is unique on its pattern."""
    p = len(f.factor)
    b = np.clip(np.where(f.factor < np.inf, start, 0.0), f.lo, f.hi).astype(LONG)
    live = f.factor < np.inf
    pinned = (f.lo == 0) & (f.hi == 0)
    penalised = (f.factor > 0) & (l1 > 0)
    is_free = live & ~pinned & ((b != 0) | ~penalised) & ((b > f.lo) & (b < f.hi))
    sign = np.where(penalised, np.sign(b).astype(float), 0.0)
    top = float(abs(gradient(f, f.t)).max())
    for round_ in range(20000):
        free = np.flatnonzero(is_free)
        trial, full_rank = _solve_pattern(f, b, sign, free, l1, l2)
        step, blocked = LONG(1), -1
        for j in free:
            d = trial[j] - b[j]
            stop = None
            if penalised[j] and trial[j] * sign[j] < 0:
                stop = LONG(0)
            elif trial[j] > f.hi[j]:
                stop = LONG(f.hi[j])
            elif trial[j] < f.lo[j]:
                stop = LONG(f.lo[j])
            if stop is not None and d != 0 and (stop - b[j]) / d < step:
                step, blocked, where = max((stop - b[j]) / d, LONG(0)), j, stop
        b = b + step * (trial - b)
        if blocked >= 0:
            b[blocked] = where
            is_free[blocked] = False
            continue
        v = gradient(f, residual(f, b)) - np.where(live, f.factor, 0) * l2 * b
        worst, entrant = 0.0, -1
        for j in np.flatnonzero(live & ~is_free & ~pinned):
            band = l1 * f.factor[j]
            at_sign = np.sign(b[j]) if b[j] != 0 else np.sign(v[j])
            over = float((v[j] - band * at_sign) * at_sign)
            if b[j] != 0:
                over = -over             # at a bound: leaves when the pull is back towards zero
            elif (at_sign > 0 and f.hi[j] == 0) or (at_sign < 0 and f.lo[j] == 0):
                continue
            if over > worst and over > 1e-15 * top:
                worst, entrant, direction = over, j, at_sign
        if entrant < 0:
            return b, full_rank
        is_free[entrant] = True
        sign[entrant] = float(direction) if penalised[entrant] else 0.0
    raise RuntimeError("the active set did not settle")


def to_original(f, b):
    beta = b / f.scale
    return beta, f.centre - (f.mean * beta).sum()
