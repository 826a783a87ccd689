#pragma once

#include <string>

namespace kpmsim {

/// Holds a folder for one process at a time, as long as it lives; however it ends, the next one gets it.
class FolderLock {
public:
    /// Throws StateFault when another process has it, which is named, or nothing can be written there.
    explicit FolderLock(const std::string& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int fd_{-1};
};

} // namespace kpmsim
