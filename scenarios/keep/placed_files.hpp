#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kpmsim {

/// Files that are open, and the paths that they were opened by: a folder that is taken away is written on
/// without a fault, and nobody finds what was written.
class PlacedFiles {
public:
    /// As it is at this moment.
    void add(std::string path);
    /// The first path that leads to another file by now, or to none; empty: each is in its place. About 1 µs
    /// a file.
    std::string missing() const;

private:
    struct Placed {
        std::string path;
        std::pair<std::uint64_t, std::uint64_t> number; ///< of its device, and of it there
    };

    std::vector<Placed> files_;
};

} // namespace kpmsim
