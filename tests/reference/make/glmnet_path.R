# Runs glmnet on every job of a folder that peers.py wrote. usage: Rscript glmnet_path.R FOLDER
# FOLDER/x.bin (dense, column-major) or xi.bin, xp.bin, xx.bin (sparse columns), y.bin, shape.txt; FOLDER/K/*.bin per job.
suppressMessages(library(glmnet))
folder <- commandArgs(TRUE)[1]
numbers <- function(path) if (file.exists(path)) readBin(path, "double", file.size(path) / 8) else NULL
shape <- scan(file.path(folder, "shape.txt"), quiet = TRUE)
n <- shape[1]; p <- shape[2]
if (file.exists(file.path(folder, "x.bin"))) {
  x <- matrix(numbers(file.path(folder, "x.bin")), n, p)
} else {
  x <- Matrix::sparseMatrix(i = numbers(file.path(folder, "xi.bin")) + 1, p = numbers(file.path(folder, "xp.bin")),
                            x = numbers(file.path(folder, "xx.bin")), dims = c(n, p))
}
y <- numbers(file.path(folder, "y.bin"))
glmnet.control(fdev = 0, devmax = 1)
or <- function(value, default) if (is.null(value)) default else value
for (k in seq_len(shape[3])) {
  job <- function(name) numbers(file.path(folder, k, paste0(name, ".bin")))
  options <- job("options")  # alpha, standardize, intercept, thresh, maxit, binomial
  fit <- suppressWarnings(glmnet(
    x, y, family = if (options[6] == 1) "binomial" else "gaussian", weights = or(job("weights"), rep(1, n)), offset = job("offset"), alpha = options[1], lambda = job("lambda"),
    standardize = options[2] == 1, intercept = options[3] == 1, thresh = options[4], maxit = options[5],
    penalty.factor = or(job("factor"), rep(1, p)), lower.limits = or(job("lower"), -Inf), upper.limits = or(job("upper"), Inf)))
  wanted <- job("wanted")
  # glmnet gives its λ back with a rounding; one that it did not reach within maxit is missing.
  at <- sapply(wanted, function(v) { near <- which.min(abs(fit$lambda - v)); if (abs(fit$lambda[near] / v - 1) < 1e-10) near else NA_integer_ })
  answer <- rbind(fit$a0[at], as.matrix(fit$beta)[, at, drop = FALSE])
  answer[is.na(answer)] <- NaN
  writeBin(as.vector(answer), file.path(folder, k, "answer.bin"))
}
cat(as.character(packageVersion("glmnet")), R.version$major, R.version$minor, file = file.path(folder, "version.txt"))
