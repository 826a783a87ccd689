#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace kpmsim {

/// Where in a file; line and column count from 1, 0 means "the file as a whole".
struct Place {
    std::string file;
    int line{0};
    int column{0};
};
std::string to_text(const Place& place); ///< farm.toml:12:7, printable

/// Something a person wrote that cannot be right, and what would be.
struct Mistake {
    Place place;
    std::string what; ///< unknown model "kpm38"
    std::string cure; ///< known: kpm312, kpm33b, kpm37, kpm53
};
/// farm.toml:12:7: unknown model "kpm38"; known: …, printable
std::string to_text(const Mistake& mistake);

/// A mistake in a text that does not know where it stands: `what` begins behind the name of what it
/// is of (`"127.0.0.1" lacks its port`), `cure` says what to write.
struct Fault {
    std::string what;
    std::string cure;
};

/// Adds one to the list.
void note(std::vector<Mistake>& mistakes, Place place, std::string what, std::string cure);

/// All mistakes of a file, at once, each told once.
class FileError : public std::runtime_error {
public:
    explicit FileError(std::vector<Mistake> mistakes);
    const std::vector<Mistake>& mistakes() const noexcept { return mistakes_; }

private:
    std::vector<Mistake> mistakes_;
};

/// Names near to `name` among `known`, for "did you mean"; empty when none is near.
std::string nearest(const std::string& name, const std::vector<std::string>& known);
/// The names with commas between, for "known: "; "none yet" where there are none.
std::string listed(const std::vector<std::string>& names);

} // namespace kpmsim
