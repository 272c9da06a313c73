"""Results as plain arrays."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse


@dataclass(frozen=True, repr=False)
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
    coefs: sparse.csr_array
    intercepts: np.ndarray
    n_nonzero: np.ndarray
    objectives: np.ndarray
    deviance_ratios: np.ndarray
    degrees_of_freedom: np.ndarray
    gcv_errors: np.ndarray
    leave_one_out_errors: np.ndarray
    relative_gaps: np.ndarray
    kkt_violations: np.ndarray
    statuses: tuple

    def __repr__(self):
        ends = f"from {self.alphas[0]:.4g} to {self.alphas[-1]:.4g}" if len(self.alphas) else ""
        return f"<PathResult: {len(self.alphas)} alphas {ends}, {self.coefs.shape[1]} features>"

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
