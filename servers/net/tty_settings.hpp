#pragma once

namespace kpmsim {

// How the client's end of a pty is set; asked and done on the master.

/// Its speed in Bd, whether it has a name of its own (B9600) or not. 0 when it cannot be told.
int tty_speed(int master);

/// Takes CLOCAL away, which means nothing on a pty and which clients set when they open one. All else
/// stays, whoever sets the line at the same moment.
void unsettle_tty(int master);

} // namespace kpmsim
