"""The one neutral judge: relative duality gap of any program's coefficients at every lambda of a path.

Problem (docs/objective.md), weights one, no offset, intercept b0 not penalised, s the columns' scale in the penalty:

    (1/n) sum_i l(y_i, b0 + x_i b) + lambda sum_j [ rho s_j |b_j| + (1 - rho)/2 (s_j b_j)^2 ]

The gap is a sum of Fenchel-Young terms, each of them at least zero, never a difference of two large numbers. It is an upper
bound of the distance to the minimum, divided by half the null deviance. See docs/certificates.md; here the intercept of the
dual point alone is polished first, so that a program is judged by its own intercept but not for the dual's.
"""
import numpy as np
import scipy.sparse as sp

BLOCK = 50  # lambdas judged at once


def _null_half_deviance(y, loss):
    mean = y.mean()
    if loss == "squared":
        return 0.5 * ((y - mean) ** 2).mean()
    return -(mean * np.log(mean) + (1 - mean) * np.log1p(-mean))


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def _dual_squared(y, eta):
    r = y[:, None] - eta
    return r - r.mean(axis=0)


def _dual_logistic(y, eta):
    """y - mu at the intercept for which its sum is zero: bisection, safe and precise enough (the sum is then removed to
    rounding by a last Newton step)."""
    low, high = np.full(eta.shape[1], -50.0) - eta.max(axis=0), np.full(eta.shape[1], 50.0) - eta.min(axis=0)
    target = y.mean()
    shift = np.zeros(eta.shape[1])
    for _ in range(100):
        mu = _sigmoid(eta + shift)
        excess = mu.mean(axis=0) - target
        low, high = np.where(excess < 0, shift, low), np.where(excess > 0, shift, high)
        slope = np.maximum((mu * _sigmoid(-(eta + shift))).mean(axis=0), 1e-300)
        step = shift - excess / slope
        inside = (step > low) & (step < high)
        new = np.where(excess == 0, shift, np.where(inside, step, 0.5 * (low + high)))
        if np.all(np.abs(new - shift) <= 1e-15 * (1 + np.abs(shift))):
            break
        shift = new
    eta = eta + shift
    return np.where(y[:, None] > 0.5, _sigmoid(-eta), -_sigmoid(eta))


def _excess_of_log(t):
    """t - log(1 + t) >= 0 for t > -1, without cancellation near 0; infinite at -1."""
    small = np.abs(t) < 1e-2
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.maximum(t - np.log1p(np.where(small, 0, t)), 0)
    series = t * t * (1 / 2 + t * (-1 / 3 + t * (1 / 4 + t * (-1 / 5 + t * (1 / 6 - t / 7)))))
    return np.where(small, series, plain)


def _rows_squared(y, eta, theta):
    return 0.5 * ((y[:, None] - eta - theta) ** 2).mean(axis=0)


def _rows_logistic(y, eta, theta):
    """Kullback-Leibler divergence of Bernoulli(q), q = y - theta, from Bernoulli(mu)."""
    one = y[:, None] > 0.5
    q, not_q = np.where(one, 1 - theta, -theta), np.where(one, theta, 1 + theta)
    mu, not_mu = _sigmoid(eta), _sigmoid(-eta)
    d = np.where(one, not_q - not_mu, mu - q)  # mu - q, from the two small numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(q > 0, q * _excess_of_log(d / np.where(q > 0, q, 1)), np.maximum(d, 0))
        b = np.where(not_q > 0, not_q * _excess_of_log(-d / np.where(not_q > 0, not_q, 1)), np.maximum(-d, 0))
    return (a + b).mean(axis=0)


LOSSES = {"squared": (_dual_squared, _rows_squared), "logistic": (_dual_logistic, _rows_logistic)}


def relative_gaps(x, y, loss, lambdas, coefficients, intercepts, scale=None, l1_ratio=1.0):
    """An array with a relative gap for every lambda. x: n x p, dense or CSC; coefficients: p x lambdas, dense or CSC."""
    dual, rows = LOSSES[loss]
    n, p = x.shape
    scale = np.ones(p) if scale is None else np.asarray(scale)
    null = _null_half_deviance(y, loss)
    b = sp.csc_matrix(coefficients)
    gaps = np.empty(len(lambdas))
    for first in range(0, len(lambdas), BLOCK):
        part = slice(first, min(first + BLOCK, len(lambdas)))
        eta = x @ b[:, part]
        eta = np.asarray(eta.toarray() if sp.issparse(eta) else eta) + np.asarray(intercepts)[part]
        theta = dual(y, eta)
        v = np.asarray(x.T @ theta) / n
        l1 = np.asarray(lambdas)[part] * l1_ratio
        l2 = np.asarray(lambdas)[part] * (1 - l1_ratio)
        for k in range(part.stop - part.start):
            column = b[:, first + k]
            j, value = column.indices, column.data
            if l1_ratio < 1:
                s = 1.0
                z = v[:, k] / scale
                terms = np.maximum(np.abs(z) - l1[k], 0) ** 2 / (2 * l2[k])  # the conjugate; b_j = 0 adds nothing more
                u = scale[j] * value
                argmax = np.sign(z[j]) * np.maximum(np.abs(z[j]) - l1[k], 0) / l2[k]
                # value(u) + conjugate(z) - z u, u's excess over the maximiser: l2/2 (u - argmax)^2 + what l1 adds
                kink = l1[k] * np.abs(u) - np.sign(z[j]) * np.minimum(np.abs(z[j]), l1[k]) * u
                terms[j] = 0.5 * l2[k] * (u - argmax) ** 2 + kink
            else:
                z = np.abs(v[:, k]) / scale
                s = min(1.0, l1[k] / z.max()) if z.max() > 0 else 1.0
                terms = np.maximum(l1[k] * scale[j] * np.abs(value) - s * v[j, k] * value, 0)
            row_part = rows(y, eta[:, k : k + 1], s * theta[:, k : k + 1])[0]
            gaps[first + k] = (row_part + terms.sum()) / null
    return gaps
