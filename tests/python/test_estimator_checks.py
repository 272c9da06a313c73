"""scikit-learn's own checks of estimators, without a single expected failure."""

from sklearn.utils.estimator_checks import parametrize_with_checks

import riata

ESTIMATORS = [
    riata.Lasso(),
    riata.ElasticNet(),
    riata.Ridge(),
    riata.LogisticRegression(),
    riata.LogisticRegressionCV(),
    riata.LassoCV(),
    riata.ElasticNetCV(),
    riata.RidgeCV(),
    riata.MLPRegressor(),
    riata.MLPClassifier(),
]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn(estimator, check):
    check(estimator)
