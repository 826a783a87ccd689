#pragma once

#include "folder.hpp"

#include "scenarios/keep/state_store.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace kpmsim::test {

using namespace std::chrono_literals;

inline const KeptOf ours{"play.toml", {{"play.toml", 1}, {"model own", 7}}, "kpmsim test"};

inline Checkpoint checkpoint(std::size_t size, std::uint8_t fill) {
    return {Bytes(size, fill), SimTime{1s}, 0};
}

inline JournalLine line(SimTime at) { return {Deed{Deed::Kind::end, at, 3, "x"}}; }

inline std::string fault_of(const std::string& folder) {
    try {
        StateStore store{folder};
        store.read();
        return "";
    } catch (const StateFault& fault) {
        return fault.what();
    }
}

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

inline std::string bytes_in(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_to(const std::string& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
}

/// A folder with a checkpoint and two lines of a journal.
inline void keep_something(const std::string& folder, Bytes bytes = Bytes(700'000, 7)) {
    StateStore store{folder};
    REQUIRE_FALSE(store.read());
    store.begin(ours, {std::move(bytes), SimTime{1s}, 0}, 5);
    REQUIRE_FALSE(store.append(line(SimTime{2s}), "one"));
    REQUIRE_FALSE(store.append(line(SimTime{3s}), "two"));
    REQUIRE_FALSE(store.show({SimTime{4s}, SimTime{3s}}, 9));
}

/// The same in a folder, as it is when the process has ended there.
inline void keep_and_end(const std::string& folder) {
    const Folder running;
    StateStore store{running.path()};
    REQUIRE_FALSE(store.read());
    store.begin(ours, {Bytes(700'000, 7), SimTime{1s}, 0}, 5);
    REQUIRE_FALSE(store.append(line(SimTime{2s}), "one"));
    REQUIRE_FALSE(store.append(line(SimTime{3s}), "two"));
    REQUIRE_FALSE(store.show({SimTime{4s}, SimTime{3s}}, 9));
    for (const char* each : {"state.db", "state.db-wal", "shown"})
        std::filesystem::copy_file(running / each, folder + '/' + each);
}

} // namespace kpmsim::test
