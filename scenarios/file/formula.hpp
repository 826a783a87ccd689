#pragma once

#include "files/mistake.hpp"
#include "models/type/point.hpp"
#include "scenarios/file/farm_plan.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// From which side a term sees its meter.
enum class Face : std::uint8_t {
    reading,   ///< what the meter shows: the point's value
    truth,     ///< what is so: the analytic truth of the same point
    registers, ///< what a Modbus client decodes
    packet,    ///< what the last packet with the key said
    other,     ///< no meter: a value of something else that has a name
};

/// One term of a formula.
struct FormulaTerm {
    Face face{Face::reading};
    std::size_t meter{0}; ///< place in the farm, when it was read
    std::string meter_name;
    int circuit{0}; ///< 0-based
    PointId point{};
    std::string name; ///< of the register or the point; a packet's key; of another: NAME.KEY
    double factor{1}; ///< of a packet's number: its point's value
    std::string unit;
};

/// Something besides meters that has values: a probe, a client.
struct NamedValues {
    struct Value {
        std::string key;
        std::string unit;
    };
    std::string name;
    std::vector<Value> values;
};

/// What a formula may speak of.
struct Vocabulary {
    const std::vector<MeterPlan>& meters;
    bool faces{false}; ///< truth(…), register(…) and packet(…) too
    std::vector<NamedValues> others{};
};

/// Arithmetic over the points of a farm at one moment: `shop-1.p + shop-2.p`.
///
/// A term is METER.POINT, or METER[2].POINT for the second circuit, with the point's unit of the
/// catalogue; truth(METER.POINT), register(METER.NAME) and packet(METER.KEY) are the same meter from
/// other sides. Around terms and numbers: + - * / ^ and brackets; < <= > >= == !=; and, or, not (of
/// what is in brackets), which are 1 or 0; abs(), min(), max(), sqrt().
class Formula {
public:
    /// Nothing when it cannot be read; `fault` says why. `noun` and `example` are for its sentences.
    static std::optional<Formula> read(std::string_view text, const Vocabulary& words, Fault& fault,
                                       std::string_view noun = "expression",
                                       std::string_view example = "shop-1.p + shop-2.p");

    double value(const std::function<double(const FormulaTerm&)>& of_term) const;
    std::span<const FormulaTerm> terms() const;
    /// That of all its terms; empty where they differ.
    std::string unit() const;
    const std::string& text() const { return text_; }

private:
    struct Parts;
    std::shared_ptr<Parts> parts_; ///< shared by copies, which one thread uses
    std::string text_;
};

/// Whether the analytic truth knows a point.
bool has_truth(const MeterType& type, PointId point);

} // namespace kpmsim
