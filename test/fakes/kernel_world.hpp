// SPDX-License-Identifier: Apache-2.0
//
// A whole kernel on the host: silos with threads, driven as the hardware side drives it, through kernel/port/entry.hpp
// with contexts full of dirt. running() is the thread that "EL0" executes; call() makes it do a system call and follows
// the kernel to whoever runs next.
//
// The fast path is assembly, so here is none, unless a test sets tries_fast_path: then call() tries a model of it first
// and the quick calls next, as the machine does. The context of the running thread always shows its registers; what a
// machine has in memory there meanwhile is kept aside for the model.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <cstring>
#include <initializer_list>
#include <map>
#include <optional>

#include "kernel/console.hpp"
#include "kernel/core.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/entry.hpp"
#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"
#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_memory.hpp"
#include "test/fakes/fast_path_model.hpp"

namespace fakes {

/// What a test puts into the registers of a call; everything not named is dirt.
struct CallRegisters {
  std::uint64_t handle = 0;
  std::uint64_t x1 = 0;  ///< opcode, exit status, bytes ...
  std::uint64_t flags = 0;
  std::vector<std::uint64_t> words = {};  ///< X3-X6, X9-X12 as far as given
  std::uint64_t deadline = abi::kDeadlineForever;
  std::uint64_t token = 0;
};

class KernelWorld : public testing::Test {
 protected:
  static constexpr std::uint64_t kForever = abi::kDeadlineForever;
  static constexpr std::uint64_t kText = 0x10000;
  static constexpr std::uint64_t kStack = 0x100000;  ///< of the first thread; 64 KiB further for each other one
  static constexpr std::uint64_t kStackBytes = 0x2000;
  static constexpr std::uint64_t kFrequency = 62'500'000;  ///< of the fake clock
  static constexpr std::uint64_t kTurn = kFrequency / 100;

  static constexpr std::uint64_t kArenaPages = 512;  ///< kept for ever by each test (fake_arena.hpp)

  explicit KernelWorld(std::uint64_t arena_pages = kArenaPages, std::uint64_t cores = 1) {
    initialize_kernel(arena_pages, cores);
    kernel::set_once(false);
    kernel::set_console_mode(kernel::ConsoleMode::Synchronous);
  }
  ~KernelWorld() override { kernel::set_console_mode(kernel::ConsoleMode::Synchronous); }

  // Making a system.

  abi::Quotas quotas = {.limit = {4, 4, 64, 4, 64}};  ///< of silos made from now on

  kernel::BudgetDescription budget = {};  ///< of threads made from now on
  std::uint32_t partition = 0;            ///< of silos made from now on
  std::uint32_t watchdog = 0;             ///< of silos made from now on, in microseconds

  kernel::RestartDescription restart = {};  ///< of silos made from now on

  base::SiloId add_silo(std::string_view name, std::uint32_t slots = 64, kernel::RateDescription rate = {}) {
    const auto id = kernel::create_silo({.name = name,
                                         .argument = 77,
                                         .capability_slots = slots,
                                         .quotas = quotas,
                                         .rate = rate,
                                         .partition = partition,
                                         .restart = restart,
                                         .watchdog = watchdog});
    EXPECT_TRUE(id.ok());
    static constexpr std::uint32_t code[] = {0xd503201f, 0xf9400083, 0xd65f03c0};  // a restart reads it again
    const auto bytes = std::as_bytes(std::span(code));
    EXPECT_TRUE(kernel::add_region(id.value(), {.address = base::SiloAddress(kText),
                                                .size = base::PageCount(2),
                                                .access = port::Access::ReadExecute,
                                                .data = bytes,
                                                .name = "text"})
                    .ok());
    return id.value();
  }
  /// Of the silos whose first threads are added from now on.
  base::CoreId core_of_new_silos{0};

  kernel::Thread& add_thread(base::SiloId silo, std::string_view name, std::uint8_t priority) {
    const std::uint64_t bottom = kStack + 0x10000 * silo_of(silo).threads().size();
    EXPECT_TRUE(kernel::add_region(silo, {.address = base::SiloAddress(bottom),
                                          .size = base::PageCount::containing(kStackBytes),
                                          .access = port::Access::ReadWrite,
                                          .data = {},
                                          .name = "stack"})
                    .ok());
    const auto made =
        kernel::add_thread(silo, {.name = name,
                                  .entry = base::SiloAddress(kText),
                                  .stack_pointer = base::SiloAddress(bottom + kStackBytes),
                                  .argument = 5,
                                  .priority = base::Priority(priority),
                                  .core = silo_of(silo).threads().empty() ? core_of_new_silos : silo_of(silo).core(),
                                  .budget = budget});
    EXPECT_TRUE(made.ok());
    return *silo_of(silo).threads().back();
  }
  /// A silo with one thread, both of that name.
  kernel::Thread& add_program(std::string_view name, std::uint8_t priority) {
    return add_thread(add_silo(name), name, priority);
  }

  static kernel::Silo& silo_of(base::SiloId id) { return *kernel::silos()[id.value()]; }
  std::uint32_t add_port(const kernel::Thread& owner, std::string_view name) {
    return kernel::create_port({.name = name, .owner = owner.silo().id}).value();
  }
  std::uint32_t add_notification(std::string_view name) { return kernel::create_notification({.name = name}).value(); }
  std::uint32_t add_semaphore(std::string_view name, std::uint32_t initial) {
    return kernel::create_semaphore({.name = name, .initial = initial}).value();
  }
  std::uint32_t add_channel(std::string_view name, std::uint32_t capacity) {
    return kernel::create_channel({.name = name, .capacity = capacity, .forward = true, .backward = true}).value();
  }
  std::uint32_t add_async(std::string_view name, std::uint32_t capacity) {
    return kernel::create_async({.name = name, .capacity = capacity}).value();
  }
  /// Gives a silo a capability in its next free slot; returns the handle.
  std::uint64_t grant(const kernel::Thread& holder, abi::ObjectType type, std::uint32_t object,
                      std::initializer_list<abi::Right> rights, std::uint64_t badge = 0, std::uint32_t end = 0) {
    std::uint64_t bits = 0;
    for (const abi::Right right : rights) bits |= static_cast<std::uint64_t>(right);
    const std::uint32_t slot = ++slots_used_[&holder.silo()];
    EXPECT_TRUE(kernel::install_capability(
                    holder.silo().id,
                    {.slot = slot, .type = type, .object = object, .end = end, .rights = bits, .badge = badge})
                    .ok());
    return abi::make_manifest_handle(slot);
  }
  std::uint64_t grant_port_client(const kernel::Thread& holder, std::uint32_t port, std::uint64_t badge = 0) {
    return grant(holder, abi::ObjectType::Port, port, {abi::Right::PortSend, abi::Right::PortCall}, badge);
  }
  std::uint64_t grant_port_server(const kernel::Thread& holder, std::uint32_t port) {
    return grant(holder, abi::ObjectType::Port, port, {abi::Right::PortReceive, abi::Right::PortDestroy});
  }

  // Running it.

  /// kernel::start() up to the first thread.
  void start() {
    try {
      kernel::start();
    } catch (const Entered& entered) {
      arrive(entered.context);
    }
  }
  kernel::Thread& running() { return *running_; }
  bool is_running(const kernel::Thread& thread) const { return running_ == &thread; }

  /// The running thread's registers for a call, everything else dirty.
  void load(std::uint64_t number, const CallRegisters& registers) { load_for(running(), number, registers); }
  static void load_for(kernel::Thread& thread, std::uint64_t number, const CallRegisters& registers) {
    for (unsigned i = 0; i < 31; ++i) thread.general[i] = dirt(thread, i);
    thread.processor_state = 0xf0000000;
    thread.general[0] = registers.handle;
    thread.general[1] = registers.x1;
    thread.general[2] = registers.flags;
    constexpr unsigned kWord[] = {3, 4, 5, 6, 9, 10, 11, 12};
    for (unsigned i = 0; i < registers.words.size(); ++i) thread.general[kWord[i]] = registers.words[i];
    thread.general[7] = registers.deadline;
    thread.general[8] = number;
    thread.general[13] = registers.token;
  }
  /// What a test finds in a register that nobody has touched: different for every thread and register, the same in
  /// every run.
  static std::uint64_t dirt(const kernel::Thread& thread, unsigned i) {
    return 0xd187'0000'0000'0000 + (std::uint64_t{thread.silo().id.value()} << 40) +
           thread.initial_stack_pointer().value() + i;
  }

  /// The running thread makes this call. Returns it; running() is whoever runs then.
  kernel::Thread& call_number(std::uint64_t number, const CallRegisters& registers = {}) {
    kernel::Thread& caller = running();
    load(number, registers);
    if (goes_directly()) return caller;
    if (tries_fast_path && !uses_traced_entries() && goes_quickly()) return caller;
    port::ThreadContext* const context = &caller.context();
    arrive(uses_traced_entries() ? port::kernel_on_system_call_traced(context) : port::kernel_on_system_call(context));
    return caller;
  }
  kernel::Thread& call(abi::SystemCall number, const CallRegisters& registers = {}) {
    return call_number(static_cast<std::uint64_t>(number), registers);
  }
  /// The same, and the status of the thread that made it (only meaningful if it is not blocked).
  std::int64_t status_of(abi::SystemCall number, const CallRegisters& registers = {}) {
    return status(call(number, registers));
  }
  static std::int64_t status(const kernel::Thread& thread) { return static_cast<std::int64_t>(thread.general[0]); }
  static constexpr std::int64_t minus(base::Error error) { return -static_cast<std::int64_t>(error); }

  /// An interrupt reaches the running thread.
  void interrupt() {
    port::ThreadContext* const context = &running().context();
    if (tries_fast_path && !uses_traced_entries()) {
      const port::QuickExit quick = port::kernel_on_quick_interrupt(context);
      EXPECT_EQ(quick.current, context);
      interrupts_taken_quickly += quick.next != nullptr ? 1 : 0;
      if (quick.next != nullptr) return arrive(quick.next);
    }
    arrive(uses_traced_entries() ? port::kernel_on_interrupt_traced(context) : port::kernel_on_interrupt(context));
  }
  /// Time passes, and the timer interrupt comes if it is due.
  void pass(std::uint64_t ticks) {
    advance(ticks);
    if (!armed_timer().is_forever() && armed_timer() <= base::Ticks(clock())) interrupt();
  }
  static std::uint64_t clock() { return port::now().value(); }
  void wait_instruction() {
    port::ThreadContext* const context = &running().context();
    arrive(uses_traced_entries() ? port::kernel_on_wait_instruction_traced(context)
                                 : port::kernel_on_wait_instruction(context));
  }
  void fault(const port::FaultReport& report) {
    port::ThreadContext* const context = &running().context();
    arrive(uses_traced_entries() ? port::kernel_on_fault_traced(context, &report)
                                 : port::kernel_on_fault(context, &report));
  }
  static port::FaultReport read_fault(std::uint64_t address, std::uint64_t program_counter = kText + 4) {
    return port::FaultReport{.cause = port::FaultCause::Translation,
                             .access = port::FaultAccess::Read,
                             .address_valid = true,
                             .size = 8,
                             .transfer_register = 3,
                             .address = address,
                             .program_counter = program_counter,
                             .syndrome = 0x92000007,
                             .syndrome_text = "translation fault, level 3"};
  }
  /// The running thread uses floating point; the registers are its own then.
  void use_floating_point() {
    port::ThreadContext* const context = &running().context();
    if (context->trap_control != kTrapFloatingPoint) return;
    arrive(uses_traced_entries() ? port::kernel_on_floating_point_traced(context)
                                 : port::kernel_on_floating_point(context));
  }

  // The fast path.

  bool tries_fast_path = false;
  std::uint64_t interrupts_taken_quickly = 0;
  /// Calls and replies that have gone by it.
  std::uint64_t gone_directly() const { return gone_directly_; }
  /// Whether the call that load() has prepared is quick; then it is done.
  bool goes_quickly() {
    port::ThreadContext* const context = &running().context();
    const std::uint64_t number = running().general[8];
    const port::QuickExit quick = port::kernel_on_quick_call(context);
    EXPECT_EQ(quick.current, context);
    if (quick.next == nullptr) return false;
    arrive(quick.next);
    ++gone_quickly_[number];
    return true;
  }
  /// By the number of the call.
  const std::map<std::uint64_t, std::uint64_t>& gone_quickly() const { return gone_quickly_; }

  /// Everything printed, after the transmitter has taken all of it.
  std::string console() {
    kernel::set_console_mode(kernel::ConsoleMode::Synchronous);
    kernel::set_console_mode(kernel::ConsoleMode::Buffered);
    return take_console();
  }

  /// Registers of a call that delivers nothing but a status: all other caller-saved ones zero, callee-saved ones
  /// untouched.
  static void expect_clean(const kernel::Thread& thread, std::initializer_list<unsigned> results = {}) {
    for (unsigned i = 1; i <= 18; ++i) {
      if (std::find(results.begin(), results.end(), i) != results.end()) continue;
      EXPECT_EQ(thread.general[i], 0u) << "x" << i;
    }
    for (unsigned i = 19; i <= 30; ++i) EXPECT_EQ(thread.general[i], dirt(thread, i)) << "x" << i;
    EXPECT_EQ(thread.processor_state, 0u);
  }

 private:
  void arrive(port::ThreadContext* context) {
    ASSERT_NE(context, nullptr);
    running_ = &kernel::Thread::from(*context);
    EXPECT_EQ(running_->state(), kernel::ThreadState::Running);
    EXPECT_EQ(kernel::this_core().running(), running_);
    EXPECT_FALSE(window_is_open());
    memory_ = registers_in(*context);
  }

  static fast_path::Registers registers_in(const port::ThreadContext& context) {
    fast_path::Registers registers;
    std::memcpy(&registers, &context, sizeof registers);
    return registers;
  }
  static void put_registers(port::ThreadContext& context, const fast_path::Registers& registers) {
    std::memcpy(static_cast<void*>(&context), &registers, sizeof registers);
  }
  bool goes_directly() {
    if (!tries_fast_path || uses_traced_entries()) return false;
    port::ThreadContext& context = running().context();
    fast_path::Registers cpu = registers_in(context);
    put_registers(context, memory_);
    port::ThreadContext* const next = fast_path::take(context, cpu);
    if (next == nullptr) {
      put_registers(context, cpu);
      return false;
    }
    memory_ = registers_in(*next);
    put_registers(*next, cpu);
    running_ = &kernel::Thread::from(*next);
    ++gone_directly_;
    return true;
  }

  kernel::Thread* running_ = nullptr;
  fast_path::Registers memory_ = {};  ///< what the running thread's context holds while it runs
  std::uint64_t gone_directly_ = 0;
  std::map<std::uint64_t, std::uint64_t> gone_quickly_;
  std::map<const kernel::Silo*, std::uint32_t> slots_used_;
};

}  // namespace fakes
