#pragma once

#include <memory>

namespace kpmsim {

/// The harmonics of a KPM312's window (15 channels of 1280 codes, orders 1 to 31), our way and the
/// usual one.
class HarmonicsStages {
public:
    HarmonicsStages();
    ~HarmonicsStages();

    /// Ours: ten cycles added up, and the 31 orders of the sum. Adding up squares the codes besides,
    /// for the rms values; that is counted here too.
    double folded();
    /// A 1280-point transform of each channel, by FFTW with a measured plan; its numbers are doubles
    /// already, and nothing is done with the bins.
    double transformed();
    /// The greatest difference between both ways' orders 1 to 31, in parts of the channel's greatest.
    double difference();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
