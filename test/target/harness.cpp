// SPDX-License-Identifier: Apache-2.0
//
// The harness behind test/target: boots by the product's own steps, then runs the test on the boot core. EL0 is a
// subroutine: enter_silo (run_silo.S) keeps the test's registers and stack, and whatever exit comes goes back there
// from the upcall. The kernel stack proper, which hal takes from its top at every exit, is therefore another one than
// the test runs on.
#include "test/target/harness.hpp"

#include "boot/bring_up.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/direct_call.h"
#include "kernel/port/entry.hpp"
#include "test/target/run_silo.h"

namespace target {

namespace {

constinit boot::HandOff handoff;
constinit std::uint32_t checks = 0;
constinit std::uint32_t failures = 0;

constexpr std::uint64_t kArenaBytes = std::uint64_t{8} << 20;
constinit std::uint64_t arena_virtual = 0;
constinit std::uint64_t arena_physical = 0;
constinit std::uint64_t arena_used = 0;

struct alignas(16) ExitStack {
  std::byte bytes[8192];
};
constinit ExitStack exit_stack{};

constinit SavedTest saved_test{};
constinit Exit last_exit{};

port::ThreadContext* leave(ExitKind kind, port::ThreadContext* context, const port::FaultReport* fault) {
  last_exit = Exit{kind, fault != nullptr ? *fault : port::FaultReport{}, hal::sysreg::EsrEl2::read().bits, context};
  return_to_test(&saved_test);
}

void print(std::string_view text) { kernel::console_write(text); }

void take_memory(boot::MemoryPlan& plan) {
  const auto arena = plan.cut_out(kArenaBytes, kArenaBytes);
  const auto mapped = hal::stage1::map_arena(base::PhysicalAddress(arena.value().start), kArenaBytes);
  arena_virtual = mapped.value().value();
  arena_physical = arena.value().start;
}

[[noreturn]] void finish() {
  const bool passed = failures == 0 && checks != 0;
  struct Sink {
    void write(std::string_view piece) { print(piece); }
  } sink;
  base::format(sink, "1..{}\n", checks);
  base::format(sink, "granary: verdict: status {} ({})\n", failures, passed ? "passed" : "failed");
  port::power_off();
}

}  // namespace

constinit std::uint32_t traced_exits = 0;

bool check(bool good, std::string_view text) {
  ++checks;
  if (!good) ++failures;
  struct Sink {
    void write(std::string_view piece) { print(piece); }
  } sink;
  base::format(sink, "{} {} - {}\n", good ? "ok" : "not ok", checks, text);
  return good;
}

bool check_equal(std::uint64_t found, std::uint64_t wanted, std::string_view text) {
  if (!check(found == wanted, text)) remark("found {}, wanted {}", base::Hex{found}, base::Hex{wanted});
  return found == wanted;
}

Exit run(port::ThreadContext& context) {
  enter_silo(&context, &saved_test);
  return last_exit;
}

void prepare(port::ThreadContext& context, std::uint64_t translation_base, std::uint64_t program_counter,
             std::uint64_t stack_pointer) {
  port::prepare_context(context, program_counter, stack_pointer);
  context.translation_base = translation_base;
  context.kernel_stack = reinterpret_cast<std::uint64_t>(&exit_stack + 1);
  // What the fast path looks at: a table of one entry that means nothing, and the words of a core without a timer.
  static std::uint64_t nothing[8] = {};
  alignas(64) static std::uint64_t table[8] = {};
  static port::CoreWords words;
  table[CAPABILITY_OBJECT / 8] = reinterpret_cast<std::uint64_t>(&nothing);
  context.capabilities = table;
  context.core_words = &words;
}

Page take_page() {
  const std::uint64_t at = arena_used;
  arena_used += base::kPageSize;
  if (arena_used > kArenaBytes) __builtin_trap();
  auto* words = reinterpret_cast<std::uint64_t*>(arena_virtual + at);
  for (std::uint64_t i = 0; i < base::kPageSize / sizeof *words; ++i) words[i] = 0;
  return {words, base::PhysicalAddress(arena_physical + at)};
}

base::PhysicalAddress physical_address_of(const void* in_image) { return hal::stage1::physical_address_of(in_image); }

void Space::create(std::uint32_t vmid) {
  vmid_ = vmid;
  for (Page* page : {&root_, &level2_, &level3_}) {
    if (page->words == nullptr) *page = take_page();
    for (unsigned i = 0; i < port::kStage2EntriesPerTable; ++i) page->words[i] = 0;
  }
  port::stage2_publish(level2_.words[0], port::stage2_table_entry(level3_.physical));
  port::stage2_publish(root_.words[0], port::stage2_table_entry(level2_.physical));
}

void Space::map(std::uint64_t address, base::PhysicalAddress memory, port::Access access) {
  const std::uint64_t index = address / base::kPageSize;
  if (index >= port::kStage2EntriesPerTable) __builtin_trap();
  port::stage2_publish(level3_.words[index], port::stage2_leaf_entry(memory, 3, access, port::MemoryKind::Normal));
}

void Space::unmap(std::uint64_t address) {
  port::stage2_publish(level3_.words[address / base::kPageSize], port::Stage2Entry{0});
  port::stage2_invalidate_page(translation_base(), base::SiloAddress(address));
}

std::uint64_t Space::translation_base() const {
  return port::stage2_translation_base(root_.physical, base::Vmid(vmid_));
}

void Space::destroy() { port::stage2_retire_space(translation_base()); }

std::string_view variant() {
  constexpr std::string_view kKey = "test=";
  std::string_view rest = handoff.arguments;
  const std::size_t at = rest.find(kKey);
  if (at == std::string_view::npos) return {};
  rest.remove_prefix(at + kKey.size());
  const std::size_t end = rest.find(' ');
  return end == std::string_view::npos ? rest : std::string_view(rest.data(), end);
}

}  // namespace target

void boot_main(std::uint64_t device_tree, std::uint64_t level, std::uint64_t image) {
  const boot::Entry entry = {device_tree, level, image};
  kernel::set_console_mode(kernel::ConsoleMode::Synchronous);
  boot::bring_up_map(entry);
  boot::DeviceTree tree;
  boot::bring_up_console(entry, tree);
  boot::read_device_tree(entry, tree, target::handoff);
  boot::bring_up_power(target::handoff);
  boot::bring_up_processor(entry, target::handoff);
  boot::bring_up_cores(target::handoff);
  boot::MemoryPlan plan = boot::bring_up_memory(entry, target::handoff);
  target::take_memory(plan);
  // It saves the whole frame of every exit, while the plain table tries the fast path first, for which there is no
  // kernel.
  port::use_traced_entries(true);
  target::run_test();
  target::finish();
}

namespace port {

extern "C" {
QuickExit kernel_on_quick_call(ThreadContext* running) { return {nullptr, running}; }
QuickExit kernel_on_quick_interrupt(ThreadContext* running) { return {nullptr, running}; }
ThreadContext* kernel_on_sleep(ThreadContext* waiting) { return waiting; }

ThreadContext* kernel_on_system_call(ThreadContext* running) {
  return target::leave(target::ExitKind::SystemCall, running, nullptr);
}
ThreadContext* kernel_on_fault(ThreadContext* running, const FaultReport* report) {
  return target::leave(target::ExitKind::Fault, running, report);
}
ThreadContext* kernel_on_interrupt(ThreadContext* running) {
  return target::leave(target::ExitKind::Interrupt, running, nullptr);
}
ThreadContext* kernel_on_floating_point(ThreadContext* running) {
  return target::leave(target::ExitKind::FloatingPoint, running, nullptr);
}
ThreadContext* kernel_on_wait_instruction(ThreadContext* running) {
  return target::leave(target::ExitKind::WaitInstruction, running, nullptr);
}
ThreadContext* kernel_on_system_call_traced(ThreadContext* running) {
  ++target::traced_exits;
  return kernel_on_system_call(running);
}
ThreadContext* kernel_on_fault_traced(ThreadContext* running, const FaultReport* report) {
  ++target::traced_exits;
  return kernel_on_fault(running, report);
}
ThreadContext* kernel_on_interrupt_traced(ThreadContext* running) {
  ++target::traced_exits;
  return kernel_on_interrupt(running);
}
void kernel_on_core_start() {
  halt();  // a core that a test starts has nothing to run here
}

ThreadContext* kernel_on_floating_point_traced(ThreadContext* running) {
  ++target::traced_exits;
  return kernel_on_floating_point(running);
}
ThreadContext* kernel_on_wait_instruction_traced(ThreadContext* running) {
  ++target::traced_exits;
  return kernel_on_wait_instruction(running);
}
}

}  // namespace port
