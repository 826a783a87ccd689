#include "scenarios/keep/state_header.hpp"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <string_view>

namespace kpmsim {
namespace {

// docs: "The SQLite database header", sqlite.org/fileformat2.html
constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t header_size = 100;
constexpr std::size_t user_version_at = 60;
constexpr std::size_t application_at = 68;

constexpr const char* elsewhere = "move it away, or take another folder";

} // namespace

std::optional<Fault> wrong_header(const std::string& path) {
    std::array<char, header_size> bytes{};
    std::ifstream file{path, std::ios::binary};
    if (!file)
        return Fault{path + " cannot be read", "make it readable"};
    file.read(bytes.data(), bytes.size());
    const auto size = static_cast<std::size_t>(file.gcount());
    const auto number_at = [&](std::size_t at) {
        std::uint32_t number = 0;
        for (std::size_t n = 0; n < 4; ++n)
            number = number << 8 | static_cast<std::uint8_t>(bytes[at + n]);
        return number;
    };
    if (size < header_size &&
        (size == 0 || magic.starts_with({bytes.data(), std::min(size, magic.size())})))
        return Fault{fmt::format("{} is cut off after {} bytes", path, size),
                     "put a copy of the folder back, or take another one to begin anew"};
    if (std::string_view{bytes.data(), magic.size()} != magic)
        return Fault{path + " is no state of kpmsim", elsewhere};
    if (number_at(application_at) != state_application)
        return Fault{path + " is another program's database", elsewhere};
    if (const std::uint32_t format = number_at(user_version_at); format != state_format)
        return Fault{fmt::format("{} has form {}, and this version of kpmsim knows form {}", path,
                                 format, state_format),
                     "start it with the version that kept it, or take another folder"};
    return std::nullopt;
}

} // namespace kpmsim
