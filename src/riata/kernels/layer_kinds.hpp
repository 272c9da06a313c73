#pragma once

namespace riata {

/// a(z): z, max(z, 0), tanh z, 1/(1 + e^−z), z Φ(z) with Φ the normal distribution (the exact gelu, PyTorch's default).
enum class Activation { identity, relu, tanh, sigmoid, gelu };

/// ℓ(y, η), averaged over rows: ½(y−η)², (y−η)², log(1+e^η) − yη, −η_y + log Σ e^η (y: a class code), e^η − yη, and
/// Huber's: ½r² where |r| ≤ 1, else |r| − ½.
enum class NetworkLoss { squared, mse, logistic, multinomial, poisson, huber };

}  // namespace riata
