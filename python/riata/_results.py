"""Results as plain arrays."""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse


@dataclass(frozen=True)
class PathResult:
    """Solutions along a path, by decreasing strength, on the original scale.

    Attributes
    ----------
    alphas : ndarray of shape (n_alphas,)
        Strengths (mean scale).
    coefs : csr_array of shape (n_alphas, n_features)
        Coefficients.
    intercepts, objectives, deviance_ratios, degrees_of_freedom : ndarray of shape (n_alphas,)
        Of every strength.
    n_nonzero : ndarray of shape (n_alphas,)
        How many coefficients are not zero.
    gcv_errors, leave_one_out_errors : ndarray of shape (n_alphas,)
        What ridge's one factorisation says of the error; NaN for other penalties, and where it was not asked for.
    relative_gaps, kkt_violations : ndarray of shape (n_alphas,)
        The certificates.
    statuses : tuple of str
        "converged" or "iteration_limit".
    """

    alphas: np.ndarray
    coefs: sparse.csr_array = field(repr=False)
    intercepts: np.ndarray = field(repr=False)
    n_nonzero: np.ndarray = field(repr=False)
    objectives: np.ndarray = field(repr=False)
    deviance_ratios: np.ndarray = field(repr=False)
    degrees_of_freedom: np.ndarray = field(repr=False)
    gcv_errors: np.ndarray = field(repr=False)
    leave_one_out_errors: np.ndarray = field(repr=False)
    relative_gaps: np.ndarray = field(repr=False)
    kkt_violations: np.ndarray = field(repr=False)
    statuses: tuple = field(repr=False)

    @classmethod
    def of(cls, path):
        """From the engine's path."""
        starts, indices, values = path.sparse_coefficients()
        return cls(
            alphas=path.lambdas,
            coefs=sparse.csr_array((values, indices, starts), shape=(len(starts) - 1, path.n_features)),
            intercepts=path.intercepts,
            n_nonzero=path.n_nonzero,
            objectives=path.objectives,
            deviance_ratios=path.deviance_ratios,
            degrees_of_freedom=path.degrees_of_freedom,
            gcv_errors=path.gcv_errors,
            leave_one_out_errors=path.leave_one_out_errors,
            relative_gaps=path.relative_gaps,
            kkt_violations=path.kkt_violations,
            statuses=tuple(path.statuses),
        )
