#include "servers/mqtt/embedded_broker.hpp"
#include "tests/servers/test_mqtt_support.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

bool alive(int pid) { return ::kill(pid, 0) == 0; }

std::string refusal(const std::string& program) {
    try {
        EmbeddedBroker broker{program};
    } catch (const CannotListen& e) {
        return e.what();
    }
    return "";
}

} // namespace

TEST_SUITE("live") {
    TEST_CASE("an embedded broker serves on its own loopback port and is gone afterwards") {
        std::optional<EmbeddedBroker> one{std::in_place};
        const EmbeddedBroker two;
        CHECK(one->endpoint().host == "127.0.0.1");
        CHECK(one->endpoint().port != two.endpoint().port);
        { Subscriber served{one->endpoint().port}; }
        const int pid = one->pid();
        CHECK(alive(pid));
        const auto begin = Clock::now();
        one.reset();
        CHECK(Clock::now() - begin < 1s);
        CHECK(!alive(pid)); // not even a zombie
        CHECK(alive(two.pid()));
    }

    TEST_CASE("an embedded broker lives on when the thread that made it ends") {
        std::optional<EmbeddedBroker> broker;
        std::thread{[&] { broker.emplace(); }}.join();
        std::this_thread::sleep_for(50ms); // the kernel's signal, if there were one, is immediate
        CHECK(alive(broker->pid()));
        Subscriber served{broker->endpoint().port};
    }

    TEST_CASE("an embedded broker dies with a process that is killed") {
        // Orphans come to this process, which can then see how they ended.
        REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const pid_t parent = ::fork();
        if (parent == 0) {
            const EmbeddedBroker broker;
            const int pid = broker.pid();
            (void)!::write(ends[1], &pid, sizeof pid);
            for (;;)
                ::pause();
        }
        int broker = 0;
        REQUIRE(::read(ends[0], &broker, sizeof broker) == sizeof broker);
        CHECK(alive(broker));
        ::kill(parent, SIGKILL);
        REQUIRE(::waitpid(parent, nullptr, 0) == parent);
        int status = 0;
        REQUIRE(wait_until([&] { return ::waitpid(broker, &status, WNOHANG) == broker; }, 5s));
        CHECK(WIFSIGNALED(status));
        ::close(ends[0]);
        ::close(ends[1]);
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    }

    TEST_CASE("an embedded broker that ends by itself is reported") {
        Said said;
        EmbeddedBroker broker;
        ::kill(broker.pid(), SIGKILL);
        CHECK(wait_until([&] { return !alive(broker.pid()); }));
        CHECK(wait_until([&] { return said.count("ended by itself (signal 9)") == 1; }));
    }

    TEST_CASE("a broker that cannot be started is refused with the cure") {
        const std::string missing = refusal("/nowhere/mosquitto");
        CHECK(missing.find("/nowhere/mosquitto cannot be run") != std::string::npos);
        CHECK(missing.find("broker = \"mqtt://host:port\"") != std::string::npos);
        const std::string failing = refusal("/bin/false");
        CHECK(failing.find("did not start: exit code 1") != std::string::npos);
    }
}
