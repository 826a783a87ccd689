#include "models/faces/registers.hpp"
#include "servers/line/shared_line.hpp"
#include "servers/modbus/rtu_meters.hpp"
#include "servers/net/asio.hpp"
#include "servers/net/pty_port.hpp"

#include "modbus_rig.hpp"
#include "outside_clients.hpp"
#include "said.hpp"
#include "serving_thread.hpp"

#include <doctest/doctest.h>
#include <modbus.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace kpmsim;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A folder of its own, gone afterwards.
struct Folder {
    fs::path path;
    Folder() {
        auto name = (fs::temp_directory_path() / "kpmsim-pty-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    std::string operator/(const char* name) const { return (path / name).string(); }
};

/// A line with the meters 1 and 2 at 115200 Bd, so that its pauses are short.
struct Bus {
    Folder folder;
    MeterType type{rig::plain_type()};
    std::unique_ptr<Meter> one;
    std::unique_ptr<Meter> two;
    rig::ServingThread serving;
    std::unique_ptr<SharedLine> line;
    std::unique_ptr<PtyPort> port;
    std::string link{folder / "run/line1"};

    explicit Bus(LineSettings settings = {115200, 10}, int turnaround_ms = 2) {
        type.line.turnaround_ms = turnaround_ms;
        one = rig::meter(type, 1);
        two = rig::meter(type, 2);
        line = std::make_unique<SharedLine>(
            settings,
            std::make_unique<RtuMeters>(settings, std::vector<Circuit*>{&one->circuits().front(),
                                                                        &two->circuits().front()}));
        port = std::make_unique<PtyPort>(serving.loop, link, settings.baud, *line);
        serving.start();
    }
    ~Bus() { serving.stop(); }

    const Traffic& traffic() {
        serving.stop();
        return line->traffic();
    }
};

/// A line without meters.
SharedLine nobody{{}, std::make_unique<RtuMeters>(LineSettings{}, std::vector<Circuit*>{})};

/// For an answer that must come: it costs nothing, and a machine may stand still for a while.
constexpr auto patience = 5s;

/// libmodbus on a serial line; says whether a read of ten registers went well.
bool libmodbus_reads(const std::string& link, int baud = 115200, char parity = 'N', int unit = 1,
                     std::chrono::milliseconds timeout = patience) {
    auto* const client = modbus_new_rtu(link.c_str(), baud, parity, 8, 1);
    modbus_set_slave(client, unit);
    modbus_set_response_timeout(client, static_cast<std::uint32_t>(timeout / 1s),
                                static_cast<std::uint32_t>(timeout % 1s / 1us));
    std::array<std::uint16_t, 10> words{};
    const bool well =
        modbus_connect(client) == 0 && modbus_read_registers(client, 0, 10, words.data()) == 10;
    modbus_close(client);
    modbus_free(client);
    return well;
}

/// A plain serial client.
class RawClient {
public:
    explicit RawClient(const std::string& link, speed_t speed = B115200)
        : fd_{::open(link.c_str(), O_RDWR | O_NOCTTY)} {
        REQUIRE(fd_ >= 0);
        termios settings{};
        ::tcgetattr(fd_, &settings);
        ::cfmakeraw(&settings);
        ::cfsetspeed(&settings, speed);
        settings.c_cc[VMIN] = 0;
        settings.c_cc[VTIME] = 0;
        REQUIRE(::tcsetattr(fd_, TCSANOW, &settings) == 0);
    }
    ~RawClient() { ::close(fd_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(const rig::Bytes& bytes) const {
        REQUIRE(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }
    /// What comes until nothing has come for `quiet`.
    rig::Bytes take(std::chrono::milliseconds quiet) const {
        rig::Bytes all;
        pollfd readable{fd_, POLLIN, 0};
        while (::poll(&readable, 1, static_cast<int>(quiet.count())) > 0) {
            std::array<std::uint8_t, 512> some;
            const auto n = ::read(fd_, some.data(), some.size());
            if (n <= 0)
                break;
            all.insert(all.end(), some.begin(), some.begin() + n);
        }
        return all;
    }
    /// An answer that must come.
    rig::Bytes answer() const {
        pollfd readable{fd_, POLLIN, 0};
        ::poll(&readable, 1, static_cast<int>(std::chrono::milliseconds{patience}.count()));
        return take(50ms);
    }
    int fd() const { return fd_; }

private:
    int fd_;
};

/// A client in a process of its own that is killed while it has the line open.
template <class Deed>
void killed_client(const std::string& link, Deed deed) {
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    const auto pid = ::fork();
    if (pid == 0) {
        const int fd = ::open(link.c_str(), O_RDWR | O_NOCTTY);
        deed(fd);
        [[maybe_unused]] const auto told = ::write(ready[1], "r", 1);
        for (;;)
            ::pause();
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

const rig::Bytes read_ten = rig::rtu(1, rig::request(3, 0, 10));

std::string refusal_of(const std::string& link) {
    EventLoop loop;
    try {
        const PtyPort line{loop, link, 9600, nobody};
    } catch (const CannotListen& why) {
        return why.what();
    }
    return "";
}

} // namespace

TEST_SUITE("live") {
    TEST_CASE("libmodbus reads and writes the meters on a pty") {
        Bus bus;
        auto* const client = modbus_new_rtu(bus.link.c_str(), 115200, 'N', 8, 1);
        REQUIRE(modbus_connect(client) == 0);
        rig::libmodbus_reads_and_writes(client);
        CHECK(bus.traffic().requests == rig::libmodbus_requests);
        CHECK(bus.traffic().other_units == 1);
    }

    TEST_CASE("mbpoll reads a register on a pty" * doctest::skip(!fs::exists("/usr/bin/mbpoll"))) {
        Bus bus;
        bus.serving.stop();
        write_registers(bus.one->circuits().front(), 9, std::vector<std::uint16_t>{4321});
        bus.serving.start();
        rig::mbpoll_reads("-m rtu -b 115200 -P none " + bus.link);
    }

    TEST_CASE("an answer comes when its last character would, not sooner") {
        Bus bus{{9600, 10}, 20};
        const RawClient client{bus.link, B9600};
        // 8 characters, 20 ms, 25 characters
        const LineTime due = LineSettings{}.characters(8) + 20ms + LineSettings{}.characters(25);
        for (int n = 0; n < 5; ++n) {
            const auto begin = std::chrono::steady_clock::now();
            client.send(read_ten);
            pollfd readable{client.fd(), POLLIN, 0};
            REQUIRE(::poll(&readable, 1, 2000) == 1);
            const auto took = std::chrono::steady_clock::now() - begin;
            CHECK(client.take(5ms).size() == 25); // whole
            CHECK(took >= due);                   // how much later is the machine's matter
        }
    }

    TEST_CASE("a client at another speed meets silence, and is heard at the right one") {
        Bus bus;
        CHECK_FALSE(libmodbus_reads(bus.link, 9600, 'N', 1, 300ms));
        CHECK_FALSE(libmodbus_reads(bus.link, 19200, 'N', 1, 300ms));
        CHECK(libmodbus_reads(bus.link, 115200));
        CHECK(bus.traffic().wrong_line == 2);
    }

    TEST_CASE("openings that ask for parity, are exclusive or killed leave the line usable") {
        Bus bus;
        for (int n = 0; n < 5; ++n) {
            CHECK(libmodbus_reads(bus.link, 115200, 'E'));
            CHECK(libmodbus_reads(bus.link, 115200, 'E')); // the same again: still a change
            CHECK(libmodbus_reads(bus.link, 115200, 'O'));
            killed_client(bus.link, [](int fd) {
                ::ioctl(fd, TIOCEXCL);
                termios settings{};
                ::tcgetattr(fd, &settings);
                ::cfmakeraw(&settings);
                ::cfsetspeed(&settings, B1200);
                settings.c_cc[VMIN] = 0;
                ::tcsetattr(fd, TCSANOW, &settings);
                ::flock(fd, LOCK_EX);
                [[maybe_unused]] const auto begun = ::write(fd, "\x01\x03", 2);
            });
            // The line is told of the death and cleans up; a client that opens right then may be
            // too early, as root is let past TIOCEXCL here but others are not.
            int exclusive = 1;
            for (int tries = 0; tries < 200 && exclusive != 0; ++tries) {
                std::this_thread::sleep_for(1ms);
                const int fd = ::open(bus.link.c_str(), O_RDWR | O_NOCTTY);
                REQUIRE(fd >= 0);
                ::ioctl(fd, TIOCGEXCL, &exclusive);
                ::close(fd);
            }
            CHECK(exclusive == 0);
            std::this_thread::sleep_for(100ms); // 2 characters at 1200 Bd and the slack
            CHECK(libmodbus_reads(bus.link));
        }
        CHECK(bus.traffic().requests == 20);
    }

    TEST_CASE("a client that opens the line again at once finds it, whatever it asks for") {
        Bus bus;
        unsigned well = 0;
        for (const char parity : {'E', 'O', 'E', 'N'})
            for (int n = 0; n < 50; ++n)
                well += libmodbus_reads(bus.link, 115200, parity);
        CHECK(well == 200);
        CHECK(bus.traffic().requests == 200);
    }

    TEST_CASE("a client that leaves without a word leaves the next one something to change") {
        const test::Said said;
        Bus bus;
        const auto silent_visit = [&] {
            const int fd = ::open(bus.link.c_str(), O_RDWR | O_NOCTTY);
            termios settings{};
            ::tcgetattr(fd, &settings);
            ::cfmakeraw(&settings);
            settings.c_cflag |= CLOCAL | CREAD | PARENB;
            ::cfsetspeed(&settings, B115200);
            const bool well = ::tcsetattr(fd, TCSANOW, &settings) == 0;
            ::close(fd);
            return well;
        };
        {
            // Somebody else is there all the time, so that nothing is put back.
            const RawClient other{bus.link};
            const auto unsettled = [&] {
                termios settings{};
                ::tcgetattr(other.fd(), &settings);
                return (settings.c_cflag & CLOCAL) == 0;
            };
            for (int n = 0; n < 20; ++n) {
                CHECK(silent_visit());
                // at once, as far as the machine lets it
                for (int tries = 0; tries < 5000 && !unsettled(); ++tries)
                    std::this_thread::sleep_for(1ms);
                CHECK(unsettled());
            }
        }
        for (int tries = 0; tries < 5000 && said.count("left without a word") == 0; ++tries)
            std::this_thread::sleep_for(1ms);
        CHECK(silent_visit());
        bus.serving.stop();
        CHECK(said.count("left without a word") == 1);
    }

    TEST_CASE("an answer to a client that is gone does not wait for the next one") {
        Bus bus{{115200, 10}, 100};
        {
            const RawClient hasty{bus.link};
            hasty.send(read_ten);
        }
        std::this_thread::sleep_for(30ms); // half way to the answer
        const RawClient next{bus.link};
        CHECK(next.take(200ms).empty());
        next.send(read_ten);
        CHECK(next.answer().size() == 25);
        CHECK(bus.traffic().requests == 2);
    }

    TEST_CASE("what a client wrote before it went is carried out, what it left unread is gone") {
        Bus bus;
        {
            const RawClient writer{bus.link};
            writer.send(rig::rtu(1, rig::request(6, 7, 0x1234)));
            std::this_thread::sleep_for(50ms); // the answer is there, unread
        }
        std::this_thread::sleep_for(30ms);
        const RawClient next{bus.link};
        CHECK(next.take(100ms).empty());
        next.send(rig::rtu(1, rig::request(3, 7, 1)));
        CHECK(rig::hex(next.answer()) == rig::hex(rig::rtu(1, rig::bytes("03 02 12 34"))));
    }

    TEST_CASE("a second client that opens and leaves does not disturb the first") {
        Bus bus;
        const RawClient first{bus.link, B9600}; // not the line's speed: must not be put right
        { const RawClient second{bus.link, B9600}; }
        std::this_thread::sleep_for(20ms);
        first.send(read_ten);
        CHECK(first.take(100ms).empty());
        CHECK(bus.traffic().wrong_line == 1);
    }

    TEST_CASE("a flood of noise ends with the client, and the next one is answered") {
        Bus bus;
        {
            const RawClient noisy{bus.link};
            ::fcntl(noisy.fd(), F_SETFL, O_NONBLOCK);
            const rig::Bytes noise(100'000, 0x55);
            std::size_t taken = 0;
            for (int n = 0; n < 100; ++n) {
                const auto more = ::write(noisy.fd(), noise.data(), noise.size());
                taken += more > 0 ? static_cast<std::size_t>(more) : 0;
            }
            CHECK(taken < 1'000'000); // it is held up as by a serial port
        }
        std::this_thread::sleep_for(200ms); // what is on the wire: 1024 characters = 89 ms
        CHECK(libmodbus_reads(bus.link));
        CHECK(bus.traffic().long_frames == 1);
    }

    TEST_CASE("the link is made in its folder, replaces a stale one and goes with the line") {
        Folder folder;
        const auto link = folder / "line1";
        fs::create_symlink("/dev/pts/99999", link);
        EventLoop loop;
        {
            const PtyPort line{loop, link, 9600, nobody};
            CHECK(fs::read_symlink(link) == line.device());
            CHECK(fs::is_character_file(line.device()));
            CHECK(std::distance(fs::directory_iterator{folder.path}, {}) == 1);
        }
        CHECK_FALSE(fs::is_symlink(link));
        {
            const PtyPort line{loop, link, 9600, nobody};
            fs::remove(link);
            fs::create_symlink("/dev/null", link); // somebody else's by now
        }
        CHECK(fs::read_symlink(link) == "/dev/null");
    }

    TEST_CASE("the link of a line that runs is not taken over, by whatever path") {
        Folder folder;
        const auto link = folder / "line1";
        const auto round_about = folder / "../" + folder.path.filename().string() + "/line1";
        {
            EventLoop loop;
            const PtyPort line{loop, link, 9600, nobody};
            for (const std::string& name : {link, round_about})
                CHECK(refusal_of(name) == "cannot make the pty link " + name +
                                              ": another running line has that name; stop it or "
                                              "choose another name");
            CHECK(fs::read_symlink(link) == line.device());
        }
        EventLoop loop;
        const PtyPort next{loop, link, 9600, nobody};
        CHECK(fs::read_symlink(link) == next.device());
    }

    TEST_CASE("a link that cannot be made is an error with the cure") {
        Folder folder;
        const auto file = folder / "notes";
        std::ofstream{file} << "keep me";
        CHECK(refusal_of(file) == "cannot make the pty link " + file +
                                      ": something else has that name; move it away or choose "
                                      "another name");
        CHECK(fs::file_size(file) == 7);
        const auto link = folder / "mine"; // to what is no pty
        for (const auto& target : {file, folder.path.string(), std::string{"/dev/null"}}) {
            fs::create_symlink(target, link);
            CHECK(refusal_of(link).find(": something else has that name") != std::string::npos);
            CHECK(fs::read_symlink(link) == target);
            fs::remove(link);
        }
        fs::create_symlink(folder / "gone", link);
        CHECK(refusal_of(link) == "");
        CHECK(refusal_of(file + "/line1").find("choose a folder that this program may write to") !=
              std::string::npos);
        CHECK(refusal_of("/proc/line1").find("choose a folder that this program may write to") !=
              std::string::npos);
        CHECK(refusal_of("").find("it needs a name") != std::string::npos);
        CHECK(refusal_of(folder / "run/").find("it needs a name") != std::string::npos);
    }

    TEST_CASE("three hundred lines on one loop need one watch and answer side by side") {
        Folder folder;
        const auto type = rig::plain_type();
        const auto meter = rig::meter(type, 1);
        rig::ServingThread serving;
        std::vector<std::unique_ptr<PtyPort>> lines;
        const auto name = [&](std::size_t n) { return (folder.path / std::to_string(n)).string(); };
        for (std::size_t n = 0; n < 300; ++n) {
            const LineSettings settings{115200, 10};
            SharedLine line{settings,
                            std::make_unique<RtuMeters>(
                                settings, std::vector<Circuit*>{&meter->circuits().front()})};
            lines.push_back(std::make_unique<PtyPort>(serving.loop, name(n), settings.baud, line));
        }
        serving.start();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (std::size_t n = 0; n < lines.size(); ++n)
            clients.push_back(std::make_unique<RawClient>(name(n)));
        for (const auto& client : clients)
            client->send(read_ten);
        std::size_t answered = 0;
        for (const auto& client : clients) {
            pollfd readable{client->fd(), POLLIN, 0};
            ::poll(&readable, 1, 2000);
            answered += client->take(0ms).size() == 25;
        }
        CHECK(answered == 300);
        serving.stop();
    }
}
