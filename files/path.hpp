#pragma once

#include "files/mistake.hpp"

#include <string>
#include <string_view>

namespace kpmsim {

/// What no path of a file or a folder is meant to be: empty, a ~ that only a shell follows, a
/// control character. False and the fault when it is so.
bool is_path(std::string_view text, Fault& fault);
/// The same of a name that is to be made there: a folder's will not do, nor one that is too long.
bool is_new_name(std::string_view text, Fault& fault);

/// From the root, without . and .. as they are written.
std::string absolute_path(const std::string& path);
/// One text for all spellings of one name: the links among its folders are followed, itself not.
std::string canonical_path(const std::string& path);

} // namespace kpmsim
