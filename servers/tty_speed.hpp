#pragma once

namespace kpmsim {

/// The speed that the client's end of a pty is set to, in Bd, whether it has a name of its own
/// (B9600) or not; asked on the master. 0 when it cannot be told.
int tty_speed(int master);

} // namespace kpmsim
