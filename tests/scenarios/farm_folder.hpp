#pragma once

#include "farms.hpp"
#include "folder.hpp"

#include <string>

namespace kpmsim::test {

/// A folder that holds farm files, too.
class FarmFolder : public Folder {
public:
    FarmPlan farm(const std::string& text) const {
        return parse_farm(text, *this / "farm.toml", types());
    }
    /// The mistakes, without the folder.
    std::string mistakes(const std::string& text) const {
        try {
            check_start(farm(text));
            return "";
        } catch (const FileError& error) {
            std::string out = error.what();
            const std::string here = path() + '/';
            for (std::size_t at = 0; (at = out.find(here)) != std::string::npos;)
                out.erase(at, here.size());
            return out;
        }
    }
};

} // namespace kpmsim::test
