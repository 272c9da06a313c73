# R's own AIC and BIC of unpenalised models on the first k features of examples/data/diabetes.csv, k = 0 … 10: lm for the response,
# glm(binomial) for whether it is above 140; with lchoose, the EBIC's term of the number of models. Run in the project's root:
#   Rscript tests/reference/make/information_criteria.R > tests/reference/criteria/diabetes.json
table <- read.csv("examples/data/diabetes.csv")
y <- table$progression
x <- as.matrix(table[, names(table) != "progression"])
number <- function(value) sprintf("%.17g", value)
row <- function(k) {
  one <- rep(1, length(y))
  design <- cbind(one, x[, seq_len(k), drop = FALSE])
  squared <- lm(y ~ design - 1)
  logistic <- glm((y > 140) ~ design - 1, family = binomial, control = list(epsilon = 1e-14, maxit = 100))
  paste0('{"features":', k, ',"log_choose":', number(lchoose(ncol(x), k)), ',"lm":{"aic":', number(AIC(squared)), ',"bic":',
         number(BIC(squared)), '},"glm":{"aic":', number(AIC(logistic)), ',"bic":', number(BIC(logistic)), "}}")
}
cat('{"program":"R ', R.version$major, ".", R.version$minor, '","threshold":140,"models":[\n',
    paste(sapply(0:ncol(x), row), collapse = ",\n"), "\n]}\n", sep = "")
