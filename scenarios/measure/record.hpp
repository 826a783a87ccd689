#pragma once

#include "scenarios/farm/farm.hpp"
#include "sim/clock.hpp"

#include <memory>
#include <stdexcept>
#include <string>

namespace kpmsim {

/// A recording that could not be written: which file, why and what to do.
struct CannotRecord : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Writes what a farm did into a folder, in the order it is told, so that two runs of one farm give
/// the same bytes:
///
/// mqtt.jsonl      each message: {"t": "2026-01-01T00:01:00", "meter": "m-1", "circuit": 1,
///                 "topic": "MQTT_RT_DATA", "payload": "{…}"}; t is the site's time, the payload
///                 the text as sent
/// registers.csv   at the end, each circuit's register map: meter,circuit,unit_id,address,name,value,unit
/// truth.csv       at the end, what was read beside what was so: meter,circuit,quantity,reading,truth,unit;
///                 the truth of clip_u, clip_i and clip_windows is 0
///
/// While it runs the messages are in mqtt.jsonl.part; the names appear when all is written. What
/// could not be written to its end is taken away.
class Recorder {
public:
    /// Makes the folder and takes away what an older recording left. Throws CannotRecord.
    explicit Recorder(const std::string& folder);
    ~Recorder();

    void message(CivilTime site, const Circuit& circuit, const Message& message);
    /// Writes the tables and gives the files their names. Throws CannotRecord.
    void finish(Farm& farm);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace kpmsim
