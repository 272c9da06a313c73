"""What estimators accept as parameters, checked when they are fitted."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError


class Number:
    """A finite number between two ends, or one of some further values such as None."""

    def __init__(self, low=None, high=None, *, whole=False, open_low=False, also=()):
        self.low, self.high, self.whole, self.open_low, self.also = low, high, whole, open_low, also

    def accepts(self, value):
        if any(value is other or (isinstance(other, (str, float)) and isinstance(value, type(other)) and value == other) for other in self.also):
            return True
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral if self.whole else Real):
            return False
        return self._within(value)

    def _within(self, value):
        if not self.whole and not -np.inf < value < np.inf:
            return False
        if self.low is not None and not (value > self.low if self.open_low else value >= self.low):
            return False
        return self.high is None or value <= self.high

    def words(self):
        kind = "an int" if self.whole else "a float"
        low = "(-inf" if self.low is None else ("(" if self.open_low else "[") + str(self.low if self.whole else float(self.low))
        high = "inf)" if self.high is None else f"{float(self.high)}]"
        return " or ".join([f"{kind} in the range {low}, {high}", *map(repr, self.also)])


class OneOf:
    """One of some values."""

    def __init__(self, *values):
        self.values = values

    def accepts(self, value):
        return any(value is other or (isinstance(other, str) and isinstance(value, str) and value == other) for other in self.values)

    def words(self):
        return "one of " + ", ".join(map(repr, self.values))


class Flag:
    """True or False."""

    def accepts(self, value):
        return isinstance(value, (bool, np.bool_))

    def words(self):
        return "a bool"


class Sequence:
    """Numbers in a row, or what another rule accepts."""

    def __init__(self, otherwise=None):
        self.otherwise = otherwise

    def accepts(self, value):
        if self.otherwise is not None and self.otherwise.accepts(value):
            return True
        return not isinstance(value, (str, bytes, dict)) and (hasattr(value, "__len__") or hasattr(value, "__array__"))

    def words(self):
        words = "an array-like"
        return words if self.otherwise is None else f"{words} or {self.otherwise.words()}"


def check_parameters(estimator):
    """Raises InvalidParameterError for the first parameter outside of what the estimator's ``_accepted`` says."""
    for name, rule in estimator._accepted.items():
        value = getattr(estimator, name)
        if not rule.accepts(value):
            raise InvalidParameterError(
                f"The {name!r} parameter of {type(estimator).__name__} must be {rule.words()}. Got {value!r} instead."
            )
