#pragma once

namespace kpmsim {

/// A bar on a terminal's stderr, redrawn in its line and wiped when all is done; elsewhere nothing.
class Progress {
public:
    Progress();
    void operator()(int done, int all);

private:
    bool terminal_;
    int shown_{-1};
};

} // namespace kpmsim
