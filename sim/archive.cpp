#include "sim/archive.hpp"

namespace kpmsim {

BadState::BadState(const std::string& field, const std::string& why)
    : std::runtime_error{"saved state" + (field.empty() ? "" : ", " + field) + ": " + why} {}

void StateReader::fail(const Path& path, const std::string& why) {
    throw BadState{path.text(), why};
}

void StateReader::take(void* to, std::size_t size, const Path& path) {
    if (size > left_.size())
        fail(path, "takes " + std::to_string(size) + " bytes, and " + std::to_string(left_.size()) +
                       " are left");
    if (size > 0) // an empty vector has no place for them
        std::memcpy(to, left_.data(), size);
    left_ = left_.subspan(size);
}

std::size_t StateReader::take_count(std::size_t least_size, const Path& path) {
    std::uint64_t count = 0;
    take(&count, sizeof count, path);
    if (count > left_.size() / least_size)
        fail(path, "is " + std::to_string(count) + " long, and " + std::to_string(left_.size()) +
                       " bytes are left");
    return count;
}

void StateReader::end() const {
    if (!left_.empty())
        throw BadState{"", std::to_string(left_.size()) + " bytes are left at its end"};
}

} // namespace kpmsim
