#pragma once

#include "files/toml.hpp"
#include "sim/random.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// One number of a set-up as a case file writes it: `50`, drawn evenly from a range `[45, 65]`, or
/// taken from a list in turn, `{ in_turn = [0, 60, -36.87] }`.
struct Parameter {
    enum class How : std::uint8_t { fixed, drawn, in_turn };
    How how{How::fixed};
    std::vector<double> value{0.0};

    explicit Parameter(double fixed) : value{fixed} {}
};

/// Takes one from a table; absent, it stays what it was.
void take(TomlTable& table, const std::string& key, Parameter& into);

/// A list of lists of `width` numbers each: [[73, 80, 87], [152, 140, 128]]; none when absent.
std::vector<std::vector<double>> number_lists(TomlTable& table, const std::string& key,
                                              std::size_t width);

/// The numbers of one set-up. The same case and set-up draw the same ones on every machine and in
/// every mode. Lists are combined: the first one asked for runs fastest, so that as many set-ups as
/// the product of their lengths meet every combination.
class Draw {
public:
    Draw(std::string_view case_name, int setup);

    double operator()(const Parameter& p);
    double between(double low, double high);
    int setup() const { return setup_; }
    /// A stream of the set-up's own, for noise.
    Random stream(std::string_view name) const;

private:
    Random random_;
    std::uint64_t drawn_{0};
    int setup_;
    int turn_;
};

} // namespace kpmsim
