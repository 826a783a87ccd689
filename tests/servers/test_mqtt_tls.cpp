#include "servers/mqtt/mqtt_fleet.hpp"
#include "tests/servers/test_mqtt_support.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

using namespace kpmsim;
using namespace kpmsim::test;

namespace {

namespace fs = std::filesystem;

/// Runs a command; its output is nobody's matter.
bool runs(const std::string& command) {
    return std::system(("(" + command + ") >/dev/null 2>&1").c_str()) == 0;
}

/// A CA, a broker's certificate for localhost and one for another host, and a client's, made by
/// openssl; and a stranger's CA.
struct Certificates {
    fs::path folder;

    Certificates() {
        char pattern[] = "/tmp/kpmsim-tls-XXXXXX";
        folder = ::mkdtemp(pattern);
        authority("ca");
        authority("stranger");
        certificate("localhost", "DNS:localhost");
        certificate("elsewhere", "DNS:broker.example");
        certificate("client", "DNS:client");
        REQUIRE(runs("openssl pkey -in " + file("client.key") + " -aes256 -passout pass:x -out " +
                     file("locked.key")));
    }
    ~Certificates() { fs::remove_all(folder); }

    std::string file(const std::string& name) const { return (folder / name).string(); }

private:
    void make(const std::string& name, const std::string& more) const {
        REQUIRE(runs("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                     "-days 2 -subj /CN=" +
                     name + " -keyout " + file(name + ".key") + " -out " + file(name + ".pem") +
                     more));
    }
    void authority(const std::string& name) const { make(name, ""); }
    void certificate(const std::string& name, const std::string& alternative) const {
        make(name, " -CA " + file("ca.pem") + " -CAkey " + file("ca.key") +
                       " -addext subjectAltName=" + alternative);
    }
};

/// A broker with a plain port for the test's own subscriber and one that speaks TLS.
struct Broker {
    unsigned short plain{free_port()};
    unsigned short tls{free_port()};
    Mosquitto mosquitto;

    Broker(const Certificates& c, const std::string& host, const std::string& more = "")
        : mosquitto{plain, "allow_anonymous true\nlistener " + std::to_string(tls) +
                               " 127.0.0.1\ncafile " + c.file("ca.pem") + "\ncertfile " +
                               c.file(host + ".pem") + "\nkeyfile " + c.file(host + ".key") + "\n" +
                               more} {}
};

MqttEndpoint over_tls(unsigned short port, const std::string& host = "localhost") {
    MqttEndpoint endpoint;
    endpoint.host = host;
    endpoint.port = port;
    endpoint.tls = true;
    return endpoint;
}

MqttOptions hasty(MqttTls tls) {
    MqttOptions o;
    o.handshake_timeout = 2s;
    o.first_pause = 50ms;
    o.longest_pause = 200ms;
    o.tls = std::move(tls);
    return o;
}

/// What the log says of a broker to which no client gets; fails when one does.
std::string refusal(const MqttEndpoint& endpoint, const MqttTls& tls) {
    Said said;
    EventLoop loop;
    MqttFleet fleet{loop, hasty(tls)};
    fleet.add("m", endpoint);
    CHECK(run_until(loop, [&] { return !said.text().empty(); }));
    CHECK(fleet.connected() == 0);
    const auto later = Clock::now() + 500ms; // tried again, and not said again
    run_until(loop, [&] { return Clock::now() >= later; });
    CHECK(said.count("\n") == 1);
    return said.text();
}

std::string wrong_files(const MqttTls& tls) {
    EventLoop loop;
    MqttFleet fleet{loop, hasty(tls)};
    try {
        fleet.add("m", over_tls(1));
    } catch (const CannotListen& e) {
        return e.what();
    }
    return "";
}

bool says(const std::string& text, const std::string& part) {
    const bool yes = text.find(part) != std::string::npos;
    if (!yes)
        MESSAGE(text);
    return yes;
}

} // namespace

TEST_SUITE("live") {
    TEST_CASE(
        "clients speak TLS with a broker whose certificate is right, each with its own port") {
        const Certificates c;
        const Broker broker{c, "localhost"};
        Subscriber subscriber{broker.plain, 1};
        Said said;
        EventLoop loop;
        MqttOptions options = hasty({c.file("ca.pem"), "", "", true});
        options.qos = 1;
        options.handshake_timeout = 10s; // fifty at once, on a machine that has other things to do
        MqttFleet fleet{loop, options};
        for (int i = 0; i < 50; ++i)
            fleet.add("tls-" + std::to_string(i), over_tls(broker.tls));
        MqttEndpoint plain;
        plain.port = broker.plain;
        fleet.add("plain", plain);
        REQUIRE(run_until(loop, [&] { return fleet.connected() == 51; }));
        const std::string payload(20'000, 'x'); // more than a record holds
        for (int n = 0; n < 5; ++n)
            for (std::size_t i = 0; i < 51; ++i)
                fleet.publish(i, "T/" + std::to_string(i), payload + std::to_string(n));
        REQUIRE(run_until(loop, [&] { return fleet.traffic().published == 5 * 51; }));
        CHECK(fleet.traffic().dropped == 0);
        REQUIRE(wait_until([&] { return subscriber.received() == 5 * 51; }));
        for (const auto& [topic, messages] : subscriber.messages())
            for (std::size_t n = 0; n < 5; ++n)
                CHECK(messages.at(n) == payload + std::to_string(n));
        CHECK_MESSAGE(said.text().empty(), said.text());
        bool done = false;
        fleet.close([&] { done = true; });
        CHECK(run_until(loop, [&] { return done; }));
    }

    TEST_CASE("a broker whose certificate is for another host or of another CA gets no client") {
        const Certificates c;
        const MqttTls trusting{c.file("ca.pem"), "", "", true};
        {
            const Broker broker{c, "elsewhere"};
            const std::string said = refusal(over_tls(broker.tls), trusting);
            CHECK(says(said, "localhost:" + std::to_string(broker.tls) +
                                 " is not spoken to over TLS: its certificate is not for "
                                 "localhost"));
            CHECK(says(said, "mqtt_check_name = false"));
            // the check can be left out, and the signature is looked at still
            EventLoop loop;
            MqttFleet fleet{loop, hasty({c.file("ca.pem"), "", "", false})};
            fleet.add("m", over_tls(broker.tls));
            CHECK(run_until(loop, [&] { return fleet.connected() == 1; }));
            CHECK(says(refusal(over_tls(broker.tls), {c.file("stranger.pem"), "", "", false}),
                       "comes from no CA that is trusted"));
        }
        const Broker broker{c, "localhost"};
        CHECK(says(refusal(over_tls(broker.tls, "127.0.0.1"), trusting),
                   "its certificate is not for 127.0.0.1"));
        const std::string said =
            refusal(over_tls(broker.tls), {c.file("stranger.pem"), "", "", true});
        CHECK(says(said, "comes from no CA that is trusted"));
        CHECK(says(said, "mqtt_ca"));
        CHECK(says(refusal(over_tls(broker.tls), {}), "comes from no CA that is trusted"));
    }

    TEST_CASE("a broker that wants certificates of its clients gets the one that was given") {
        const Certificates c;
        const Broker broker{c, "localhost", "require_certificate true\n"};
        CHECK(says(refusal(over_tls(broker.tls), {c.file("ca.pem"), "", "", true}),
                   "mqtt_certificate"));
        CHECK(says(refusal(over_tls(broker.tls), {c.file("ca.pem"), c.file("stranger.pem"),
                                                  c.file("stranger.key"), true}),
                   "mqtt_certificate"));
        Said said;
        EventLoop loop;
        MqttFleet fleet{
            loop, hasty({c.file("ca.pem"), c.file("client.pem"), c.file("client.key"), true})};
        fleet.add("m", over_tls(broker.tls));
        CHECK(run_until(loop, [&] { return fleet.connected() == 1; }));
        CHECK(said.text().empty());
    }

    TEST_CASE(
        "TLS where none is spoken, and none where it is, are told apart from a broker that is "
        "down") {
        const Certificates c;
        const MqttTls trusting{c.file("ca.pem"), "", "", true};
        const Broker broker{c, "localhost"};
        CHECK(says(refusal(over_tls(broker.plain), trusting), "is it an mqtt:// broker"));
        MqttEndpoint plain;
        plain.port = broker.tls;
        CHECK(says(refusal(plain, {}), "does it speak TLS, as mqtts://?"));
        CHECK(says(refusal(over_tls(free_port(), "127.0.0.1"), trusting),
                   " is down (Connection refused)"));
    }

    TEST_CASE("a TLS handshake that nobody answers waits without turning the loop") {
        const Certificates c;
        SilentPort silent{8};
        EventLoop loop;
        MqttFleet fleet{loop, hasty({c.file("ca.pem"), "", "", true})};
        fleet.add("m", over_tls(silent.number(), "127.0.0.1"));
        REQUIRE(run_until(loop, [&] { return silent.taken() == 1; }));
        int handlers = 0;
        for (const auto end = Clock::now() + 500ms; Clock::now() < end;) {
            loop.restart();
            handlers += static_cast<int>(loop.run_one_for(10ms));
        }
        CHECK(handlers < 50);
    }

    TEST_CASE("a broker is asked for by the host of its URL (SNI), not by its address") {
        const Certificates c;
        const unsigned short port = free_port();
        const std::string server =
            "exec openssl s_server -quiet -accept 127.0.0.1:" + std::to_string(port) + " -cert " +
            c.file("localhost.pem") + " -key " + c.file("localhost.key") + " -cert2 " +
            c.file("localhost.pem") + " -key2 " + c.file("localhost.key") +
            " -servername localhost -servername_fatal </dev/null >/dev/null 2>&1";
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execl("/bin/sh", "sh", "-c", server.c_str(), nullptr);
            ::_exit(127);
        }
        // Until it listens the broker is down; then a wrong name would be refused, and the right one
        // gets through to a server that knows no MQTT.
        Said said;
        EventLoop loop;
        MqttFleet fleet{loop, hasty({c.file("ca.pem"), "", "", true})};
        fleet.add("m", over_tls(port));
        const auto later = Clock::now() + 3s;
        run_until(loop, [&] { return Clock::now() >= later; });
        CHECK_MESSAGE(said.count("over TLS") == 0, said.text());
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }

    TEST_CASE("files that do not fit are told before anything is connected") {
        const Certificates c;
        const std::string ca = c.file("ca.pem");
        const std::string pem = c.file("client.pem");
        const std::string key = c.file("client.key");
        CHECK(says(wrong_files({key, "", "", true}), "mqtt_ca " + key + " holds no certificate"));
        CHECK(says(wrong_files({ca, key, key, true}),
                   "mqtt_certificate " + key + " holds no certificate"));
        CHECK(says(wrong_files({ca, pem, pem, true}), pem + " holds no private key"));
        CHECK(says(wrong_files({ca, pem, c.file("ca.key"), true}),
                   "the key in " + c.file("ca.key") + " is not that of the certificate in " + pem));
        CHECK(says(wrong_files({ca, pem, c.file("locked.key"), true}), "is encrypted"));
        CHECK(wrong_files({ca, pem, key, true}).empty());
    }
}
