#pragma once

#include "files/toml.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// What stands before the name of a scenario that is part of the program: shelf:voltage-dip.
inline constexpr std::string_view shelf_prefix = "shelf:";

/// A scenario file, or one of the shelf, with the files that its [scenario] names under `farm` and
/// `include`, as if all had been written into one. Tables become one table, lists of tables one list,
/// the included first; of a value that both have, the including file's holds. A file counts once. Notes
/// what cannot be read, and a file that includes itself.
TomlNode load_scenario_tree(const std::string& path, std::vector<Mistake>& mistakes);

/// One table on top of another, as above.
void merge(TomlEntries& below, const TomlEntries& above);

TomlNode* find(TomlEntries& entries, std::string_view key); ///< null when absent
/// Entries of a table; of anything else none.
const TomlEntries& entries_of(const TomlNode& node);

} // namespace kpmsim
