#pragma once

namespace kpmsim {

// How the client's end of a pty is set; asked and done on the master.

/// Its speed in Bd, whether it has a name of its own (B9600) or not. 0 when it cannot be told.
int tty_speed(int master);

/// Sets two flags that mean nothing on a raw line (ECHOE and ECHONL) and that clients clear when they
/// open one. Speed and all else stay.
void mark_tty(int master);

} // namespace kpmsim
