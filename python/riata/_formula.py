"""Formulas such as "y ~ a + log(b) + c:d", by formulaic."""

from collections.abc import Mapping


class Formula:
    """A formula with the data that it was fitted on: what makes the same columns of other rows."""

    def __init__(self, specification):
        self._specification = specification

    @classmethod
    def of(cls, text, data):
        """(columns, response, whether there is an intercept, formula)."""
        try:
            import formulaic
        except ImportError:
            raise ImportError("a formula needs formulaic: pip install formulaic") from None
        if "~" not in text:
            raise ValueError(f"the formula {text!r} names no response: write 'response ~ terms'")
        data = _frame(data)
        left, _, terms = text.partition("~")
        name = left.strip().strip("`")
        right = formulaic.model_matrix(terms, data, na_action="ignore")
        if name in data:
            response = data[name]
        else:
            made = formulaic.model_matrix(left + "- 1", data, na_action="ignore")
            if made.shape[1] != 1:
                raise ValueError(f"the response of {text!r} has {made.shape[1]} columns; give one")
            response = made.iloc[:, 0]
        self = cls(right.model_spec)
        return self._columns(right), response, "Intercept" in right.columns, self

    def columns(self, data):
        """The columns of other rows."""
        return self._columns(self._specification.get_model_matrix(_frame(data), na_action="ignore"))

    @staticmethod
    def _columns(matrix):
        return matrix.drop(columns="Intercept", errors="ignore")


def _frame(data):
    """A dict of columns as formulaic takes it."""
    if not isinstance(data, Mapping):
        return data
    import pandas

    return pandas.DataFrame(data)
