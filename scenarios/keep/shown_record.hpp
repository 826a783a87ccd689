#pragma once

#include "sim/clock.hpp"
#include "sim/fields.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace kpmsim {

/// What clients were shown, in numbers that a database without its log does not reach.
struct Promised {
    std::uint64_t boot{0}; ///< of the machine on which it was promised: boot_number()
    std::uint64_t line{0}; ///< the last one of the journal
    std::uint64_t turn{0}; ///< counts the moments that were shown: time may go back, this does not
    SimTime shown{};       ///< the last of them
    KPMSIM_FIELDS(boot, line, turn, shown);
};

/// Another one after each start of the machine: what was written without waiting for the disk is there still
/// where the number is the same. 0 where the system does not say.
std::uint64_t boot_number();

/// The file `shown` of a farm's folder, beside the database and its log, which SQLite reads up to the first
/// bytes that are not as they were: how far it must come to, stands here. It is written in place, in one
/// piece and without waiting for the disk, so that it outlives the process, and takes no room on the disk.
class ShownRecord {
public:
    struct Nothing {};   ///< the file is not there
    struct Forgotten {}; ///< somebody has written "forget" into it: the database counts as it is
    struct Damaged {
        std::string why;
    };
    using Found = std::variant<Nothing, Forgotten, Damaged, Promised>;

    /// Holds the file, where there is one, for one process at a time: `lock` may be taken away from under a
    /// farm that runs. Throws StateFault.
    explicit ShownRecord(const std::string& folder);
    ~ShownRecord();
    ShownRecord(const ShownRecord&) = delete;
    ShownRecord& operator=(const ShownRecord&) = delete;

    const std::string& path() const { return path_; }
    Found read() const;
    /// Makes the file, or writes it anew, and waits for the disk. Throws StateFault.
    void make(const Promised& promised);
    /// False with errno: it could not be written.
    bool write(const Promised& promised);

private:
    void hold();

    std::string folder_;
    std::string path_;
    int fd_{-1};
};

} // namespace kpmsim
