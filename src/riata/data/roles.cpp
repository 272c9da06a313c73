#include "riata/data/roles.hpp"

#include <algorithm>
#include <unordered_map>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/column_values.hpp"

namespace riata {
namespace {

Index target_position(const Table& table, const std::string& target) {
  if (!target.empty()) return table.find(target);
  if (table.label) return table.find(*table.label);
  if (!table.has_header && table.n_columns() > 0) return table.n_columns() - 1;
  std::string names;
  for (Index j = 0; j < std::min<Index>(8, table.n_columns()); ++j)
    names += (j == 0 ? "" : ", ") + printable(table.column_name(j));
  throw Error(ErrorKind::argument,
              "say which column to predict: --target COL; the columns are " + names + (table.n_columns() > 8 ? ", …" : ""),
              printable(table.source));
}

/// Which option has claimed a column; two claims contradict.
class Claims {
 public:
  explicit Claims(const Table& table) : table_(table) {}
  Index claim(Index position, const char* option) {
    const auto [at, added] = claims_.try_emplace(position, option);
    if (added) return position;
    if (at->second == std::string_view(option)) {
      throw Error(ErrorKind::argument,
                  "column '" + printable(table_.column_name(position)) + "' is named twice in " + option + "; name it once");
    }
    throw Error(ErrorKind::argument, "column '" + printable(table_.column_name(position)) + "' is given to both " +
                                         at->second + " and " + option + "; it can have one part only");
  }
  Index claim_if_named(const std::string& name, const char* option) {
    return name.empty() ? -1 : claim(table_.find(name), option);
  }
  bool taken(Index position) const { return claims_.count(position) > 0; }

 private:
  const Table& table_;
  std::unordered_map<Index, const char*> claims_;
};

bool is_text(const Table& table, Index position) {
  return position < static_cast<Index>(table.columns.size()) &&
         kind_of(table.columns[static_cast<std::size_t>(position)]) == ColumnKind::text;
}

}  // namespace

RolePositions find_roles(const Table& table, const Roles& roles) {
  RolePositions out;
  Claims claims(table);
  out.target = claims.claim(target_position(table, roles.target), "--target");
  out.weights = claims.claim_if_named(roles.weights, "--weights");
  out.offset = claims.claim_if_named(roles.offset, "--offset");
  out.fold = claims.claim_if_named(roles.fold_column, "--fold-column");
  out.group = claims.claim_if_named(roles.group_column, "--group-column");
  for (const std::string& name : roles.features) out.features.push_back(claims.claim(table.find(name), "--features"));
  for (const std::string& name : roles.exclude) {
    const Index position = table.find(name);
    if (!claims.taken(position) || !roles.features.empty()) claims.claim(position, "--exclude");
  }
  if (roles.features.empty()) {
    for (Index j = 0; j < table.n_columns(); ++j) {
      if (!claims.taken(j)) out.features.push_back(j);
    }
  }
  if (out.features.empty()) {
    throw Error(ErrorKind::input, "no feature is left beside the target '" + printable(table.column_name(out.target)) + "'",
                printable(table.source));
  }
  for (Index j : out.features) out.categorical.push_back(is_text(table, j));
  for (const std::string& name : roles.categorical) {
    const auto at = std::find(out.features.begin(), out.features.end(), table.find(name));
    if (at == out.features.end()) {
      throw Error(ErrorKind::argument, "--categorical " + printable(name) + ": that column is not among the features");
    }
    out.categorical[static_cast<std::size_t>(at - out.features.begin())] = true;
  }
  return out;
}

}  // namespace riata
