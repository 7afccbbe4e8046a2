// SPDX-License-Identifier: Apache-2.0
//
// Silos that end and come back, from their client, which is their operator and reads the audit as well: each policy,
// what is new and what has stayed, groups, a supervisor that decides and one that does not.
#include <cstring>
#include <string_view>

#include "check.hpp"
#include "handles.hpp"
#include "phoenix.hpp"

using namespace conformance;

namespace {

/// One phoenix, as its client sees it.
struct Peer {
  const char* name;
  Port port;
  Channel births;
};

const Peer always{"always", handles::always, handles::births_always};
const Peer limited{"limited", handles::limited, handles::births_limited};
const Peer supervised{"supervised", handles::supervised, handles::births_supervised};
const Peer first{"first", handles::first, handles::births_first};
const Peer second{"second", handles::second, handles::births_second};
const Peer twofold{"twofold", handles::twofold, handles::births_twofold};
const Peer plain{"plain", handles::plain, handles::births_plain};

std::uint32_t number_of(std::string_view name) {
  std::uint32_t next = 0, found = ~0u;
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        if (silo.name == name) found = next;
        ++next;
      })
      .value();
  return found;
}
SiloLife life_of(const Peer& peer) { return handles::system.life(number_of(peer.name)).value(); }

/// Its next word about a beginning: all of it as after boot. When that was, in ticks.
std::uint64_t expect_birth(const Peer& peer, const char* text) {
  Result<Delivery> said = peer.births.receive(5s);
  // Its end may not have been told yet to who waits for this.
  if (!said && said.error() == kPeerRestarted) said = peer.births.receive(5s);
  const bool is_there = said.ok() && said->message.words[1] == 1;
  if (!check(is_there && said->message.words[0] == phoenix::kAllIsFresh, text)) {
    if (said)
      printf("# %s: found %" PRIu64 ", quota %" PRIu64 "\n", peer.name, said->message.words[0], said->message.words[1]);
    if (!said) printf("# %s: %s\n", peer.name, said.error().name());
  }
  return said ? said->message.words[2] : 0;
}
void expect_silence(const Peer& peer, const char* text) {
  Result<Delivery> said = peer.births.receive(50ms);
  if (!said && said.error() == kPeerRestarted) said = peer.births.receive(50ms);
  check(!said && (said.error() == kTimedOut || said.error() == kPeerGone), text);
}
bool echoes(const Peer& peer) {
  const Result<Message> answer = peer.port.call({phoenix::kEcho, {1, 2, 3}}, 1s);
  return answer.ok() && answer->words[2] == 3;
}

/// The records of the audit's lifecycle about one silo since the last look.
bool audit_tells(std::string_view name, abi::AuditLife what, std::uint64_t detail) {
  const std::uint32_t number = number_of(name);
  bool found = false;
  for (auto record = handles::audit.read(); record.ok(); record = handles::audit.read()) {
    found = found || (record->silo == number && record->category == abi::AuditCategory::Lifecycle &&
                      record->what == static_cast<std::uint64_t>(what) && record->detail == detail);
  }
  return found;
}

void check_always() {
  expect_birth(always, "a silo begins");
  check(echoes(always), "and serves");
  check_error(always.port.call({phoenix::kCrash}), kPeerRestarted,
              "a call that kills its server: ECONNRESET, not EPIPE");
  expect_birth(always, "N7 it begins again, and nothing of its former life is left in its memory");
  check(echoes(always), "and serves the same handle");
  check_error(always.port.call({phoenix::kExit}), kPeerRestarted, "an exit is an end like any other");
  expect_birth(always, "so it comes back as well");
  check_equal(life_of(always).restarts, 2, "two restarts are counted");
  check(life_of(always).last_end == abi::SiloState::Exited, "the last end was an exit");
  check(audit_tells("always", abi::AuditLife::Restarted, 2), "the audit tells of the second");
}

void check_queue() {
  const Channel births = always.births;
  check_ok(always.port.call({phoenix::kCrashIn, {30}}), "a server that will crash");
  for (std::uint64_t i = 0; i < 5; ++i)
    check_ok(always.port.send({phoenix::kCrashIn + 100 + i}), "a message waits in its port");
  // The first message behind the restart is one that it does not know: it ends with 8, and so on five times.
  for (int i = 0; i < 6; ++i) expect_birth(always, "each message that was queued is there after a restart, once");
  check(echoes(always), "then the queue is empty, and it serves");
  check_error(births.try_receive(), kWouldBlock, "it has not begun more often");
  check_equal(life_of(always).restarts, 8, "eight restarts by now");
}

void check_waiting_peer() {
  // Its end of `births` is waited at while it dies: whoever waits for it is told.
  check_ok(plain.port.call({phoenix::kEcho}), "a silo that never restarts serves");
  check_ok(always.port.call({phoenix::kCrashIn, {20}}), "another will crash");
  check_error(always.births.receive(2s), kPeerRestarted,
              "who waits at the channel meanwhile is told that it comes back");
  expect_birth(always, "and gets what it sends when it has");
  check_ok(plain.port.call({phoenix::kCrashIn, {20}}), "the one that never restarts will crash");
  expect_birth(plain, "(it had begun once)");
  check_error(plain.births.receive(2s), kPeerGone, "who waits at its channel is told that it is gone");
  check_error(plain.port.call({phoenix::kEcho}), kPeerGone, "and so is who calls it");
}

void check_limited() {
  expect_birth(limited, "a silo that may restart three times in a minute begins");
  for (int i = 0; i < 3; ++i) {
    check_error(limited.port.call({phoenix::kCrash}), kPeerRestarted, "it crashes");
    expect_birth(limited, "it comes back");
  }
  check_error(limited.port.call({phoenix::kCrash}), kPeerGone, "at the fourth its client is told that it is gone");
  expect_silence(limited, "it stays down");
  check(
      audit_tells("limited", abi::AuditLife::StaysDown, static_cast<std::uint64_t>(abi::StaysDownReason::LimitUsedUp)),
      "the audit says why");
  check_error(limited.port.call({phoenix::kEcho}), kPeerGone, "a call to it: EPIPE");
  check_ok(handles::system.start(number_of("limited")), "the operator starts it");
  expect_birth(limited, "it begins");
  check(echoes(limited), "and the old handle serves again");
}

void check_supervised() {
  expect_birth(supervised, "a supervised silo begins");
  check_error(supervised.port.call({phoenix::kCrash}), kPeerRestarted, "it crashes");
  expect_silence(supervised, "nothing happens by itself");
  check(life_of(supervised).comes_back, "it waits for its supervisor");
  check_ok(handles::system.start(number_of("supervised")), "who says so");
  expect_birth(supervised, "then it begins");
  check_error(supervised.port.call({phoenix::kCrash}), kPeerRestarted, "it crashes again");
  check_ok(supervised.port.send({phoenix::kEcho}, 1s), "while it is away, its port takes messages");
  check_error(supervised.port.call({phoenix::kEcho}, 5s), kPeerGone,
              "a caller is told when nobody has said anything in time");
  check(audit_tells("supervised", abi::AuditLife::StaysDown,
                    static_cast<std::uint64_t>(abi::StaysDownReason::NobodyAnswered)),
        "the audit says why it stays down");
}

void check_group() {
  expect_birth(first, "the first of a group begins");
  expect_birth(second, "the second of it begins");
  check_error(second.port.call({phoenix::kCrash}), kPeerRestarted, "the second crashes");
  expect_birth(first, "the first, whose fault it was not, begins again");
  expect_birth(second, "and the second");
  check(life_of(first).started < life_of(second).started, "in the order of the manifest");
  check(life_of(first).last_end == abi::SiloState::Killed && life_of(first).why == number_of("second"),
        "the record of the first says because of whom it was stopped");
  check(echoes(first) && echoes(second), "both serve");
}

void check_operator() {
  const std::uint32_t number = number_of("always");
  check_error(handles::system.start(number), kExists, "one that runs is not started");
  check_ok(handles::system.restart(number), "it is restarted");
  expect_birth(always, "it begins");
  check_ok(handles::system.kill(number), "it is stopped");
  check_error(always.port.call({phoenix::kEcho}, 1s), kPeerGone, "for good, whatever its policy");
  check_error(handles::system.kill(number), kNotFound, "a second time there is nothing to stop");
  expect_silence(always, "it stays down");
  check_ok(handles::system.restart(number), "a restart starts it");
  expect_birth(always, "it begins");
  check(echoes(always), "and serves");
  check_error(handles::system.start(9999), kInvalidArgument, "a silo that there is not");
  check_error(handles::system.life(9999), kInvalidArgument, "nor has a life");
}

/// Which image answers: 0, 1, or 99.
std::uint32_t image_that_answers() {
  const Result<Message> answer = twofold.port.call({phoenix::kEcho, {1, 2, 3}}, 1s);
  if (!answer || answer->words[2] != 3) return 99;
  return answer->opcode == phoenix::kEchoOfSuccessor ? 1 : 0;
}

/// A silo with two images, the newer of which is larger.
void check_images() {
  const std::uint32_t number = number_of("twofold");
  check_equal(number, silos::twofold, "the header has its number");
  expect_birth(twofold, "a silo with two images begins");
  check_equal(image_that_answers(), 0, "with its first");
  check_equal(life_of(twofold).images, 2, "its life says how many it has");
  const Result<void> third = handles::system.replace(number, 2);
  check_error(third, kInvalidArgument, "there is no third");
  check(std::string_view(third.error().message()) == "the silo has no image of this number", "the error says so");
  const Result<void> nobody = handles::system.replace({9999, 0});
  check(std::string_view(nobody.error().message()) == "there is no silo of this number", "or that it is the silo");
  check_error(handles::system.replace(number_of("always"), 1), kInvalidArgument, "others have one");
  check_ok(handles::system.replace(images::twofold::newer), "N7 it gets the newer image, by its name");
  check_equal(life_of(twofold).image, 1, "its life says so");
  expect_birth(twofold, "that begins, and finds nothing of the older one");
  check_equal(image_that_answers(), 1, "and serves the same handle");
  check(audit_tells("twofold", abi::AuditLife::Replaced, 1), "the audit tells of it");
  check_error(twofold.port.call({phoenix::kCrash}), kPeerRestarted, "it crashes");
  expect_birth(twofold, "it comes back");
  check_equal(image_that_answers(), 1, "as the same image");
  check_ok(handles::system.kill(number), "it is stopped");
  check_ok(handles::system.replace(images::twofold::main), "and gets the older one");
  expect_birth(twofold, "which begins, and finds nothing of the newer one");
  check_equal(image_that_answers(), 0, "and serves");
  // Back and forth, each time at another moment after a crash: it ends, is away, is being loaded, or runs.
  for (std::uint32_t i = 0; i < 60; ++i) {
    const std::uint32_t wanted = i % 2;
    check_error(twofold.port.call({phoenix::kCrash}), kPeerRestarted, "it crashes");
    sleep_for(std::chrono::microseconds(i * 250));
    const Result<void> replaced = handles::system.replace(number, wanted);
    if (!replaced) printf("# replace: %s\n", replaced.error().name());
    check(replaced.ok(), "it gets the other image at any moment");
    while (twofold.births.receive(20ms).ok()) {
    }
    check_equal(image_that_answers(), wanted, "and serves with that");
  }
}

/// A channel that redelivers: what a silo has in hand when it ends comes again, once.
void check_poison() {
  const auto next = [] {
    Result<Delivery> said = kPeerRestarted;
    while (!said && said.error() == kPeerRestarted) said = handles::eaten.receive(2s);
    return said ? said->message.opcode : 0;
  };
  for (const std::uint64_t meal : {1, 2, 666, 3, 667, 4}) handles::meals.send({meal, {meal * 10}}, 1s).value();
  for (const std::uint64_t meal : {1, 2, 3, 667, 4}) check_equal(next(), meal, "a message is dealt with, in the order");
  check(audit_tells("eater", abi::AuditLife::Poison, 666),
        "the one that ended its receiver twice is set aside, and told of");
  const SiloLife life = handles::system.life(number_of("eater")).value();
  check_equal(life.restarts, 3, "twice by the one that is poison, once by one that was not the second time");
}

}  // namespace

int main() {
  check_always();
  check_queue();
  check_waiting_peer();
  check_limited();
  check_supervised();
  check_group();
  check_poison();
  check_operator();
  check_images();
  const int failed = finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
