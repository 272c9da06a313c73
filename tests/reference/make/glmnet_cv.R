# cv.glmnet with given folds on given λ. usage: Rscript glmnet_cv.R FOLDER   (as glmnet_path.R, with folds.bin, 1 … K)
suppressMessages(library(glmnet))
folder <- commandArgs(TRUE)[1]
numbers <- function(name) {
  path <- file.path(folder, paste0(name, ".bin"))
  if (file.exists(path)) readBin(path, "double", file.size(path) / 8) else NULL
}
y <- numbers("y")
x <- matrix(numbers("x"), length(y))
weights <- numbers("weights")
if (is.null(weights)) weights <- rep(1, length(y))
options <- numbers("options")  # standardize
glmnet.control(fdev = 0, devmax = 1)
cv <- cv.glmnet(x, y, weights = weights, lambda = numbers("lambda"), foldid = numbers("folds"), type.measure = "mse",
                standardize = options[1] == 1, thresh = 1e-15, maxit = 1e7)
writeBin(c(cv$cvm, cv$cvsd, cv$lambda.min, cv$lambda.1se), file.path(folder, "answer.bin"))
grid <- glmnet(x, y, weights = weights, nlambda = 100, lambda.min.ratio = 1e-4, standardize = options[1] == 1)$lambda
# The first λ of an automatic grid is infinite inside glmnet; it reports exp(2 log λ₂ − log λ₃).
writeBin(grid, file.path(folder, "grid.bin"))
