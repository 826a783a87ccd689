#pragma once

#include "scenarios/farm/farm.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace kpmsim {

/// What somebody notes of each meter of a farm, while meters come and go.
template <class Note>
class ByMeter {
public:
    /// To be called before the notes are looked at.
    void follow(const Farm& farm) {
        const Meters meters = farm.meters();
        if (of_.size() == meters.size() && comings_ == farm.comings())
            return;
        comings_ = farm.comings();
        std::map<Meters::Held, Note> before;
        for (std::size_t n = 0; n < notes_.size(); ++n)
            before.emplace(of_[n], std::move(notes_[n]));
        of_.clear();
        notes_.clear();
        for (std::size_t n = 0; n < meters.size(); ++n) {
            of_.push_back(meters.hold(n));
            notes_.push_back(std::move(before[of_.back()]));
        }
    }

    std::size_t size() const { return notes_.size(); }
    Note& operator[](std::size_t meter) { return notes_[meter]; }

private:
    std::uint64_t comings_{0};
    std::vector<Meters::Held> of_; ///< held, so that no new one is taken for one that is gone
    std::vector<Note> notes_;
};

} // namespace kpmsim
