#include "servers/net/tty_settings.hpp"

// The kernel's own structure carries the speed as a number; it cannot stand beside <termios.h>.
#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace kpmsim {

int tty_speed(int master) {
    termios2 settings{};
    if (::ioctl(master, TCGETS2, &settings) != 0)
        return 0;
    return static_cast<int>(settings.c_ospeed);
}

void unsettle_tty(int master) {
    const int off = 0;
    ::ioctl(master, TIOCSSOFTCAR, &off);
}

} // namespace kpmsim
