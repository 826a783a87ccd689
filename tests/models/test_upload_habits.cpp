#include "models/faces/habit_uploads.hpp"

#include <doctest/doctest.h>

using namespace kpmsim;

namespace {

const std::string topic = "MQTT_ENY_NOW";

std::string packet(const std::string& id, const std::string& fields, int isend) {
    return "{\"id\":\"" + id + "\"," + fields + ",\"time\":\"20260117211500\",\"isend\":\"" +
           std::to_string(isend) + "\"}";
}

std::vector<std::string> sent(const std::vector<UploadHabit>& habits, bool energy = true) {
    std::vector<HabitNow> now;
    for (const UploadHabit habit : habits)
        now.push_back({0, habit});
    std::vector<std::string> payloads;
    for (Upload& upload :
         with_habits({{topic, packet("33B1225950029", "\"zygsz\":163.486,\"pa\":-2.50", 0)},
                      {topic, packet("33B1225950029", "\"fygsz\":0.000", 1)}},
                     now, energy)) {
        CHECK(upload.topic == topic);
        payloads.push_back(std::move(upload.payload));
    }
    return payloads;
}

} // namespace

TEST_SUITE("exchange") {
    TEST_CASE("without a habit a record is as it was") {
        CHECK(sent({}) == std::vector{packet("33B1225950029", "\"zygsz\":163.486,\"pa\":-2.50", 0),
                                      packet("33B1225950029", "\"fygsz\":0.000", 1)});
    }

    TEST_CASE("a ghost is the record of zeros of the next serial number, at the same time") {
        const auto all = sent({UploadHabit::ghost_messages});
        REQUIRE(all.size() == 4);
        CHECK(all[1] == packet("33B1225950029", "\"fygsz\":0.000", 1));
        CHECK(all[2] == packet("33B1225950030", "\"zygsz\":0.000,\"pa\":0.00", 0));
        CHECK(all[3] == packet("33B1225950030", "\"fygsz\":0.000", 1));
        CHECK(sent({UploadHabit::ghost_messages}, false).size() == 2);
    }

    TEST_CASE("keys in capitals, numbers in quotes, isend the other way round") {
        CHECK(sent({UploadHabit::capital_keys})[0] ==
              packet("33B1225950029", "\"ZYGSZ\":163.486,\"PA\":-2.50", 0));
        CHECK(sent({UploadHabit::numbers_as_text})[0] ==
              packet("33B1225950029", "\"zygsz\":\"163.486\",\"pa\":\"-2.50\"", 0));
        CHECK(sent({UploadHabit::inverted_isend})[1] ==
              packet("33B1225950029", "\"fygsz\":0.000", 0));
        CHECK(sent({UploadHabit::capital_keys, UploadHabit::numbers_as_text})[1] ==
              packet("33B1225950029", "\"FYGSZ\":\"0.000\"", 1));
    }

    TEST_CASE("habits have names") {
        for (const std::string_view name : upload_habits())
            CHECK(name_of(*find_upload_habit(name)) == name);
        CHECK_FALSE(find_upload_habit("ghosts").has_value());
    }
}
