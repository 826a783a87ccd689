#include "speed/machine.hpp"

#include "sim/kernel_level.hpp"

#include <fstream>
#include <malloc.h>
#include <map>
#include <sched.h>
#include <sstream>
#include <unistd.h>

namespace kpmsim {

namespace {

std::string cpu_text() {
    std::ifstream file{"/proc/cpuinfo"};
    std::map<std::string, std::string> fact;
    for (std::string line; std::getline(file, line) && !line.empty();) {
        const std::size_t colon = line.find(':');
        const std::size_t end = line.find_last_not_of(" \t", colon - 1);
        if (colon != std::string::npos && colon + 2 <= line.size())
            fact[line.substr(0, end + 1)] = line.substr(colon + 2);
    }
    if (fact.count("model name") == 0)
        return "unknown";
    return fact["model name"] + ", family " + fact["cpu family"] + " model " + fact["model"];
}

int usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

std::string compiler_text() {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "g++ " __VERSION__;
#else
    return "unknown";
#endif
}

} // namespace

Machine this_machine() {
    Machine m;
    m.cpu = cpu_text();
    m.cores = usable_cores();
    m.compiler = compiler_text();
#ifndef NDEBUG
    m.optimised = false;
#endif
    m.kernel = name_of(kernel_level());
    return m;
}

double resident_bytes() {
    malloc_trim(0);
    std::ifstream file{"/proc/self/statm"};
    double all = 0, resident = 0;
    file >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

} // namespace kpmsim
