#include "riata/solver/coordinate_descent.hpp"

#include "riata/penalty/list.hpp"

namespace riata {

template class CoordinateDescent<NoPenalty>;
template class CoordinateDescent<L1>;
template class CoordinateDescent<L2>;
template class CoordinateDescent<ElasticNet>;

}  // namespace riata
