// SPDX-License-Identifier: Apache-2.0
//
// The judge: observes every silo, waits until the rogues have ended, checks that each was stopped for the right
// reason and that the others kept working, prints the balance, and gives the system's verdict. Then it goes on
// and looks after the others.
#include <inttypes.h>
#include <stdio.h>

#include <array>

#include "attacks.hpp"
#include "handles.hpp"
#include "messages.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {

constexpr std::array kAttackers{handles::rogue_null,       handles::rogue_spy,     handles::rogue_physical,
                                handles::rogue_physical_4, handles::rogue_virtual, handles::rogue_uart,
                                handles::rogue_uart_4,     handles::rogue_patch,   handles::rogue_inject,
                                handles::rogue_deep};
static_assert(kAttackers.size() == demo::kAttacks.size());

struct Worker {
  const char* name;
  Silo silo;
  std::uint64_t messages;  ///< sent and received, when last looked at
};
std::array workers{Worker{"sensor", handles::sensor, 0}, Worker{"controller", handles::controller, 0},
                   Worker{"actuator", handles::actuator, 0}, Worker{"logger", handles::logger, 0}};

constexpr auto kPatience = 3s;
int failures = 0;

void complain(const char* who, const char* what) {
  ++failures;
  printf("WRONG: %s %s\n", who, what);
}

std::uint64_t messages_of(const SiloStatus& status) { return status.messages_sent + status.messages_received; }

/// Every worker lives and has sent or received something since the last look, or does so soon: an emulated machine
/// whose cores share a few of the host's can be slow.
void look_at_workers() {
  for (Worker& worker : workers) {
    SiloStatus status = worker.silo.status().value();
    const Clock::time_point latest = Clock::now() + kPatience;
    while (status.running() && messages_of(status) <= worker.messages && Clock::now() < latest) {
      sleep_for(5ms);
      status = worker.silo.status().value();
    }
    if (!status.running()) complain(worker.name, "has ended");
    if (messages_of(status) <= worker.messages) complain(worker.name, "has stopped working");
    worker.messages = messages_of(status);
  }
}

SiloStatus wait_for_the_end_of(Silo silo, Clock::time_point latest) {
  SiloStatus status = silo.status().value();
  while (status.running() && Clock::now() < latest) {
    sleep_for(20ms);
    status = silo.status().value();
  }
  return status;
}

/// What the well-mannered rogue counted, checked against what the kernel counted.
demo::Confession hear_the_confession() {
  Result<Request> request = handles::confession.receive(30s);
  if (!request) {
    complain("rogue", "did not report");
    return {};
  }
  const auto confession = request->message.as<demo::Confession>();
  Port::reply(std::move(request->token), {}).ignore();
  if (confession.refused != confession.attempts) complain("rogue", "was let through");
  const std::uint64_t counted = handles::rogue.status().value().refused_calls;
  if (counted < confession.refused) complain("rogue", "was refused less often than it says");
  return confession;
}

bool stopped_as_expected(std::size_t number, Clock::time_point latest) {
  const demo::Attack& attack = demo::kAttacks[number];
  const SiloStatus status = wait_for_the_end_of(kAttackers[number], latest);
  if (status.running()) {
    complain(attack.target, "was attacked and the rogue is still running");
  } else if (status.state != abi::SiloState::Faulted) {
    complain(attack.target, "was attacked and the rogue got through");
  } else if (status.fault != attack.expected) {
    complain(attack.target, "was attacked and the fault is of another kind");
  } else if (attack.address != 0 && status.fault_address != attack.address) {
    complain(attack.target, "was attacked and the fault is at another address");
  } else {
    return true;
  }
  return false;
}

}  // namespace

int main() {
  sleep_for(300ms);
  look_at_workers();
  printf("sensor, controller, actuator and logger are at work; now %zu rogues try what they must not\n",
         kAttackers.size() + 1);

  const demo::Confession confession = hear_the_confession();
  std::uint64_t attempts = confession.attempts, refused = confession.refused;
  const Clock::time_point latest = Clock::now() + 30s;
  for (std::size_t number = 0; number < kAttackers.size(); ++number) {
    ++attempts;
    if (stopped_as_expected(number, latest)) ++refused;
    sleep_for(50ms);
    look_at_workers();
  }
  sleep_for(500ms);
  look_at_workers();

  printf("%" PRIu64 " attempts, %" PRIu64 " refused; %zu rogues stopped; the others %s\n", attempts, refused,
         kAttackers.size(), failures == 0 ? "kept working" : "were harmed, or a rogue got through");
  handles::system.verdict(failures == 0 && attempts == refused ? 0 : 1).value();

  for (;;) {
    sleep_for(1s);
    look_at_workers();
  }
}
