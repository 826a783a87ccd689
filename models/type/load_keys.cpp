#include "models/type/load_type.hpp"

#include <algorithm>
#include <initializer_list>

namespace kpmsim {

namespace {

/// What the wires of a type write, point by point.
class Wires {
public:
    explicit Wires(const MeterType& type) : type_{type}, reached_(type.points.all().size()) {
        for (const RegisterRow& row : type.registers.rows_of(RegisterSpace::holding))
            if (row.writable() &&
                (takes(MqttCommand::sys_cfg) || answers({16}) || (row.words == 1 && answers({6}))))
                reach(row);
        if (takes(MqttCommand::telectrl) || answers({5, 15}))
            for (const PointId relay : type.relay_points)
                reach(relay);
        if (takes(MqttCommand::settime))
            reach("clock");
        if (takes(MqttCommand::commod_set))
            for (const Role role : {Role::upload_seconds, Role::upload_minutes})
                if (const SettingRow* setting = type.setting(role))
                    reach(setting->name);
        if (takes(MqttCommand::reconfig))
            reach(name_of(Action::reconfigure));
    }

    bool reaches(PointId point) const { return reached_[point.place]; }

private:
    bool takes(MqttCommand command) const {
        return std::find(type_.mqtt_commands.begin(), type_.mqtt_commands.end(), command) !=
               type_.mqtt_commands.end();
    }
    /// Any of these Modbus functions.
    bool answers(std::initializer_list<int> codes) const {
        return std::find_first_of(type_.functions.begin(), type_.functions.end(), codes.begin(),
                                  codes.end()) != type_.functions.end();
    }
    void reach(PointId point) { reached_[point.place] = true; }
    void reach(std::string_view name) {
        if (const auto point = type_.points.find(name))
            reach(*point);
    }
    void reach(const RegisterRow& row) {
        switch (row.holds) {
        case RegisterHolds::point:
            reach(row.point);
            break;
        case RegisterHolds::packed:
            for (const PackedField& field : row.fields)
                reach(field.point);
            break;
        case RegisterHolds::command:
            for (const RegisterCommand& command : row.commands)
                reach(command.point);
            break;
        }
    }

    const MeterType& type_;
    std::vector<bool> reached_;
};

} // namespace

void find_keys_alone(MeterType& type) {
    const Wires wires{type};
    for (std::size_t n = 0; n < type.points.all().size(); ++n)
        if (const PointId id{static_cast<std::uint16_t>(n)};
            may_write(type.points[id].rights) && !wires.reaches(id))
            type.points.keep_to_keys(id);
}

} // namespace kpmsim
