#include "riata/selection/learning_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr Index kFewestEpochs = 5;
constexpr Index kMostPoints = 2000;   // longer logs are averaged to so many
constexpr double kErrors = 4;         // standard errors that a change must exceed
constexpr double kChance = 8;         // n · gain / null that chance reaches
constexpr double kLeastGain = 0.005;  // of the null loss
constexpr double kLeastImprovement = 0.01;
constexpr double kFalling = 0.05;     // of the fall so far, in the last fifth
constexpr double kRise = 0.05;        // of the least validation loss
constexpr double kRiseOfFall = 0.01;  // of the fall of the validation loss
constexpr double kChanceRise = 4;     // n · rise / least that chance reaches
constexpr Index kFewEpochs = 12;      // fewer are not smoothed
constexpr double kNear = 0.02;        // of the fall: as good as its minimum
constexpr double kMemorised = 0.5, kMemorisedOfFall = 0.25;
constexpr double kTrainingGain = 0.02;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// One curve, smoothed, with the standard error of a point.
struct Curve {
  std::vector<double> value;
  double noise = 0;      ///< standard deviation of the jumps about the trend
  double error_mid = 0;  ///< of a smoothed value
  double error_end = 0;  ///< of the first and the last
  bool smoothed = false;

  double front() const { return value.front(); }
  double back() const { return value.back(); }
};

/// White noise about a smooth trend: second differences have √6 times its standard deviation. In longer curves also at lag
/// 3, because jumps of stochastic training are correlated from one epoch to the next; the larger counts.
double noise_of(std::span<const double> x) {
  double worst = 0;
  for (const Index lag : {Index{1}, Index{3}}) {
    if (lag > 1 && std::ssize(x) < kFewEpochs) break;
    std::vector<double> jumps;
    for (Index i = lag; i + lag < std::ssize(x); ++i) {
      const double jump = x[at(i - lag)] - 2 * x[at(i)] + x[at(i + lag)];
      jumps.push_back(std::abs(jump));
    }
    if (jumps.size() < 3) continue;
    const auto middle = jumps.begin() + (std::ssize(jumps) - 1) / 2;
    std::nth_element(jumps.begin(), middle, jumps.end());
    const double estimate = *middle / (0.6745 * std::sqrt(6.0));
    // a trend bends more over a longer lag: beyond three times the first estimate it is trend
    worst = worst == 0 ? estimate : std::max(worst, std::min(estimate, 3 * worst));
  }
  return worst;
}

/// The value at i of the line through the points within `half` of it.
double local_line(std::span<const double> x, Index i, Index half) {
  const Index n = std::ssize(x);
  const Index low = std::max<Index>(0, i - half), high = std::min(n - 1, i + half);
  const auto count = static_cast<double>(high - low + 1);
  double mean_k = 0, mean_x = 0;
  for (Index k = low; k <= high; ++k) {
    mean_k += static_cast<double>(k) / count;
    mean_x += x[at(k)] / count;
  }
  double cross = 0, square = 0;
  for (Index k = low; k <= high; ++k) {
    const double d = static_cast<double>(k) - mean_k;
    cross += d * (x[at(k)] - mean_x);
    square += d * d;
  }
  const double slope = square > 0 ? cross / square : 0;
  return mean_x + slope * (static_cast<double>(i) - mean_k);
}

Curve smoothed(std::span<const double> x) {
  Curve out;
  out.noise = noise_of(x);
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const Index n = std::ssize(x);
  const bool clean = std::ssize(x) < kFewEpochs || !(out.noise > 1e-3 * (*high - *low));
  const Index half = clean ? 0 : std::clamp<Index>(n / 12, 2, 100);
  out.smoothed = half > 0;
  out.value.resize(x.size());
  for (Index i = 0; i < n; ++i) out.value[at(i)] = half == 0 ? x[at(i)] : local_line(x, i, half);
  out.error_mid = half == 0 ? out.noise : out.noise / std::sqrt(static_cast<double>(2 * half + 1));
  out.error_end = half == 0 ? out.noise : 2 * out.noise / std::sqrt(static_cast<double>(half + 1));
  return out;
}

/// Epochs at which both losses are finite, averaged to at most kMostPoints.
struct Points {
  std::vector<double> epoch, training, validation;
};

Points points_of(const LearningCurves& curves) {
  Points all;
  for (std::size_t i = 0; i < curves.epoch.size(); ++i) {
    if (!std::isfinite(curves.training_loss[i]) || !std::isfinite(curves.validation_loss[i])) continue;
    all.epoch.push_back(curves.epoch[i]);
    all.training.push_back(curves.training_loss[i]);
    all.validation.push_back(curves.validation_loss[i]);
  }
  const Index n = std::ssize(all.epoch);
  if (n <= kMostPoints) return all;
  Points out;
  for (Index bin = 0; bin < kMostPoints; ++bin) {
    const Index begin = bin * n / kMostPoints, end = (bin + 1) * n / kMostPoints;
    const auto mean = [&](const std::vector<double>& x) {
      double sum = 0;
      for (Index i = begin; i < end; ++i) sum += x[at(i)];
      return sum / static_cast<double>(end - begin);
    };
    out.epoch.push_back(all.epoch[at((begin + end) / 2)]);
    out.training.push_back(mean(all.training));
    out.validation.push_back(mean(all.validation));
  }
  return out;
}

/// Mean accuracy of the epochs about one.
double accuracy_near(const LearningCurves& curves, double epoch) {
  const auto& x = curves.validation_accuracy;
  if (x.empty()) return kNone;
  const Index centre = std::lower_bound(curves.epoch.begin(), curves.epoch.end(), epoch) - curves.epoch.begin();
  const Index half = std::ssize(x) / 20;
  double sum = 0, count = 0;
  for (Index i = std::max<Index>(0, centre - half); i <= std::min(std::ssize(x) - 1, centre + half); ++i) {
    if (!std::isfinite(x[at(i)])) continue;
    sum += x[at(i)];
    count += 1;
  }
  return count > 0 ? sum / count : kNone;
}

class Judge {
 public:
  Judge(const LearningCurves& curves, const Points& points, bool penalised)
      : curves_(curves),
        points_(points),
        penalised_(penalised),
        training_(smoothed(points.training)),
        validation_(smoothed(points.validation)),
        n_(std::ssize(points.epoch)),
        best_(std::min_element(validation_.value.begin(), validation_.value.end()) - validation_.value.begin()),
        fall_(validation_.front() - validation_.value[at(best_)]) {}

  Diagnosis verdict() const {
    const bool no_gain = !beats_chance();
    if (no_gain && curves_.null_loss && !training_beats_null()) {
      if (blows_up()) return blown_up();
      if (still_falling() && !held_back()) return make(Verdict::underfits, Reason::still_falling);
      if (penalised_) return make(Verdict::underfits, Reason::training_stuck);
    }
    if (no_gain) {
      return make(Verdict::no_signal, curves_.null_loss ? Reason::never_beats : Reason::never_improves);
    }
    if (turned()) {
      if (!training_falls_on()) {
        if (held_back() && curves_.null_loss && !training_beats_null()) {
          return make(Verdict::underfits, Reason::training_stuck);
        }
        return make(Verdict::unclear, Reason::unstable);
      }
      return make(Verdict::overfits, Reason::turned, points_.epoch[at(best_)]);
    }
    if (const auto onset = memorises()) return make(Verdict::overfits, Reason::memorises, points_.epoch[at(*onset)]);
    if (still_falling()) return make(Verdict::underfits, Reason::still_falling);
    if (fall_ < kErrors * std::hypot(validation_.error_end, validation_.error_mid)) {
      return make(Verdict::unclear, Reason::too_noisy);
    }
    return make(Verdict::fits, Reason::settled);
  }

 private:
  Diagnosis make(Verdict verdict, Reason reason, std::optional<double> epoch = {}) const {
    Diagnosis out;
    out.verdict = verdict;
    out.reason = reason;
    out.epoch = epoch;
    out.first_epoch = points_.epoch.front();
    out.best_epoch = points_.epoch[at(best_)];
    out.last_epoch = points_.epoch.back();
    out.first_validation = validation_.front();
    out.best_validation = validation_.value[at(best_)];
    out.last_validation = validation_.back();
    out.first_training = training_.front();
    out.training_at_best = training_.value[at(best_)];
    out.last_training = training_.back();
    out.accuracy_at_best = accuracy_near(curves_, out.best_epoch);
    out.last_accuracy = accuracy_near(curves_, out.last_epoch);
    out.null_loss = curves_.null_loss;
    out.n_validation = curves_.n_validation;
    out.penalised = penalised_;
    out.smoothed = validation_.smoothed;
    return out;
  }

  bool beats_chance() const {
    if (!curves_.null_loss) {
      const double least = kLeastImprovement * std::abs(validation_.front());
      return fall_ > std::max(least, kErrors * std::hypot(validation_.error_end, validation_.error_mid));
    }
    const double null = *curves_.null_loss;
    const auto n = static_cast<double>(curves_.n_validation);
    const double share = n > 0 ? std::max(kLeastGain, kChance / (n + kChance)) : kLeastGain;
    return null - validation_.value[at(best_)] > share * std::abs(null);
  }

  bool training_beats_null() const {
    const double null = *curves_.null_loss;
    return training_.back() < null - kTrainingGain * std::abs(null);
  }

  /// Whether training ends well above where it started and above the null model, which no penalty alone brings about.
  bool blows_up() const {
    const double null = *curves_.null_loss;
    const double least = *std::min_element(points_.training.end() - n_ / 2, points_.training.end());
    return least > std::max(points_.training.front(), null) + kRise * std::abs(null);
  }

  /// With the losses as they are: a line through the start would see the rise only.
  Diagnosis blown_up() const {
    Diagnosis out = make(Verdict::unclear, Reason::unstable);
    out.first_training = points_.training.front();
    out.last_training = points_.training.back();
    return out;
  }

  /// Whether a penalty draws the network away from its fit of the training rows, below which it started.
  bool held_back() const { return penalised_ && training_.back() > training_.front(); }

  bool still_falling() const {
    return falls_late(training_, points_.training) && falls_late(validation_, points_.validation);
  }

  /// How far the line through the points from `first` on falls in `length` epochs, and the standard error of that.
  struct Fall {
    double size, error;
  };
  Fall fall_from(Index first, double length, const Curve& curve, const std::vector<double>& raw) const {
    const auto m = static_cast<double>(n_ - first);
    double slope = 0, square = 0;
    for (Index i = first; i < n_; ++i) {
      const double d = static_cast<double>(i - first) - (m - 1) / 2;
      slope += d * raw[at(i)];
      square += d * d;
    }
    return {-slope / square * length, curve.noise / std::sqrt(square) * length};
  }

  /// By the line through the last three tenths: how far it falls in a fifth of all epochs.
  bool falls_late(const Curve& curve, const std::vector<double>& raw) const {
    const Fall late = fall_from(std::min(n_ - 3, n_ - n_ * 3 / 10), static_cast<double>(n_ - 1) / 5, curve, raw);
    return late.size > kFalling * (curve.front() - curve.back()) && late.size > kErrors * late.error && late.size > 0;
  }

  /// Whether validation is higher at the end than at its least, beyond its noise: by the smoothed ends, or by the line
  /// through all points since, which sees a slow rise under large jumps.
  bool rises(double rise) const {
    if (rise > kErrors * std::hypot(validation_.error_end, validation_.error_mid)) return true;
    if (n_ - best_ < kFewEpochs) return false;
    const Fall since = fall_from(best_, static_cast<double>(n_ - 1 - best_), validation_, points_.validation);
    return -since.size > kErrors * since.error;
  }

  bool turned() const {
    const double least = validation_.value[at(best_)];
    const double rise = validation_.back() - least;
    const auto n = static_cast<double>(curves_.n_validation);
    const double share = n > 0 ? std::max(kRise, kChanceRise / n) : kRise;
    return rise >= share * std::abs(least) && rise >= kRiseOfFall * fall_ && rise > 0 && rises(rise);
  }

  bool training_falls_on() const {
    const double change = training_.back() - training_.value[at(best_)];
    return change <= kErrors * std::hypot(training_.error_end, training_.error_mid);
  }

  std::optional<Index> memorises() const {
    const double level = validation_.value[at(best_)] + kNear * fall_;
    Index onset = 0;
    while (validation_.value[at(onset)] > level) ++onset;
    const double then = training_.value[at(onset)], fallen = then - training_.back();
    const bool does = fallen >= kMemorised * std::abs(then) && fallen >= kMemorisedOfFall * fall_ &&
                      fallen > kErrors * std::hypot(training_.error_end, training_.error_mid);
    return does ? std::optional(onset) : std::nullopt;
  }

  const LearningCurves& curves_;
  const Points& points_;
  bool penalised_;
  Curve training_, validation_;
  Index n_, best_;
  double fall_;
};

Diagnosis unclear(Reason reason, const LearningCurves& curves) {
  Diagnosis out;
  out.reason = reason;
  out.first_epoch = curves.epoch.empty() ? kNone : curves.epoch.front();
  out.last_epoch = curves.epoch.empty() ? kNone : curves.epoch.back();
  for (double* number :
       {&out.best_epoch, &out.first_validation, &out.best_validation, &out.last_validation, &out.first_training,
        &out.training_at_best, &out.last_training, &out.accuracy_at_best, &out.last_accuracy}) {
    *number = kNone;
  }
  out.null_loss = curves.null_loss;
  out.n_validation = curves.n_validation;
  return out;
}

bool any_finite(const std::vector<double>& x) {
  return std::ranges::any_of(x, [](double one) { return std::isfinite(one); });
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits: return "fits";
    case Verdict::underfits: return "underfits";
    case Verdict::overfits: return "overfits";
    case Verdict::no_signal: return "no signal";
    case Verdict::unclear: break;
  }
  return "unclear";
}

Diagnosis diagnose(const LearningCurves& curves, bool penalised) {
  const auto infinite = [](double x) { return std::isinf(x); };
  if (std::ranges::any_of(curves.training_loss, infinite)) return unclear(Reason::diverged, curves);
  if (!any_finite(curves.training_loss)) return unclear(Reason::no_training, curves);
  if (!any_finite(curves.validation_loss)) return unclear(Reason::no_validation, curves);
  if (std::ranges::any_of(curves.validation_loss, infinite)) return unclear(Reason::diverged, curves);
  const Points points = points_of(curves);
  if (std::ssize(points.epoch) < kFewestEpochs) return unclear(Reason::too_short, curves);
  return Judge(curves, points, penalised).verdict();
}

}  // namespace riata
