// SPDX-License-Identifier: Apache-2.0
//
// The warden: knows for each hostile silo what must have become of it, waits for that, and looks whether the
// bystanders never stopped talking. A TAP line for each promise, and the verdict: how many were broken.
#include <array>

#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;
using abi::FaultKind;
using abi::SiloState;

namespace {

/// How a hostile silo must end: stopped by a fault of one of two kinds (cores differ in a few), having been refused,
/// or still busy.
struct Expectation {
  SiloState state;
  FaultKind kind, or_kind;
};
constexpr Expectation stopped(FaultKind kind) { return {SiloState::Faulted, kind, kind}; }
constexpr Expectation stopped(FaultKind kind, FaultKind or_kind) { return {SiloState::Faulted, kind, or_kind}; }
constexpr Expectation refused() { return {SiloState::Exited, FaultKind::None, FaultKind::None}; }
constexpr Expectation busy() { return {SiloState::Running, FaultKind::None, FaultKind::None}; }

struct Case {
  Silo silo;
  const char* promise;
  Expectation expected;
};

constexpr std::array kCases{
    Case{handles::reads_memory, "cannot read another silo's memory", stopped(FaultKind::Translation)},
    Case{handles::writes_memory, "cannot write another silo's memory", stopped(FaultKind::Translation)},
    Case{handles::sees_memory, "cannot see another silo's memory at its address", refused()},
    Case{handles::sees_leftover_memory, "cannot see who had its memory before", refused()},
    Case{handles::writes_text, "cannot write its own text", stopped(FaultKind::Permission)},
    Case{handles::writes_constants, "cannot write read-only data", stopped(FaultKind::Permission)},
    Case{handles::executes_data, "cannot execute data", stopped(FaultKind::Permission)},
    Case{handles::executes_stack, "cannot execute its stack", stopped(FaultKind::Permission)},
    Case{handles::executes_heap, "cannot execute its heap", stopped(FaultKind::Permission)},
    Case{handles::uses_page_zero, "cannot use page zero", stopped(FaultKind::Translation)},
    Case{handles::overflows_stack, "cannot overflow its stack into the heap", stopped(FaultKind::Translation)},
    Case{handles::steps_over_guard, "cannot step over a guard page", stopped(FaultKind::Translation)},
    Case{handles::frames_to_themselves, "cannot lead the kernel astray by frames that lead to themselves",
         stopped(FaultKind::Translation)},
    Case{handles::frames_back, "cannot lead the kernel astray by frames that lead back",
         stopped(FaultKind::Translation)},
    Case{handles::frames_in_kernel, "cannot lead the kernel astray by frames that lead into the kernel",
         stopped(FaultKind::Translation)},
    Case{handles::frames_at_the_end, "cannot lead the kernel astray by frames at the end of all addresses",
         stopped(FaultKind::Translation)},
    Case{handles::frames_misaligned, "cannot lead the kernel astray by frames that are misaligned",
         stopped(FaultKind::Translation)},
    Case{handles::frames_in_data, "cannot lead the kernel astray by frames that are not in the stack",
         stopped(FaultKind::Translation)},
    Case{handles::frames_without_end, "cannot lead the kernel astray by frames without end",
         stopped(FaultKind::Translation)},
    Case{handles::reads_kernel, "cannot read the kernel's memory", stopped(FaultKind::Translation)},
    Case{handles::writes_kernel_virt, "cannot write physical memory (QEMU virt)", stopped(FaultKind::Translation)},
    Case{handles::writes_kernel_pi, "cannot write physical memory (Raspberry Pi 4)", stopped(FaultKind::Translation)},
    Case{handles::touches_uart_virt, "cannot touch the UART (QEMU virt)", stopped(FaultKind::Translation)},
    Case{handles::touches_uart_pi, "cannot touch the UART (Raspberry Pi 4)", stopped(FaultKind::Translation)},
    Case{handles::touches_gic_virt, "cannot touch the interrupt controller (QEMU virt)",
         stopped(FaultKind::Translation)},
    Case{handles::touches_gic_pi, "cannot touch the interrupt controller (Raspberry Pi 4)",
         stopped(FaultKind::Translation)},
    Case{handles::jumps_to_kernel, "cannot jump to the kernel", stopped(FaultKind::Translation)},
    Case{handles::uses_tags, "cannot use tagged pointers", stopped(FaultKind::AddressSize)},
    Case{handles::goes_beyond, "cannot use addresses beyond its space",
         stopped(FaultKind::Translation, FaultKind::AddressSize)},
    Case{handles::calls_hvc, "cannot run hvc", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::calls_smc, "cannot run smc", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::runs_eret, "cannot run eret", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::sets_vectors, "cannot set the exception vectors", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::sets_control, "cannot set system control registers", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::translates, "cannot translate addresses", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::selects_stack, "cannot select another stack pointer", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::masks_interrupts, "cannot disable interrupts", stopped(FaultKind::TrappedRegister)},
    Case{handles::uses_timer, "cannot use the processor's timer", stopped(FaultKind::TrappedRegister)},
    Case{handles::reads_counters, "cannot read cycle counters", stopped(FaultKind::TrappedRegister)},
    Case{handles::uses_debug, "cannot use debug registers", stopped(FaultKind::TrappedRegister)},
    Case{handles::invalidates_tlb, "cannot invalidate the TLB", stopped(FaultKind::UndefinedInstruction)},
    Case{handles::invalidates_caches, "cannot invalidate caches", stopped(FaultKind::TrappedRegister)},
    Case{handles::uses_aarch32, "cannot use AArch32", stopped(FaultKind::Alignment)},
    Case{handles::uses_sve, "cannot use vector extensions",
         stopped(FaultKind::UndefinedInstruction, FaultKind::TrappedRegister)},
    Case{handles::breaks, "cannot stop the machine at a breakpoint", stopped(FaultKind::Breakpoint)},
    Case{handles::sees_leftover_registers, "cannot see leftover registers", refused()},
    Case{handles::guesses_handles, "B6 cannot guess handles", refused()},
    Case{handles::uses_stale_handle, "B6 cannot use a stale handle", refused()},
    Case{handles::grows_rights, "N3 cannot grow its rights", refused()},
    Case{handles::receives_as_client, "C4 cannot receive on a client's handle", refused()},
    Case{handles::destroys_port, "P5 cannot destroy another silo's port", refused()},
    Case{handles::forges_token, "C2 cannot forge a reply token", refused()},
    Case{handles::reuses_token, "C2 cannot use a reply token twice", refused()},
    Case{handles::sets_flags, "C3 cannot set the kernel's flags", refused()},
    Case{handles::is_absurd, "E15 cannot pass absurd lengths", refused()},
    Case{handles::calls_unknown, "cannot call unknown numbers", refused()},
    Case{handles::gives_verdict, "defect F2 cannot give the verdict", refused()},
    Case{handles::exhausts_memory, "B8 cannot exhaust the kernel's memory", refused()},
    Case{handles::calls_itself, "C1 cannot hang by calling itself", refused()},
    Case{handles::sends_backwards, "N3 cannot send on a receiving end", refused()},
    Case{handles::hogs, "cannot hog the processor", busy()},
    Case{handles::dodges_watchdog, "cannot dodge its watchdog", stopped(FaultKind::Watchdog)},
    Case{handles::storms_calls, "cannot hold others up with system calls", busy()},
    Case{handles::storms_timer, "cannot hold others up with the timer", busy()},
    Case{handles::waits_in_wfi, "cannot hang the core with wfi", busy()},
    Case{handles::floods_port, "C11 cannot keep others from a port by flooding it", busy()},
    Case{handles::forges_lines, "cannot print in another's name", refused()},
    Case{handles::holds_console, "cannot hold back the console", refused()},
    Case{handles::exceeds_rate, "E17 cannot exceed its message rate", refused()},
    Case{handles::reads_audit, "N11 cannot read the audit", refused()},
    Case{handles::operates, "cannot operate the system without the right", refused()},
    Case{handles::takes_console, "cannot take the console", refused()},
    Case{handles::turns_on_tracing, "N12 cannot turn on tracing", refused()},
    Case{handles::floods_audit, "(the audit is flooded)", refused()},
    Case{handles::hides_denial, "(a denial is hidden)", refused()},
    Case{handles::auditor, "N11 cannot flood the audit, and cannot hide a denial", refused()},
    Case{handles::keeps_caller, "C1 cannot keep a caller hanging by dying", stopped(FaultKind::Translation)},
    Case{handles::sends_after_close, "defect A5 cannot send after a close", refused()},
    Case{handles::receives_as_sender, "defect A3 cannot receive with a sender's handle", refused()},
    Case{handles::exceeds_page, "A9 cannot ask for a batch beyond its message page", refused()},
    Case{handles::changes_batch, "E15 cannot change a batch while it is read", refused()},
    Case{handles::writes_others_page, "cannot write another silo's message page", stopped(FaultKind::Translation)},
    Case{handles::executes_page, "cannot execute its message page", stopped(FaultKind::Permission)},
    Case{handles::forges_badge, "C3 cannot forge a badge in a batch", refused()},
    Case{handles::exhausts_messages, "defect A2 cannot exhaust the messages of AsyncChans", refused()},
    Case{handles::waits_without_right, "N6 cannot wait or signal without the right", refused()},
    Case{handles::signals_others_bits, "defect A3 cannot signal bits outside its badge", refused()},
    Case{handles::watches_port, "defect A3 cannot watch what it may not receive", refused()},
    Case{handles::overflows_semaphore, "N4 cannot overflow a semaphore", refused()},
    Case{handles::exhausts_bindings, "defect A6 cannot exhaust bindings", refused()},
    Case{handles::exhausts_events, "B8 cannot exhaust notifications, semaphores and timers", refused()},
    Case{handles::storms_interrupts, "Q5 cannot storm with its interrupt", refused()},
    Case{handles::reaches_beyond_device, "Q2 cannot reach beyond its device", stopped(FaultKind::Translation)},
    Case{handles::executes_device, "Q2 cannot execute a device", stopped(FaultKind::Permission)},
    Case{handles::reaches_anothers_device, "Q2 cannot reach another silo's device", stopped(FaultKind::Translation)},
    Case{handles::binds_anothers_interrupt, "Q3 cannot bind another silo's interrupt", refused()},
    Case{handles::storms_timers, "defect A4 cannot hold others up with its timers", busy()},
    Case{handles::storms_watching, "defect A6 cannot hold others up by watching", busy()},
    Case{handles::hangs_on_closed, "B10 cannot hang on what it has closed", refused()},
    Case{handles::writes_lent_region, "N5 cannot write a read-only region", stopped(FaultKind::Permission)},
    Case{handles::executes_region, "cannot execute a region", stopped(FaultKind::Permission)},
    Case{handles::touches_unmapped_region, "E16 cannot touch a region that was unmapped",
         stopped(FaultKind::Translation)},
    Case{handles::sees_old_region, "E16 cannot see what a region held before", refused()},
    Case{handles::maps_without_end, "B8 cannot map regions beyond its quota", refused()},
    Case{handles::maps_without_right, "N5 cannot map a region without the right", refused()},
    Case{handles::reaches_over_guard, "cannot reach over a region's guard page", stopped(FaultKind::Translation)},
    Case{handles::unmaps_anything, "cannot unmap what is no region", refused()},
    Case{handles::transfers_without_right, "cannot transfer without the right", refused()},
    Case{handles::passes_on_more, "cannot pass on more than it holds", refused()},
    Case{handles::keeps_revoked, "cannot keep a revoked capability", refused()},
    Case{handles::takes_back, "cannot outrun a revoke", refused()},
    Case{handles::fills_table, "cannot fill another's table", refused()},
    Case{handles::connects_uninvited, "cannot connect to a name it may not", refused()},
    Case{handles::publishes_anothers, "cannot publish another's name", refused()},
    Case{handles::undoes_pledge, "cannot undo a pledge", refused()},
    Case{handles::breaks_flow, "cannot break the flow policy", refused()},
    Case{handles::forges_label, "cannot forge a label", refused()},
    Case{handles::storms_regions, "cannot hold others up with regions", busy()},
};

constexpr auto kPatience = 10000s;  ///< on virtual time eight cores run one after the other, locks held or not
constexpr auto kBystandersTurn = 300ms;
constexpr auto kBystandersPatience = 5s;  ///< an emulated machine can be slow, and they share it with all attackers

int number = 0;
int broken = 0;

void report(bool kept, const char* promise) {
  if (!kept) ++broken;
  printf("%s %d - %s\n", kept ? "ok" : "not ok", ++number, promise);
}

bool as_expected(const SiloStatus& status, const Expectation& expected) {
  if (expected.state == SiloState::Running) return status.running();
  if (status.state != expected.state) return false;
  if (expected.state == SiloState::Exited) return status.exit_status == 0;
  return status.fault == expected.kind || status.fault == expected.or_kind;
}

void explain(const SiloStatus& status) {
  printf("# it is in state %d, exit status %" PRIu64 ", fault kind %d at %#" PRIx64 "\n",
         static_cast<int>(status.state), status.exit_status, static_cast<int>(status.fault), status.fault_address);
}

void judge(const Case& attack, Clock::time_point latest) {
  SiloStatus status = attack.silo.status().value();
  while (status.running() && attack.expected.state != SiloState::Running && Clock::now() < latest) {
    sleep_for(10ms);
    status = attack.silo.status().value();
  }
  const bool kept = as_expected(status, attack.expected);
  report(kept, attack.promise);
  if (!kept) explain(status);
}

std::uint64_t messages_of(const SiloStatus& status) { return status.messages_sent + status.messages_received; }

/// Both bystanders live and have exchanged messages since `before`.
bool bystanders_go_on(std::array<std::uint64_t, 2>& before) {
  bool good = true;
  const std::array bystanders{handles::bystander_a, handles::bystander_b};
  for (std::size_t i = 0; i < bystanders.size(); ++i) {
    SiloStatus status = bystanders[i].status().value();
    const Clock::time_point latest = Clock::now() + kBystandersPatience;
    while (status.running() && messages_of(status) <= before[i] && Clock::now() < latest) {
      sleep_for(10ms);
      status = bystanders[i].status().value();
    }
    const bool goes_on = status.running() && messages_of(status) > before[i];
    if (!goes_on) explain(status);
    good = good && goes_on;
    before[i] = messages_of(status);
  }
  return good;
}

}  // namespace

int main() {
  std::array<std::uint64_t, 2> messages{};
  sleep_for(kBystandersTurn);
  report(bystanders_go_on(messages), "the bystanders talk while the attacks go on");
  const Clock::time_point latest = Clock::now() + kPatience;
  for (const Case& attack : kCases) judge(attack, latest);
  judge({handles::patient_client, "the client of a server that died was told", refused()}, latest);
  const std::uint64_t counted = messages[0];
  for (int i = 0; i < 3; ++i) {
    sleep_for(kBystandersTurn);
    report(bystanders_go_on(messages), "the bystanders still talk, and no word of theirs was changed");
  }
  printf("# the first bystander's messages: %" PRIu64 " at the beginning, %" PRIu64 " at the end\n", counted,
         messages[0]);
  printf("1..%d\n", number);
  handles::system.verdict(static_cast<std::uint64_t>(broken)).value();
  return broken;
}
