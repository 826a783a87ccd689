#include "scenarios/play/faces.hpp"

#include <cmath>

namespace kpmsim {
namespace {

std::optional<PointFace> register_face(const MeterType& type, const FormulaTerm& point) {
    for (const RegisterRow& row : type.registers.rows) {
        if (row.holds != RegisterHolds::point || row.point != point.point || !row.readable() ||
            row.space != RegisterSpace::holding)
            continue;
        PointFace face{point, 0, 0};
        face.term.face = Face::registers;
        face.term.name = row.name;
        if (row.type == RegisterType::f32)
            face.relative = 0x1p-24;
        else
            face.absolute = row.scale / 2;
        return face;
    }
    return std::nullopt;
}

std::optional<PointFace> packet_face(const MeterPlan& meter, const FormulaTerm& point) {
    const UploadPlan& plan = upload_plan(*meter.spec.type, meter.spec.serial);
    for (const UploadTopic* topic : {&plan.realtime, &plan.energy})
        for (const auto& packet : topic->packets)
            for (const UploadField& field : packet) {
                if (field.point != point.point)
                    continue;
                PointFace face{point, 0, 0};
                face.term.face = Face::packet;
                face.term.name = field.key;
                face.term.factor = field.scale;
                face.absolute =
                    field.scale * std::pow(10.0, -field.decimals) * (field.truncate ? 1 : 0.5);
                return face;
            }
    return std::nullopt;
}

} // namespace

double PointFace::step_at(double value) const {
    // … and what a text or a float leaves of the last digit.
    return absolute * (1 + 1e-9) + (relative + 1e-15) * std::abs(value);
}

PointFaces faces_of(const MeterPlan& meter, const FormulaTerm& point) {
    PointFaces faces;
    faces.registers = register_face(*meter.spec.type, point);
    if (meter.mqtt)
        faces.packet = packet_face(meter, point);
    return faces;
}

} // namespace kpmsim
