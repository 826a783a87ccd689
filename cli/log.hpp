#pragma once

namespace kpmsim {

/// The program's log: stderr, one event a line, level from KPMSIM_LOG_LEVEL (trace … off; default
/// info, or warn beside a live table, which the lines would tear).
void set_up_log(bool beside_live_table);

} // namespace kpmsim
