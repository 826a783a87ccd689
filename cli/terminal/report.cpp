#include "cli/terminal/report.hpp"

#include "cli/terminal/standard_streams.hpp"
#include "files/duration.hpp"
#include "files/mistake.hpp"
#include "servers/net/event_loop.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <stdexcept>

namespace kpmsim {

namespace {

constexpr const char* stdout_failed =
    "stdout cannot be written to its end; is its disk full, or has its reader gone?";

} // namespace

Exit guarded(const std::function<Exit()>& verb) {
    try {
        const Exit exit = verb();
        std::cout.flush();
        // What was printed may be waiting still, and a full disk shows only now.
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
            throw std::runtime_error{stdout_failed};
        return exit;
    } catch (const FileError& e) {
        for (const Mistake& mistake : e.mistakes())
            say(fmt::format("{}\n", to_text(mistake)));
        return Exit::usage;
    } catch (const CannotListen& e) {
        say(fmt::format("could not start: {}\n", e.what()));
        return Exit::could_not_start;
    } catch (const CouldNotStart& e) {
        say(fmt::format("could not start: {}\n", e.what()));
        return Exit::could_not_start;
    } catch (const std::exception& e) {
        say(fmt::format("failed: {}\n", std::ferror(stdout) == 0 ? e.what() : stdout_failed));
        return Exit::failed;
    }
}

void wrong_flag(const std::string& flag, const std::string& what, const std::string& cure) {
    throw FileError{{Mistake{Place{flag, 0, 0}, what, cure}}};
}

void wrong_flag(const std::string& flag, const Fault& fault) {
    wrong_flag(flag, fault.what, fault.cure);
}

std::chrono::nanoseconds parse_duration(const std::string& text, const std::string& flag,
                                        std::optional<double> cycle_hz) {
    Fault fault;
    const auto length = read_duration(text, cycle_hz, fault);
    if (!length)
        wrong_flag(flag, fault);
    if (length->count() == 0)
        wrong_flag(flag, fmt::format("\"{}\" is not a time that can pass", text),
                   "write a time such as 60s, 10m or 2h");
    return *length;
}

} // namespace kpmsim
