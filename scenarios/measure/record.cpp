#include "scenarios/measure/record.hpp"

#include "files/csv.hpp"
#include "files/number.hpp"
#include "files/text_file.hpp"
#include "models/faces/register_words.hpp"
#include "models/faces/registers.hpp"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace kpmsim {
namespace {

namespace fs = std::filesystem;

constexpr std::array file_names{"mqtt.jsonl", "registers.csv", "truth.csv", "run.json"};

std::string reason(int error) {
    std::string text = std::strerror(error);
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return text + "; free some space, or record into another folder";
    case EACCES:
    case EPERM:
    case EROFS:
        return text + "; record into a folder that you may write to";
    case EEXIST:
    case ENOTDIR:
        return text + "; name a folder, not a file";
    default:
        return text;
    }
}

/// A file that complains when a byte does not arrive.
class Writer {
public:
    explicit Writer(fs::path path) : path_{std::move(path)} {
        file_ = std::fopen(path_.c_str(), "wb");
        if (file_ == nullptr)
            fail();
    }
    ~Writer() {
        if (file_ != nullptr)
            std::fclose(file_);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void write(const std::string& text) {
        if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
            fail();
    }
    void close() {
        if (std::fflush(file_) != 0)
            fail();
        std::FILE* const file = file_;
        file_ = nullptr;
        if (std::fclose(file) != 0)
            fail();
    }

private:
    [[noreturn]] void fail() const {
        throw CannotRecord{"cannot write " + path_.string() + ": " + reason(errno)};
    }
    fs::path path_;
    std::FILE* file_{nullptr};
};

/// One line; what is no UTF-8 is replaced.
std::string line_of(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

/// Nothing where there is no number.
template <class Number>
std::string cell_text(Number value) {
    return std::isnan(value) ? std::string{} : number_text(value);
}

std::string value_text(const RegisterRow& row, WordOrder order,
                       std::span<const std::uint16_t> words) {
    if (row.type == RegisterType::ascii)
        return decode_text(words);
    if (row.type == RegisterType::clock) {
        CivilTime time;
        return decode_clock(words, time) ? iso_text(time) : "";
    }
    const double value = decode(row, order, words);
    return row.type == RegisterType::f32 && row.scale == 1.0 ? cell_text(static_cast<float>(value))
                                                             : cell_text(value);
}

void write_registers(Writer& out, Farm& farm) {
    out.write("meter,circuit,unit_id,address,name,value,unit\n");
    for (std::size_t m = 0; m < farm.meters().size(); ++m) {
        for (const Circuit& circuit : farm.meters()[m].circuits()) {
            const RegisterMap& map = circuit.type().registers;
            for (const RegisterRow& row : map.rows) {
                std::array<std::uint16_t, 128> words{};
                const auto value = std::span{words}.first(row.words);
                if (!row.readable() || !read_registers(circuit, row.address, value, row.space))
                    continue;
                out.write(csv_line(
                    {circuit.meter().spec().name, std::to_string(circuit.index() + 1),
                     std::to_string(circuit.address() + farm.plan().meters[m].unit_shift()),
                     std::to_string(row.address), row.name,
                     value_text(row, circuit.meter().word_order(), value), row.unit}));
            }
        }
    }
}

/// Not a number where there is none: without a neutral a phase has no energy, as it has no power.
double true_value(const MeterState& truth, Quantity quantity) {
    const QuantityInfo& q = info(quantity);
    const auto at = static_cast<Energy>(q.slot); // total, a, b, c, one direction after the other
    const bool of_phase = q.kind == QuantityKind::energy && at < Energy::q_q1 && q.slot % 4 != 0;
    return of_phase && std::isnan(truth.readings[Slot::p_a]) ? std::nan("") : truth.get(quantity);
}

void write_truth(Writer& out, Farm& farm) {
    out.write("meter,circuit,quantity,reading,truth,unit\n");
    const auto quantities = catalogue();
    for (std::size_t m = 0; m < farm.meters().size(); ++m) {
        const ChannelList channels = metering_config(farm.meters()[m].spec()).channels();
        for (const Circuit& circuit : farm.meters()[m].circuits()) {
            const MeterState truth = farm.truth(m, circuit.index());
            for (std::size_t i = 0; i < quantities.size(); ++i) {
                const QuantityInfo& q = quantities[i];
                const bool sensor = q.kind == QuantityKind::reading &&
                                    (q.slot == static_cast<std::uint16_t>(Slot::temp) ||
                                     q.slot == static_cast<std::uint16_t>(Slot::i_residual));
                // The truth has no converter: its status is 0.
                const bool compared = q.kind == QuantityKind::reading ||
                                      q.kind == QuantityKind::energy ||
                                      q.kind == QuantityKind::status;
                const Quantity index{static_cast<std::uint16_t>(i)};
                if (sensor || !compared || !has_quantity(channels, index))
                    continue;
                out.write(
                    csv_line({circuit.meter().spec().name, std::to_string(circuit.index() + 1),
                              q.name, cell_text(circuit.state().get(index)),
                              cell_text(true_value(truth, index)), q.unit}));
            }
        }
    }
}

/// What the bytes of the other files hang on besides the farm file.
void write_run(Writer& out, const Farm& farm) {
    const FarmPlan& plan = farm.plan();
    out.write(line_of({{"seed", plan.seed},
                       {"fidelity", name_of(plan.fidelity)},
                       {"start", iso_text(plan.start)},
                       {"end", iso_text(farm.site_time())}}));
}

} // namespace

struct Recorder::Parts {
    fs::path folder;
    std::unique_ptr<Writer> messages;

    fs::path part(const std::string& name) const { return folder / (name + ".part"); }
    ~Parts() {
        messages.reset();
        for (const char* name : file_names)
            remove_half_written(part(name).string());
    }
};

Recorder::Recorder(const std::string& folder) : parts_{std::make_unique<Parts>()} {
    parts_->folder = folder;
    std::error_code error;
    fs::create_directories(parts_->folder, error);
    if (error)
        throw CannotRecord{"cannot make the folder " + folder + ": " + reason(error.value())};
    for (const char* name : file_names) {
        fs::remove(parts_->folder / name, error);
        if (error) {
            throw CannotRecord{"cannot replace " + (parts_->folder / name).string() + ": " +
                               reason(error.value())};
        }
    }
    parts_->messages = std::make_unique<Writer>(parts_->part("mqtt.jsonl"));
}

Recorder::~Recorder() = default;

void Recorder::message(CivilTime site, const Circuit& circuit, const Message& message) {
    parts_->messages->write(line_of({{"t", iso_text(site)},
                                     {"meter", circuit.meter().spec().name},
                                     {"circuit", circuit.index() + 1},
                                     {"topic", message.topic},
                                     {"payload", message.payload}}));
}

void Recorder::finish(Farm& farm) {
    parts_->messages->close();
    Writer registers{parts_->part("registers.csv")};
    write_registers(registers, farm);
    registers.close();
    Writer truth{parts_->part("truth.csv")};
    write_truth(truth, farm);
    truth.close();
    Writer about{parts_->part("run.json")};
    write_run(about, farm);
    about.close();
    for (const char* name : file_names) {
        std::error_code error;
        fs::rename(parts_->part(name), parts_->folder / name, error);
        if (error) {
            throw CannotRecord{"cannot name " + (parts_->folder / name).string() + ": " +
                               reason(error.value())};
        }
    }
}

} // namespace kpmsim
