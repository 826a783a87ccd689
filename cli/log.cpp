#include "cli/log.hpp"

#include <cstdlib>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace kpmsim {

void set_up_log(bool beside_live_table) {
    auto log = spdlog::stderr_color_mt("kpmsim");
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    const char* level = std::getenv("KPMSIM_LOG_LEVEL");
    log->set_level(level != nullptr    ? spdlog::level::from_str(level)
                   : beside_live_table ? spdlog::level::warn
                                       : spdlog::level::info);
    spdlog::set_default_logger(log);
}

} // namespace kpmsim
