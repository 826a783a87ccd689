#include "servers/line/traffic.hpp"

namespace kpmsim {

Traffic& Traffic::operator+=(const Traffic& o) {
    requests += o.requests;
    exceptions += o.exceptions;
    broadcasts += o.broadcasts;
    other_units += o.other_units;
    bad_crc += o.bad_crc;
    short_frames += o.short_frames;
    long_frames += o.long_frames;
    wrong_line += o.wrong_line;
    too_soon += o.too_soon;
    collisions += o.collisions;
    answers_heard += o.answers_heard;
    bad_header += o.bad_header;
    connections += o.connections;
    refused += o.refused;
    published += o.published;
    dropped += o.dropped;
    return *this;
}

} // namespace kpmsim
