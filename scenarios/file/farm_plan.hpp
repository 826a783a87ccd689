#pragma once

#include "files/endpoint.hpp"
#include "files/mistake.hpp"
#include "files/mqtt_url.hpp"
#include "files/toml.hpp"
#include "models/engine/meter.hpp"
#include "scenarios/file/recorded_play.hpp"
#include "scenarios/file/written.hpp"
#include "sim/meter_errors.hpp"
#include "sim/pacing.hpp"
#include "waveforms/load.hpp"
#include "waveforms/supply.hpp"
#include "waveforms/terminals.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpmsim {

/// A disturbance as it is written: how often, and when it is to begin.
struct DisturbancePlan {
    Disturbance what;                ///< its start is not settled yet
    SimDuration at{};                ///< after the farm's start …
    std::optional<CivilTime> civil;  ///< … or at this time of the site
    std::optional<double> angle_deg; ///< at the next such angle of the first of its phases
    SimDuration every{};
    int times{1};
};

struct SupplyPlan {
    std::string name;
    SupplySpec spec; ///< without the disturbances; of a recording: its first window's u and f
    std::vector<DisturbancePlan> disturbances;
    std::optional<RecordingPlan> recording; ///< it plays this
};

/// The supply with its disturbances at their moments, in a farm that starts then.
SupplySpec scheduled(const SupplyPlan& plan, CivilTime start);

/// The times of a profile that is written with dates.
struct DatedProfile {
    std::string file;
    CivilTime first{}, last{}; ///< of its rows, by the site's clock, rounded down
};

struct LoadPlan {
    std::string name;
    LoadSpec spec;
    double vary{0.0}; ///< each meter's copy differs by up to this fraction, drawn from the meter's
                      ///< own stream
    bool by_clock{false}; ///< its profile counts from midnight, not from the farm's start
    std::optional<DatedProfile> dated;      ///< its profile counts from `first`
    std::optional<RecordingPlan> recording; ///< it draws this, beside the voltage recorded with it
};

/// What its profile is ahead of the time of a farm that starts then.
SimDuration ahead_of(const LoadPlan& load, CivilTime start);

enum class WireProtocol : std::uint8_t { modbus_tcp, modbus_rtu };

/// Where a meter or a line is reached over TCP.
struct EndpointPlan {
    WireProtocol protocol{WireProtocol::modbus_tcp};
    bool connects{false}; ///< it opens the connection, as a radio does to its head end
    Endpoint at; ///< of the other side, or to listen at; port 0: one of its own, any free one
    Place place;
};

/// One RS-485 line with several meters.
struct BusPlan {
    std::string name;
    std::optional<std::string> pty; ///< path of the link that kpmsim makes
    std::vector<EndpointPlan> endpoints;
    int baud{9600};
    std::string format{"8N1"};
    Place place;
};

/// Errors that a file writes for one side of a meter; see ChannelErrors.
struct AdcErrors {
    double noise_rms{0}, gain_error{0}, phase_error_rad{0}, offset{0};
    double gain_per_k{0};
    double compression{0}; ///< currents only
    int bits{adc_bits};    ///< of the converter
};

/// Where meters upload to.
struct BrokerPlan {
    bool embedded{true}; ///< a private one of the farm's …
    MqttEndpoint at;     ///< … or this one, which runs already
};

/// The meters whose loads a meter sees in place of its own.
struct SumPlan {
    /// One meter without a sum of its own, and what its currents count here.
    struct Term {
        std::size_t meter{0}; ///< of FarmPlan::meters
        double factor{1};     ///< with the losses of all sums on the way
    };
    std::vector<std::string> of; ///< names of meters: the patterns as they were found
    double losses{0};            ///< fraction of the current that comes on top
    std::vector<Term> terms;     ///< by name
};

/// One physical meter.
struct MeterPlan {
    MeterSpec spec;
    std::vector<std::string> tags; ///< by which actions find it
    std::string supply;
    std::array<std::string, max_circuits> loads; ///< per circuit; empty = nothing connected
    std::optional<SumPlan> sum;                  ///< then without loads
    WiringSpec wiring;
    bool relay_switches{false};    ///< each circuit's load is behind its first relay
    bool by_class{false};          ///< errors drawn from the unit's own stream, within its class
    AdcErrors u_errors, i_errors;  ///< these add
    bool calibrated{false};        ///< a bench trimmed it after that, at reference_c
    double crystal{0};             ///< fraction by which its clock runs fast; adds
    double ambient_c{reference_c}; ///< of the air around it
    std::array<double, max_circuits>
        leakage_a{}; ///< of each circuit, from phase a to earth, at the supply's written voltage
    std::vector<std::string>
        buses; ///< of its RS-485 ports, the first one's first; none = on no line
    std::vector<EndpointPlan> endpoints; ///< its own
    int unit{1}; ///< Modbus-TCP unit id of circuit 1 while its address is the file's
    std::optional<BrokerPlan> mqtt;
    std::string client_id; ///< of its MQTT client, which all its circuits share
    Place place;

    bool is_on(const std::string& bus) const {
        return std::find(buses.begin(), buses.end(), bus) != buses.end();
    }
    /// Unit id less address: a gateway follows an address that is written over the wire.
    int unit_shift() const { return modbus_tcp() ? unit - spec.address : 0; }
    /// Its first port of Modbus-TCP.
    std::optional<Endpoint> modbus_tcp() const {
        for (const EndpointPlan& endpoint : endpoints)
            if (endpoint.protocol == WireProtocol::modbus_tcp && !endpoint.connects)
                return endpoint.at;
        return std::nullopt;
    }
};

/// How the meters' MQTT clients behave; V1.9 leaves all of it open.
struct MqttPlan {
    int qos{0};
    bool retain{false};
    int keepalive_s{60};
    SimDuration jitter{}; ///< uploads go up to so much later than they are due
    std::optional<BrokerPlan>
        maintenance; ///< where a meter goes that is told to reconfigure itself
    // TLS, where a broker's URL asks for it. Paths from where the program runs.
    std::string ca;          ///< certificates that are trusted, PEM; empty = those of this machine
    std::string certificate; ///< the clients' own, PEM; empty = none
    std::string key;         ///< its private key, PEM
    bool check_name{true};   ///< the broker's certificate must be for the host of its URL
};

/// http://127.0.0.1:9000/events in its parts.
struct HookUrl {
    Endpoint server;
    std::string host; ///< with the port, as it is written
    std::string path; ///< and what follows it
};

/// Where events of a running farm are posted to.
struct HookPlan {
    HookUrl url;
    std::vector<std::string> kinds{"uploads", "relays", "actions"};
    std::string meter;                          ///< a pattern of names; empty: all
    std::vector<std::string> names;             ///< of points, for readings; empty: the usual ones
    SimDuration every{std::chrono::seconds{1}}; ///< of readings and of time
    Place meter_place, names_place;             ///< where they are written
};

/// How a window that is like the last one is metered.
enum class Fidelity : std::uint8_t {
    sample, ///< as every other: each sample through converter and metering
    window, ///< by the sums of the last sampled one, with noise of its own; what changes is sampled
};

/// Where a farm that was kept goes on.
enum class StateResume : std::uint8_t {
    stored, ///< at the moment at which it was left
    wall,   ///< where its clock would be by now; in between no meter had its auxiliary supply
};

/// Where all that a farm is, is kept while it runs.
struct StatePlan {
    std::string folder;                         ///< path from where the program runs
    SimDuration every{std::chrono::minutes{1}}; ///< from one checkpoint to the next
    StateResume resume{StateResume::stored};
    std::optional<Place> place; ///< of the folder; nothing: it is a flag
};

/// Something that readings hang on, and a sum over it: the file itself but for how it is run and reached, a
/// model, a file that it names.
struct WorldPart {
    std::string what; ///< "farm.toml", "model kpm37", "day.csv"
    std::uint64_t sum{0};
    bool operator==(const WorldPart&) const = default;
};

/// A farm file, checked and with its counts unrolled.
struct FarmPlan {
    std::string file;
    std::vector<WorldPart> world; ///< all that readings hang on
    std::uint64_t seed{1};
    Pace pace;
    Fidelity fidelity{Fidelity::sample};
    CivilTime start{std::chrono::local_days{std::chrono::year{2026} / 1 / 1}};
    std::string bind{"127.0.0.1"}; ///< address of the endpoints that are written as a port
    std::optional<Endpoint> api;   ///< the control API listens there; nothing: it is off
    std::vector<HookPlan> hooks;
    std::optional<StatePlan> state; ///< nothing: it is gone when the farm stops
    MqttPlan mqtt;
    std::vector<SupplyPlan> supplies;
    std::vector<LoadPlan> loads;
    std::vector<BusPlan> buses;
    std::vector<MeterPlan> meters;
    std::vector<TomlNode> actions;     ///< [[do]], as they are written: scenarios/play reads them
    std::vector<WrittenValue> written; ///< by which a saved farm is told from another file's
    // What meters that are added later go by.
    const TypeLibrary* types{nullptr}; ///< that it was read with; outlives the plan
    BrokerPlan broker;                 ///< of meters that say mqtt = true
    std::string client_id{"{serial}"}; ///< pattern of the meters' MQTT clients
    std::vector<std::string> remarks;  ///< what is no mistake and yet must be known, a line each
};

/// "2026-01-01T00:00:00", of the years that a meter's clock shows.
std::optional<CivilTime> read_site_time(const std::string& text, Fault& fault);

/// "stored" or "wall"; nothing when it is neither.
std::optional<StateResume> read_state_resume(std::string_view text);

std::string_view name_of(Fidelity fidelity);
/// "sample" or "window"; nothing when it is neither.
std::optional<Fidelity> read_fidelity(std::string_view text);

/// Whether a meter's clock, wrong as it is written, shows the year in which the farm starts so.
bool clock_starts_well(const MeterPlan& meter, CivilTime start);

/// What hangs on the start, which may be told after the file was read: throws FileError for profiles
/// with dates that have not begun, or are over, when the farm starts.
void check_start(const FarmPlan& plan);

/// Reads and checks a farm file. Throws FileError with every mistake, each with its place and cure.
FarmPlan load_farm(const std::string& path, const TypeLibrary& types);
FarmPlan parse_farm(const std::string& text, const std::string& file, const TypeLibrary& types);

/// More meters for a farm: one [[meter]] as its file could have it, with `count`, held against all
/// that is there by the same checks. All of them, or none and what is wrong.
std::vector<MeterPlan> read_more_meters(const TomlNode& node, const FarmPlan& farm,
                                        std::vector<Mistake>& mistakes);

} // namespace kpmsim
