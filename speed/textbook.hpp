#pragma once

#include <memory>

namespace kpmsim {

/// The metering of a KPM312 as a textbook has it: a library sine per sample and order, the
/// library's normal noise, lround, sums in double, Q from a quarter of a period ago, and one FFT of
/// 1280 points per channel and window.
class Textbook {
public:
    Textbook();
    ~Textbook();

    /// Meters one window of 15 channels with 31 orders; returns a sum of what it reads.
    double window();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
