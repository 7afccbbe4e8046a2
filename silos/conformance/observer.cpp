// SPDX-License-Identifier: Apache-2.0
//
// SILO_STATUS: what an observer sees of others that live, exit and are stopped. Each fault is told by its kind,
// address and program counter.
#include "check.hpp"
#include "ending.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

SiloStatus at_the_end(Silo silo) {
  eventually([silo] { return !silo.status().value().running(); });
  return silo.status().value();
}

void exited(Silo silo, std::uint64_t status, const char* text) {
  const SiloStatus seen = at_the_end(silo);
  check(seen.state == abi::SiloState::Exited, text);
  check_equal(seen.exit_status, status, "  its exit status");
}

void faulted(Silo silo, abi::FaultKind kind, const char* text) {
  const SiloStatus seen = at_the_end(silo);
  check(seen.state == abi::SiloState::Faulted, text);
  check_equal(static_cast<std::uint64_t>(seen.fault), static_cast<std::uint64_t>(kind), "  the kind of the fault");
  check(seen.fault_program_counter != 0, "  the program counter");
}
void faulted_at(Silo silo, abi::FaultKind kind, std::uint64_t address, const char* text) {
  faulted(silo, kind, text);
  check_equal(silo.status().value().fault_address, address, "  the address");
}

}  // namespace

int main() {
  const SiloStatus living = handles::chatty.status().value();
  check(living.running() && living.live_threads == 1, "N7 a silo that lives, with its threads");
  const std::uint64_t before = living.messages_sent;
  sleep_for(30ms);
  const SiloStatus later = handles::chatty.status().value();
  check(later.messages_sent > before, "Y8 its count of sent messages rises");
  check(later.refused_calls >= 3, "its refused calls are counted");

  exited(handles::exit_42, 42, "N7 a silo that ends with status 42");
  exited(handles::last_thread_ends, 0, "N7 a silo whose last thread ends");
  exited(handles::aborts, 134, "N7 a silo that aborts");
  exited(handles::uses_failed_result, 134, "a silo that uses the value of a failed result");
  faulted_at(handles::reads, abi::FaultKind::Translation, 0x12345678, "a read where nothing is mapped");
  faulted_at(handles::writes_text, abi::FaultKind::Permission, 0x10000, "a write to its own text");
  faulted(handles::tagged, abi::FaultKind::AddressSize, "a tagged pointer");
  faulted(handles::misaligned, abi::FaultKind::Alignment, "a misaligned exclusive load");
  faulted(handles::undefined, abi::FaultKind::UndefinedInstruction, "an undefined instruction");
  faulted(handles::trapped, abi::FaultKind::TrappedRegister, "masking interrupts");
  faulted(handles::breakpoint, abi::FaultKind::Breakpoint, "a breakpoint");
  faulted_at(handles::jumps_away, abi::FaultKind::Translation, 0x30000000, "a jump to where nothing is mapped");
  check_equal(handles::jumps_away.status().value().fault_program_counter, 0x30000000,
              "  where the program counter is too");
  check_error(handles::exit_42.duplicate(0).value().status(), kNotPermitted, "without the right nobody observes");
  return finish();
}
