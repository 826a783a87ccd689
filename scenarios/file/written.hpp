#pragma once

#include "sim/fields.hpp"

#include <string>
#include <vector>

namespace kpmsim {

struct TomlNode;

/// One value of a farm file, in the file's own words: place "supply main: u", value "230 V".
struct WrittenValue {
    std::string place;
    std::string value;
    bool of_file{false}; ///< it is the path of a file, and what that holds
    KPMSIM_FIELDS(place, value, of_file);
};

/// All values of a farm file that bear on what is simulated, in its order: not where it is reached, nor
/// how fast its clock runs; seed, fidelity and start are left to the plan, which a command line may have
/// changed. Of a profile and a recording what the file holds counts, too: it is read from `file`'s folder.
std::vector<WrittenValue> written_values(const TomlNode& root, const std::string& file);

/// The first difference, as a sentence: "supply main: u is 400 V here, 230 V there"; empty when there is
/// none. Blanks within a value make none.
std::string difference(const std::vector<WrittenValue>& here,
                       const std::vector<WrittenValue>& there);

} // namespace kpmsim
