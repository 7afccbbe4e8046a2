// SPDX-License-Identifier: Apache-2.0
//
// The fast path and the C++ path give the same results: a driver, a second client and two servers do the same random
// system calls twice, once with tracing off and once with tracing on, which leaves the fast path out. Every register
// that a call gives back goes into a checksum, and the checksums must be equal step by step.
// Nothing depends on time: each thread has a priority of its own, and no deadline can come. What a server does is said
// by the opcode of its message, so all randomness is the clients'. Manifest: conformance_both_ways; the argument is the
// role, of the driver the number of steps.
#pragma GCC target("general-regs-only")

#include "fast_path.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kForever = GRANARY_DEADLINE_FOREVER;
constexpr std::uint64_t kFar = std::uint64_t{1} << 62;
enum Role : std::uint64_t { kFirstServer = 1, kSecondServer, kSecondClient };
constexpr std::uint64_t kReset = 0x1000, kResult = 0x2000;  // opcodes that are no behaviour

std::uint64_t own, callable[3];  ///< own port; those that it may call, in the manifest's order
std::uint64_t checksum, first_token, random_state;

std::uint64_t random_word() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state * 0x2545f4914f6cdd1d;
}
unsigned random_below(unsigned bound) { return static_cast<unsigned>((random_word() >> 32) * bound >> 32); }

void note(std::uint64_t value) {
  checksum = (checksum ^ value) * 0x9e3779b97f4a7c15;
  checksum ^= checksum >> 29;
}

/// The call, with dirt in every register that it does not name; everything it gives goes into the checksum.
void call(General& registers) {
  const std::uint64_t found = call_and_look(registers);
  note(found);
  for (unsigned i = 0; i < 19; ++i) {
    // Tokens count on through both runs.
    const bool is_token = i == 8 && registers.x[8] != 0 && registers.x[0] == 0;
    if (is_token && first_token == 0) first_token = registers.x[8];
    note(is_token ? registers.x[8] - first_token : registers.x[i]);
  }
}

/// Arguments in order: X0, X1 ...; a reply's token is X13.
void arguments(General& registers, std::uint64_t number, std::uint64_t handle, std::uint64_t opcode,
               std::uint64_t flags, std::uint64_t deadline) {
  for (unsigned i = 0; i < 31; ++i) {
    registers.x[i] = pattern_base + i;
    asm volatile("" ::: "memory");
  }
  registers.flags = 0xf0000000;
  registers.x[0] = handle;
  registers.x[1] = opcode;
  registers.x[2] = flags;
  registers.x[7] = deadline;
  registers.x[8] = number;
}

// ---- servers: what bits of an opcode say ----

constexpr std::uint64_t first_thing(std::uint64_t opcode) { return opcode & 7; }
constexpr std::uint64_t way_of_reply(std::uint64_t opcode) { return opcode >> 3 & 7; }
constexpr std::uint64_t error(std::uint64_t opcode) { return opcode >> 6 & 15; }
constexpr bool touches(std::uint64_t opcode) { return (opcode >> 10 & 3) == 3; }

void make_an_error(std::uint64_t kind, std::uint64_t token) {
  General registers;
  arguments(registers, GRANARY_SYS_PORT_REPLY_AND_RECEIVE, own, kind, kind & 1, kForever);
  registers.x[13] = token;
  const std::uint64_t high = std::uint64_t{1} << (32 + kind);
  switch (kind) {
    case 0: registers.x[13] = token + 1; break;
    case 1: registers.x[13] = token - 1; break;
    case 2: registers.x[13] = token | high; break;
    case 3: registers.x[13] = 0; break;
    case 4: registers.x[0] = own + (std::uint64_t{1} << 32); break;
    case 5: registers.x[0] = own ^ 1; break;
    case 6: registers.x[0] = own ^ 1 << 20; break;
    case 7: registers.x[0] = 0; break;
    case 8: registers.x[2] = 0x100; break;
    case 9: registers.x[2] = high; break;
    case 10: registers.x[2] = 2; break;
    case 11: registers.x[8] = 209 + high; break;
    case 12: registers.x[8] = GRANARY_SYS_PORT_RECEIVE, registers.x[0] = callable[0]; break;
    case 13: registers.x[8] = 217; break;
    case 14: registers.x[0] = callable[0]; break;
    default:
      registers.x[8] = GRANARY_SYS_PORT_CALL, registers.x[7] = 0;
      registers.x[0] = callable[0];
      break;
  }
  call(registers);
}

void do_first(std::uint64_t opcode, std::uint64_t token) {
  General registers;
  switch (first_thing(opcode)) {
    case 0:
    case 1: return;
    case 2: arguments(registers, GRANARY_SYS_NULL_CALL, opcode, 0, 0, 0); break;
    case 3: arguments(registers, GRANARY_SYS_ABI_VERSION, 0, 0, 0, 0); break;
    case 4:  // from the first to the second server; the second has nobody to call
      if (argument() != kFirstServer) return;
      arguments(registers, GRANARY_SYS_PORT_CALL, callable[0], opcode >> 6, opcode & 1, opcode & 64 ? kForever : kFar);
      break;
    case 5: arguments(registers, GRANARY_SYS_PORT_TRY_SEND, callable[argument() == kFirstServer], opcode, 0, 0); break;
    case 6: make_an_error(error(opcode), token); return;
    default:
      make_an_error(error(opcode), token);
      make_an_error(error(opcode * 5), token);
      return;
  }
  call(registers);
}

/// Answers the message in `registers` if it is a call, and receives the next.
void reply_and_receive(General& registers) {
  const std::uint64_t opcode = registers.x[1], token = registers.x[8];
  std::uint64_t words[4] = {registers.x[3], registers.x[4], registers.x[5], registers.x[6]};
  if (touches(opcode)) touch_floating_point();
  if (opcode == kReset) checksum = first_token = 0;
  if (opcode == kResult) words[0] = checksum;
  if (opcode < kReset && token != 0) do_first(opcode, token);
  const std::uint64_t way = token == 0 ? 0 : way_of_reply(opcode);
  std::uint64_t number = token == 0 ? GRANARY_SYS_PORT_RECEIVE : GRANARY_SYS_PORT_REPLY_AND_RECEIVE;
  if (way == 7) {
    arguments(registers, GRANARY_SYS_PORT_REPLY, 0, opcode, opcode & 1, 0);
    for (unsigned i = 0; i < 4; ++i) registers.x[3 + i] = ~words[i];
    registers.x[13] = token;
    call(registers);
    number = GRANARY_SYS_PORT_RECEIVE;
  }
  arguments(registers, number, own, opcode, opcode & 1, way == 5 ? kFar : way == 6 ? 0 : kForever);
  for (unsigned i = 0; i < 4; ++i) registers.x[3 + i] = opcode == kResult ? words[i] : ~words[i];
  registers.x[13] = token;
  call(registers);
}

[[noreturn]] void serve() {
  General registers;
  arguments(registers, GRANARY_SYS_PORT_RECEIVE, own, 0, 0, kForever);
  for (;;) {
    call(registers);
    while (registers.x[0] == 0) reply_and_receive(registers);
    arguments(registers, GRANARY_SYS_PORT_RECEIVE, own, 0, 0, kForever);  // it did not wait
  }
}

// ---- clients ----

void client_step() {
  General registers;
  const std::uint64_t handle = callable[random_below(2)];
  const std::uint64_t opcode = random_word() & 0xfff;
  if (random_below(4) == 0) touch_floating_point();
  arguments(registers, GRANARY_SYS_PORT_CALL, handle, opcode, random_below(2), random_below(4) == 0 ? kFar : kForever);
  for (unsigned i = 3; i < 7; ++i) registers.x[i] = random_word();
  const std::uint64_t bit = std::uint64_t{1} << random_below(64);
  switch (random_below(32)) {
    case 0: registers.x[0] ^= bit; break;
    case 1: registers.x[0] = random_below(2) - std::uint64_t{1}; break;
    case 2: registers.x[2] = bit & ~std::uint64_t{8}; break;
    case 3: registers.x[7] = random_below(2); break;
    case 4: registers.x[8] ^= std::uint64_t{1} << (32 + random_below(32)); break;
    case 5: registers.x[8] = GRANARY_SYS_NULL_CALL; break;
    case 6: registers.x[8] = GRANARY_SYS_PORT_SEND; break;
    case 7: registers.x[8] = GRANARY_SYS_PORT_TRY_SEND; break;
    case 8: registers.x[8] = GRANARY_SYS_PORT_RECEIVE; break;
    case 9: registers.x[8] = GRANARY_SYS_PORT_REPLY, registers.x[13] = 1; break;
    case 10: registers.x[8] = GRANARY_SYS_ABI_VERSION; break;
    default: break;
  }
  call(registers);
}

/// Calls the driver with its checksum, gets a seed and a number of steps, does them, and so on.
[[noreturn]] void be_second_client() {
  for (;;) {
    General registers;
    arguments(registers, GRANARY_SYS_PORT_CALL, callable[2], kResult, 0, kForever);
    registers.x[3] = checksum;
    raw_call_general(registers.raw());
    if (registers.x[1] == kReset) checksum = 0;
    random_state = registers.x[3];
    for (std::uint64_t i = registers.x[4]; i != 0; --i) client_step();
  }
}

std::uint64_t second_clients_token;

/// The second client gets its next steps and does them; what servers send meanwhile, and the steps' checksum, is noted.
void let_second_client_run(std::uint64_t opcode, std::uint64_t steps) {
  General registers;
  arguments(registers, second_clients_token == 0 ? GRANARY_SYS_PORT_RECEIVE : GRANARY_SYS_PORT_REPLY_AND_RECEIVE, own,
            opcode, 0, kForever);
  registers.x[3] = random_word() | 1;
  registers.x[4] = steps;
  registers.x[13] = second_clients_token;
  for (;;) {
    call(registers);
    if (registers.x[0] != 0 || registers.x[8] != 0) break;
    arguments(registers, GRANARY_SYS_PORT_RECEIVE, own, 0, 0, kForever);
  }
  second_clients_token = registers.x[8];
}

void ask_servers(std::uint64_t opcode) {
  for (const std::uint64_t server : {callable[0], callable[1]}) {
    General registers;
    arguments(registers, GRANARY_SYS_PORT_CALL, server, opcode, 0, kForever);
    call(registers);
  }
}

constexpr unsigned kLogEntries = 4096;
std::uint64_t log_of_run[2][kLogEntries];

void run(unsigned which, std::uint64_t steps) {
  random_state = 0x4772616e617279;
  ask_servers(kReset);
  let_second_client_run(kReset, 0);
  checksum = first_token = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    if (random_below(16) == 0) {
      let_second_client_run(kResult, random_below(8));
    } else {
      client_step();
    }
    if (random_below(64) == 0) ask_servers(kResult);
    log_of_run[which][step * kLogEntries / steps] = checksum;
  }
  ask_servers(kResult);
  note(random_state);
  log_of_run[which][kLogEntries - 1] = checksum;
}

void find_ports() {
  unsigned count = 0;
  for (std::uint32_t index = 1; index < 8; ++index) {
    const Port port(abi::make_manifest_handle(index));
    const Result<HandleInfo> info = port.info();
    if (!info || info->type != abi::ObjectType::Port) continue;
    if ((info->rights & GRANARY_RIGHT_PORT_RECEIVE) != 0) {
      own = port.value();
    } else {
      callable[count++] = port.value();
    }
  }
}

Trace find_trace() {
  for (std::uint32_t index = 1; index < 8; ++index) {
    const Result<HandleInfo> info = Handle(abi::make_manifest_handle(index)).info();
    if (info && info->type == abi::ObjectType::Trace) return Trace(abi::make_manifest_handle(index));
  }
  return Trace();
}

}  // namespace

int main() {
  find_ports();
  if (argument() == kFirstServer || argument() == kSecondServer) serve();
  if (argument() == kSecondClient) be_second_client();
  const Trace trace = find_trace();
  const std::uint64_t steps = argument();
  sleep_for(5ms);  // until the servers wait
  run(0, steps);
  check_ok(trace.turn_on(), "F2 tracing on: the fast path is left out");
  run(1, steps);
  check_ok(trace.turn_off(), "F2 (off again)");
  unsigned equal = 0;
  while (equal < kLogEntries && log_of_run[0][equal] == log_of_run[1][equal]) ++equal;
  if (!check(equal == kLogEntries, "F2 the same results, step by step, as by the C++ path"))
    printf("# the first difference is before step %" PRIu64 "\n", (equal + 1) * steps / kLogEntries + 1);
  printf("# %" PRIu64 " steps, checksum %#" PRIx64 "\n", steps, checksum);
  return finish();
}
