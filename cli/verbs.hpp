#pragma once

#include "cli/terminal/exit.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kpmsim {

/// How `up` and `spawn` run a farm; what is set here goes before the farm file.
struct RunOptions {
    std::optional<std::string> clock;    ///< realtime, x60, free, stepped, paused
    std::optional<std::string> fidelity; ///< sample, window
    std::optional<std::string> start;    ///< 2026-01-01T00:00:00
    std::optional<std::string> run_for;  ///< simulated time: 60s, 10m, 2h
    std::optional<std::uint64_t> seed;
    int threads{1};
    std::string models; ///< folder of meters besides the built-in ones
    std::string ready_file;
    std::optional<std::string> api; ///< where the control API listens: 127.0.0.1:0
    std::string api_token;
    std::string from;                        ///< a saved state to go on from
    std::optional<std::string> state;        ///< folder that keeps it
    std::optional<std::string> state_resume; ///< stored, wall
    bool detach{false};
    std::string record;
};

struct UpOptions {
    std::string farm;
    RunOptions run;
};
Exit up(const UpOptions& options);

struct SpawnOptions {
    std::string model;
    int count{1};
    std::optional<int> tcp; ///< port of the gateway; 0 = any free one
    std::string pty;
    std::string mqtt;
    std::string u{"230 V"}, p{"6 kW"}, pf{"0.95 ind"};
    bool print{false}; ///< print the farm file instead of running it
    RunOptions run;
};
Exit spawn(const SpawnOptions& options);

struct ModelsOptions {
    std::string models;
    bool json{false};
    std::string model;          ///< its fidelity card instead of the list
    std::string format{"text"}; ///< of the card: text, json, page
    std::string schema;         ///< of this file instead of the list: meter, registers, mqtt
    bool keys{false};           ///< every key of every model file instead of the list
};
Exit list_models(const ModelsOptions& options);

struct MapOptions {
    std::string model;
    std::string models;
    std::string format{"table"}; ///< table, md, csv, json, page
};
Exit show_map(const MapOptions& options);

struct ValidateOptions {
    std::string farm;
    std::string models;
    bool json{false};
};
Exit validate(const ValidateOptions& options);

struct ReadOptions {
    std::string endpoint; ///< tcp://host:port or rtu:///path/to/pty
    int unit{1};
    std::string model;
    std::string models;
    int baud{9600};
    std::string format{"8N1"};
    double timeout_s{1.0};
    std::string word_order;            ///< abcd, cdab; empty = the model's
    std::optional<int> max_read_words; ///< in one request, unless as the model
    bool json{false};
    std::vector<std::string> names; ///< of registers; empty = all
};
Exit read_meter(const ReadOptions& options);

struct WaveOptions {
    std::string farm;
    std::string models;
    std::string meter;
    int cycles{10};
    std::optional<std::string> at; ///< simulated time of the first window
    std::optional<std::uint64_t> seed;
    std::string format; ///< csv, wav, comtrade; empty = as `out` ends
    std::string out{"-"};
};
Exit wave(const WaveOptions& options);

struct MeasureOptions {
    std::string recording;
    std::string model{"kpm53"};
    std::string models;
    std::string rating, wiring;
    std::string pt, ct; ///< 10000/100; empty = as the recording says
    bool primary{false};
    std::vector<std::string> channels; ///< ua=VA
    std::optional<double> full_scale_u, full_scale_i;
    int orders{31};
    bool json{false};
    std::string out{"-"};
};
Exit measure_recording(const MeasureOptions& options);

} // namespace kpmsim
