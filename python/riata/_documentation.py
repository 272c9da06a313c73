"""Parts of docstrings that several classes have in common: a line ``{name}`` in one of theirs stands for the part of that name."""

import re
from inspect import isfunction

PARTS = {
    # parameters
    "fit_intercept": """
fit_intercept : bool, default=True
    Whether there is an intercept. It is never penalised.""",
    "max_iter": """
max_iter : int or None, default=None
    Bound on the solver's rounds; None leaves it to the solver, which stops by its certificate.""",
    "tol": """
tol : float, default=1e-6
    The certified relative duality gap: gap / half the null deviance.""",
    "copy_X": """
copy_X : bool, default=True
    Cannot change the answer: X is never written to; ignored.""",
    "positive": """
positive : bool, default=False
    Whether coefficients must be >= 0.""",
    "random_state": """
random_state : int, RandomState instance or None, default=None
    Cannot change the answer; ignored.""",
    "selection": """
selection : {"cyclic", "random"}, default="cyclic"
    Cannot change the answer; ignored.""",
    "n_jobs": """
n_jobs : int or None, default=None
    Threads: None is one, -1 all cores. The result does not depend on it.""",
    "constraints": """
penalty_factor : array-like of shape (n_features,) or None, default=None
    v: 0 leaves a feature unpenalised, inf leaves it out.
lower, upper : float, array-like of shape (n_features,) or None, default=None
    Bounds of the coefficients; lower <= 0 <= upper.""",
    "standardize": """
standardize : bool, default=False
    Whether the penalty is on coefficients per standard deviation of their feature. X itself is not changed, and ``coef_`` is
    on the original scale.""",
    "standardize_by_fold": """
standardize : bool, default=False
    Whether the penalty is on coefficients per standard deviation of their feature, which each fold computes anew.""",
    # attributes
    "coef_": """
coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
    Coefficients.
intercept_ : float or ndarray of shape (n_targets,)
    Intercept, 0.0 without one.""",
    "coef_of_classes_": """
classes_ : ndarray of shape (2,)
    The classes, sorted.
coef_ : ndarray of shape (1, n_features)
    Coefficients; positive ones speak for ``classes_[1]``.
intercept_ : ndarray of shape (1,)
    Intercept, 0 without one.""",
    "certificate_": """
certificate_ : dict
    ``relative_gap`` and ``kkt_violation``, computed on the full problem.""",
    "features_in_": """
n_features_in_ : int
    Number of features.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Names of the features, where X has them.""",
    # of methods
    "X_training": """
X : {array-like, sparse matrix} of shape (n_samples, n_features)
    Training data, float64 or float32 in any layout; not copied, save for sparse rows.""",
    "X": """
X : {array-like, sparse matrix} of shape (n_samples, n_features)
    Samples.""",
    "y_response": """
y : array-like of shape (n_samples,)
    Response.""",
    "y_responses": """
y : array-like of shape (n_samples,) or (n_samples, n_targets)
    Response.""",
    "y_classes": """
y : array-like of shape (n_samples,)
    Classes.""",
    "sample_weight": """
sample_weight : float or array-like of shape (n_samples,), default=None
    Weights; 0 is the same as leaving the sample out, 2 the same as having it twice.""",
    "offset": """
offset : array-like of shape (n_samples,), default=None
    A part of the linear predictor that is known.""",
    "splitter_params": """
**params : dict
    ``groups`` for the splitter, or with metadata routing whatever it takes.""",
    "self": """
self : object
    The fitted estimator.""",
    "raises": """
ValueError
    For parameters and data that cannot be used: the message says what, where, and what to do.
MemoryError
    Where what is kept besides the data does not fit.
KeyboardInterrupt
    After Ctrl-C; the estimator may be fitted anew.""",
    "raises_unfitted": """
sklearn.exceptions.NotFittedError
    Before ``fit``.
ValueError
    For samples with other features than those of the fit, or numbers that are not finite.""",
    "network_references": """
Goodfellow, Bengio & Courville (2016), Deep Learning, chapters 6-8; Kingma & Ba (2015), ICLR (Adam); Parikh & Boyd (2014),
Found. Trends Optim. 1(3) (exact zeros).""",
    "predicted_classes": """
ndarray of shape (n_samples,)
    Classes.""",
    "class_columns": """
ndarray of shape (n_samples, n_classes)
    A column a class, in the order of ``classes_``.""",
}


def documented(cls):
    """A class whose docstring, and those of its own methods, have the parts put in; where names are said to be as in the class
    it derives from, what that says of them."""
    base = cls.__bases__[0].__doc__ or ""
    as_in = r"^    ([\w, ]+)\n        As in :class:`\w+`\.$"
    cls.__doc__ = re.sub(as_in, lambda found: _entries(base, found[1]), cls.__doc__ or "", flags=re.MULTILINE)
    members = (getattr(member, "fn", member) for member in vars(cls).values())  # fn: what available_if holds
    for holder in (cls, *filter(isfunction, members)):
        if holder.__doc__:
            holder.__doc__ = re.sub(r"^( *)\{(\w+)\}$", _part, holder.__doc__, flags=re.MULTILINE)
    return cls


def _part(found):
    indent, name = found.groups()
    return "\n".join(indent + line if line else line for line in PARTS[name].strip("\n").split("\n"))


def _entries(doc, names):
    """What a docstring says of each of the names, in its order."""
    wanted, out = names.split(", "), []
    for entry in re.finditer(r"^    ([\w, ]+) : (.+(?:\n        .+)*)", doc, flags=re.MULTILINE):
        told = [name for name in entry[1].split(", ") if name in wanted]
        if told:
            out.append(f"    {', '.join(told)} : {entry[2]}")
    return "\n".join(out)
