// SPDX-License-Identifier: Apache-2.0
//
// A server that does what its callers order (fast_path.hpp). It receives with every register dirty and looks at each of
// them afterwards; what was wrong it tells when it is asked. It touches no FP register, and enters the kernel between a
// call and its reply only if that is the order. Manifest: it owns one port; further ports that it may call are `back`
// and `next`, in this order; one alone is `next`.
#pragma GCC target("general-regs-only")  // not even by accident

#include "fast_path.hpp"

using namespace conformance;

namespace {

std::uint64_t own, next, back;
std::uint64_t handles[3];  ///< for replies: its own, a second one to the same port, another port of its own
General echoed;
std::uint64_t findings, receives;
std::int64_t last_status, repeated;
std::uint64_t last_token;
bool uses_floating_point;

void find_handles() {
  for (std::uint32_t index = 1; index < 16; ++index) {
    const Port port(abi::make_manifest_handle(index));
    const Result<HandleInfo> info = port.info();
    if (!info || info->type != abi::ObjectType::Port) continue;
    if ((info->rights & GRANARY_RIGHT_PORT_RECEIVE) != 0) {
      own = port.value();
    } else if ((info->rights & GRANARY_RIGHT_PORT_CALL) != 0) {
      back = next;
      next = port.value();
    }
  }
  handles[0] = own;
  handles[1] = Port(own).duplicate().value().value();
  const Result<Port> other = Port::create();
  handles[2] = other ? other->value() : 0;
}

void answer(General& registers, std::uint64_t token, std::uint64_t opcode, std::uint64_t flags) {
  make_dirty(registers);
  registers.x[0] = own;
  registers.x[1] = opcode;
  registers.x[2] = flags;
  registers.x[7] = GRANARY_DEADLINE_FOREVER;
  registers.x[8] = GRANARY_SYS_PORT_REPLY_AND_RECEIVE;
  registers.x[13] = token;
}

void attempt(General& registers, const General& order) {
  const std::uint64_t token = order.x[8];
  answer(registers, token ^ order.x[5], kAttempted, order.x[6]);
  registers.x[0] = handles[order.x[10]] ^ order.x[4];
  registers.x[7] = order.x[9];
  registers.x[8] ^= order.x[3];
  findings |= call_and_look(registers);
  last_status = status_of(registers);
  if (last_status == GRANARY_OK || order.x[11] != 0) return;  // it has answered
  answer(registers, token, order.x[1] + kAnswered, 0);
  registers.x[3] = static_cast<std::uint64_t>(last_status);
}

/// The call that was answered last has been answered; so it is refused, and nothing is received.
void repeat(General& registers) {
  const std::uint64_t choice = registers.x[3];
  answer(registers, last_token, kAttempted, 0);
  if (choice != 0) registers.x[0] = choice == 1 ? 0 : own + (std::uint64_t{1} << 32);
  findings |= call_and_look(registers);
  repeated = status_of(registers);
}

void spin_until(std::uint64_t ticks) {
  while (granary::detail::counter_now() < ticks) {
  }
}

std::uint64_t wait_and_look() {
  General registers;
  make_dirty(registers);
  registers.x[0] = reinterpret_cast<std::uint64_t>(&registers);
  raw_wfi(registers.raw());
  std::uint64_t wrong = registers.flags == 0xf0000000 ? 0 : 1;
  for (unsigned i = 1; i < 31; ++i) wrong |= static_cast<std::uint64_t>(registers.x[i] != pattern_of(i)) << i;
  return wrong;
}

General call_next(std::uint64_t handle, std::uint64_t opcode, std::uint64_t word0, std::uint64_t word1,
                  std::uint64_t word2) {
  General registers;
  make_dirty(registers);
  registers.x[0] = handle;
  registers.x[1] = opcode;
  registers.x[2] = 0;
  registers.x[3] = word0;
  registers.x[4] = word1;
  registers.x[5] = word2;
  registers.x[7] = GRANARY_DEADLINE_FOREVER;
  registers.x[8] = GRANARY_SYS_PORT_CALL;
  findings |= call_and_look(registers);
  return registers;
}

void forward(General& registers, std::uint64_t token, std::uint64_t hops, std::uint64_t opcode, std::uint64_t word) {
  const bool is_last = hops == 1;
  const General got = is_last ? call_next(next, opcode, word, 0, 0) : call_next(next, kForward, hops - 1, opcode, word);
  const bool passes_on = !is_last && got.x[0] == 0;
  answer(registers, token, kForward + kAnswered, 0);
  registers.x[3] = passes_on ? got.x[3] : got.x[0];
  registers.x[4] = passes_on ? got.x[4] : got.x[3];
  registers.x[5] = passes_on ? got.x[5] + 1 : 1;
}

void enter(std::uint64_t number) {
  General call;
  make_dirty(call);
  call.x[0] = call.x[1] = call.x[7] = 0;
  call.x[8] = number;
  findings |= call_and_look(call);
}

/// The message in `registers` is a call; makes its answer of it.
void serve(General& registers) {
  const General order = registers;
  const std::uint64_t token = order.x[8], opcode = order.x[1];
  last_token = token;
  const std::uint64_t begin = granary::detail::counter_now();
  if (uses_floating_point) touch_floating_point();
  const std::uint64_t touching = granary::detail::counter_now() - begin;
  answer(registers, token, opcode + kAnswered, 0);
  switch (opcode) {
    case kEcho:
      echoed = order;
      registers.x[2] = order.x[2] & GRANARY_FLAG_EIGHT_WORDS;
      for (const unsigned i : {3, 4, 5, 6, 9, 10, 11, 12}) registers.x[i] = ~order.x[i];
      break;
    case kTell:
      registers.x[2] = GRANARY_FLAG_EIGHT_WORDS;
      for (unsigned i = 0; i < 4; ++i) {
        registers.x[3 + i] = echoed.x[(order.x[3] + i) % 31];
        registers.x[9 + i] = echoed.x[(order.x[3] + 4 + i) % 31];
      }
      break;
    case kFindings:
      registers.x[3] = findings;
      registers.x[4] = receives;
      registers.x[5] = static_cast<std::uint64_t>(last_status);
      break;
    case kAttempt: attempt(registers, order); break;
    case kSpin: spin_until(order.x[3]); break;
    case kFloat: uses_floating_point = true; break;
    case kTouched: registers.x[3] = touching; break;
    case kClaim:
      enter(GRANARY_SYS_ABI_VERSION);
      touch_floating_point();
      break;
    case kEnter: enter(order.x[3]); break;
    case kWait: registers.x[3] = wait_and_look(); break;
    case kRepeated: registers.x[3] = static_cast<std::uint64_t>(repeated); break;
    case kForward: forward(registers, token, order.x[3], order.x[4], order.x[5]); break;
    case kBack: registers.x[3] = call_next(back, kEcho, 0, 0, 0).x[0]; break;
    default: registers.x[1] = 0;
  }
}

void receive(General& registers) {
  make_dirty(registers);
  registers.x[0] = own;
  registers.x[7] = GRANARY_DEADLINE_FOREVER;
  registers.x[8] = GRANARY_SYS_PORT_RECEIVE;
}

/// Orders that use the SDK.
bool serve_slowly(General& registers) {
  const std::uint64_t token = registers.x[8], opcode = registers.x[1];
  if (opcode == kExit) exit_silo(0);
  if (opcode == kFault) word_at(24) = 1;
  if (opcode == kTimed) {
    answer(registers, token, opcode + kAnswered, 0);
    serve_timed(registers.raw());
    return true;
  }
  if (opcode == kStatistics) {
    const PortStatistics now = Port(own).stats().value();
    answer(registers, token, opcode + kAnswered, GRANARY_FLAG_EIGHT_WORDS);
    const std::uint64_t all[] = {now.calls, now.received, now.replies, now.replies_lost, now.queued, now.sent};
    for (unsigned i = 0; i < 4; ++i) registers.x[3 + i] = all[i];
    registers.x[9] = all[4];
    registers.x[10] = all[5];
    registers.x[11] = registers.x[12] = 0;
    findings |= call_and_look(registers);
    return true;
  }
  if (opcode == kMeasure) {
    const CallTimes times = Port(own).call_stats(abi::CallTime::Service).value();
    answer(registers, token, opcode + kAnswered, 0);
    registers.x[3] = times.count;
    registers.x[4] = times.shortest;
    registers.x[5] = times.longest;
    registers.x[6] = times.sum;
    findings |= call_and_look(registers);
    return true;
  }
  return false;
}

}  // namespace

int main() {
  find_handles();
  General registers;
  receive(registers);
  findings |= call_and_look(registers);
  for (;;) {
    ++receives;
    if (registers.x[0] != 0) {
      last_status = status_of(registers);
      receive(registers);
    } else if (registers.x[8] == 0) {
      if (registers.x[1] == kRepeat) repeat(registers);
      receive(registers);
    } else if (serve_slowly(registers)) {
      continue;  // it has received the next
    } else if (registers.x[1] == kAttempt) {
      serve(registers);
      if (registers.x[1] != kAttempt + kAnswered) continue;  // the attempt has answered, and received or failed
    } else {
      serve(registers);
    }
    findings |= call_and_look(registers);
  }
}
