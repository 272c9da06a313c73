# glmnet: glmnet and cv.glmnet with a given grid and given folds. With two threads cv.glmnet(parallel = TRUE); a path has
# no threads to use. The clock is Sys.time, since R has no monotonic one.
suppressPackageStartupMessages({
  library(Matrix)
  library(glmnet)
})

read_npy <- function(path) {
  file <- file(path, "rb")
  on.exit(close(file))
  magic <- readBin(file, "raw", 8)
  size <- readBin(file, "integer", 1, size = if (magic[7] == 1) 2 else 4, signed = FALSE, endian = "little")
  header <- readChar(file, size, useBytes = TRUE)
  type <- sub(".*'descr': *'([^']*)'.*", "\\1", header)
  shape <- as.numeric(strsplit(gsub(" ", "", sub(".*'shape': *\\(([^)]*)\\).*", "\\1", header)), ",")[[1]])
  count <- prod(shape)
  values <- switch(type,
    "<f8" = readBin(file, "double", count, size = 8, endian = "little"),
    "<i4" = readBin(file, "integer", count, size = 4, endian = "little"),
    stop("unknown type ", type)
  )
  if (length(shape) == 2) {
    stopifnot(grepl("'fortran_order': True", header))
    dim(values) <- shape
  }
  values
}

lines <- readLines(commandArgs(trailingOnly = TRUE)[1])
order <- as.list(setNames(sub("^[^=]*=", "", lines), sub("=.*", "", lines)))
data <- function(name) file.path(order$data, paste0(name, ".npy"))
folds <- read_npy(data("folds")) + 1L
y <- read_npy(data(paste0("y_", order$loss)))
lambdas <- read_npy(data(paste0("lambdas_", order$loss)))
x <- if (file.exists(data("X"))) {
  read_npy(data("X"))
} else {
  starts <- read_npy(data("X_starts"))
  sparseMatrix(i = read_npy(data("X_rows")), p = starts, x = read_npy(data("X_values")), index1 = FALSE,
               dims = c(length(y), length(starts) - 1))
}
threads <- as.integer(order$threads)
family <- if (order$loss == "squared") "gaussian" else "binomial"
tolerance <- as.numeric(order$tolerance)
glmnet.control(fdev = 0, devmax = 1)  # no early end of the path
if (threads > 1) suppressPackageStartupMessages(library(doParallel))

work <- function(x, y, lambdas, folds) {
  if (order$task == "path") {
    return(list(fit = glmnet(x, y, family = family, lambda = lambdas, thresh = tolerance, maxit = 1e8, standardize = FALSE)))
  }
  if (threads > 1) registerDoParallel(cores = threads)
  cv <- cv.glmnet(x, y, family = family, lambda = lambdas, foldid = folds, thresh = tolerance, maxit = 1e8,
                  standardize = FALSE, type.measure = if (family == "gaussian") "mse" else "deviance", parallel = threads > 1)
  list(fit = cv$glmnet.fit, cv_mean = cv$cvm)
}

set.seed(1)
small <- matrix(rnorm(600), 60)
invisible(work(small, as.numeric(rnorm(60) > 0), c(0.2, 0.1), rep(1:3, 20)))
status_kib <- function(name) {
  line <- grep(name, readLines("/proc/self/status"), value = TRUE)
  gsub("[^0-9]", "", line)
}
invisible(gc())
try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
before <- status_kib("VmRSS")
cpu <- sum(proc.time()[c(1, 2, 4, 5)])
start <- Sys.time()
fits <- 0
while (fits == 0 || sum(proc.time()[c(1, 2, 4, 5)]) - cpu < 0.05) {  # as LEAST of common.py
  result <- work(x, y, lambdas, folds)
  fits <- fits + 1
  if (fits == 1) peak <- status_kib("VmHWM")
}
seconds <- as.numeric(Sys.time() - start, units = "secs") / fits
cpu <- (sum(proc.time()[c(1, 2, 4, 5)]) - cpu) / fits

out <- function(name) file.path(order$out, name)
dir.create(order$out, showWarnings = FALSE, recursive = TRUE)
write <- function(values, name) writeBin(values, out(name), endian = "little")
fit <- result$fit
b <- as(fit$beta, "CsparseMatrix")
write(as.double(fit$lambda), "lambda.f64")
write(as.double(fit$a0), "intercept.f64")
write(as.integer(b@p), "coef_start.i32")
write(as.integer(b@i), "coef_index.i32")
write(as.double(b@x), "coef_value.f64")
if (!is.null(result$cv_mean)) write(as.double(result$cv_mean), "cv_mean.f64")
writeLines(c(
  sprintf("seconds=%.9g", seconds), sprintf("cpu_seconds=%.9g", cpu), paste0("rss_before_kib=", before),
  paste0("peak_kib=", peak), paste0("version=", as.character(packageVersion("glmnet")))
), out("facts.txt"))
