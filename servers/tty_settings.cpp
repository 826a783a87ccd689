#include "servers/tty_settings.hpp"

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

void mark_tty(int master) {
    constexpr tcflag_t marks = ECHOE | ECHONL;
    termios2 settings{};
    if (::ioctl(master, TCGETS2, &settings) != 0 || (settings.c_lflag & marks) == marks)
        return;
    settings.c_lflag |= marks;
    ::ioctl(master, TCSETS2, &settings);
}

} // namespace kpmsim
