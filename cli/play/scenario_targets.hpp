#pragma once

#include "scenarios/play/script.hpp"

#include <string>
#include <vector>

namespace kpmsim {

/// The scenarios' files that are meant by what stands on the command line: a file; a folder, for all files
/// in it that are scenarios; `shelf`, for all of the shelf; shelf:NAME, where NAME may be a pattern. Throws
/// FileError.
std::vector<std::string> scenario_files(const std::vector<std::string>& targets);

/// Runs on `workers` threads at once; `work(n)` is called for each n below `count`, in order of their
/// beginning. Stops handing out when `stop()` says so.
void in_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& work,
                 const std::function<bool()>& stop);

} // namespace kpmsim
