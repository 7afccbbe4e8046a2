// SPDX-License-Identifier: Apache-2.0
//
// A kernel on two cores, on the host, in one thread: on(core) says which of them acts next, and the signals between
// them are delivered when a test says so, in whatever order it likes. A core that has nothing to run sleeps until then.
#pragma once

#include "kernel/port/cpu.hpp"
#include "test/fakes/kernel_world.hpp"

namespace fakes {

class TwoCores : public KernelWorld {
 protected:
  TwoCores() : KernelWorld(kArenaPages, 3) {}

  /// A silo with one thread on that core.
  kernel::Thread& add_program_on(std::uint32_t core, std::string_view name, std::uint8_t priority = 10) {
    core_of_new_silos = base::CoreId(core);
    return add_program(name, priority);
  }

  void start_both() {
    for (std::uint32_t core = 0; core < 2; ++core) {
      set_current_core(base::CoreId(core));
      step([&]() -> port::ThreadContext* {
        if (core == 0) kernel::start();
        port::kernel_on_core_start();
      });
    }
  }
  /// The thread that the core runs, null if it sleeps.
  kernel::Thread* running_on(std::uint32_t core) const { return now_[core]; }
  bool sleeps(std::uint32_t core) const { return now_[core] == nullptr; }

  /// Calls and signals are dealt with by the short forms if that can be; otherwise always the long way.
  bool takes_short_forms = true;
  /// How often, by the number of the call; 0: signals.
  std::map<std::uint64_t, std::uint64_t> short_forms;

  /// The thread that runs on its core makes this call.
  kernel::Thread& call_by(kernel::Thread& thread, abi::SystemCall number, const CallRegisters& registers = {}) {
    const std::uint32_t core = thread.ipc::Party::core;
    EXPECT_EQ(now_[core], &thread);
    set_current_core(base::CoreId(core));
    load_for(thread, static_cast<std::uint64_t>(number), registers);
    step([&] {
      const bool tries = takes_short_forms;
      const port::QuickExit quick =
          tries ? port::kernel_on_quick_call(&thread.context()) : port::QuickExit{nullptr, &thread.context()};
      if (quick.next == nullptr) return port::kernel_on_system_call(&thread.context());
      ++short_forms[static_cast<std::uint64_t>(number)];
      return quick.next == port::nobody() ? port::kernel_on_sleep(quick.current) : quick.next;
    });
    return thread;
  }
  /// The core takes a signal, if it has been sent one. Whether it had.
  bool deliver(std::uint32_t core) {
    if (take_signals(base::CoreId(core)) == 0) return false;
    interrupt_on(core, port::InterruptKind::Signal);
    return true;
  }
  /// The core has been sent a signal, and deals with it beside others. If not, go_the_long_way() is to follow; a core
  /// that sleeps goes it at once.
  bool deliver_quickly(std::uint32_t core) {
    if (take_signals(base::CoreId(core)) == 0) return false;
    set_current_core(base::CoreId(core));
    kernel::Thread* const thread = now_[core];
    if (thread == nullptr) {
      step([&] { return kernel::this_core().sleep(unlocked()); });
      return now_[core] != nullptr;
    }
    raise_interrupt({port::InterruptKind::Signal, base::InterruptId(0)});
    port::ThreadContext* const next = port::kernel_on_quick_interrupt(&thread->context()).next;
    if (next != nullptr) now_runs(core, next);
    return next != nullptr;
  }
  void go_the_long_way(std::uint32_t core) {
    set_current_core(base::CoreId(core));
    step([&] { return port::kernel_on_interrupt(&now_[core]->context()); });
  }
  void now_runs(std::uint32_t core, port::ThreadContext* context) {
    now_[core] = context == nullptr ? nullptr : &kernel::Thread::from(*context);
  }
  /// Until there are no more signals; each core in turn.
  void settle() {
    for (unsigned round = 0; round < 100; ++round) {
      const bool first = deliver(0);
      const bool second = deliver(1);
      if (!first && !second) return;
    }
    ADD_FAILURE() << "the cores signal each other without an end";
  }
  /// The timer of the core fires now.
  void timer_on(std::uint32_t core) { interrupt_on(core, port::InterruptKind::Timer); }

 private:
  void interrupt_on(std::uint32_t core, port::InterruptKind kind) {
    set_current_core(base::CoreId(core));
    kernel::Thread* const thread = now_[core];
    const bool is_signal = kind == port::InterruptKind::Signal;
    // It slept inside the kernel: there it goes on, and has taken the signal.
    if (thread == nullptr && is_signal && takes_short_forms)
      return step([&] { return kernel::this_core().sleep(unlocked()); });
    raise_interrupt({kind, base::InterruptId(is_signal ? 0u : 26u)});
    step([&]() -> port::ThreadContext* {
      if (thread == nullptr) port::kernel_on_core_start();
      if (takes_short_forms) {
        if (auto* const next = port::kernel_on_quick_interrupt(&thread->context()).next) {
          ++short_forms[0];
          return next;
        }
      }
      return port::kernel_on_interrupt(&thread->context());
    });
  }
  template <typename Entry>
  void step(Entry entry) {
    const std::uint32_t core = port::current_core().value();
    try {
      now_[core] = &kernel::Thread::from(*entry());
    } catch (const Entered& entered) {
      now_[core] = &kernel::Thread::from(*entered.context);
    } catch (const IdleForever&) {
      now_[core] = nullptr;
    }
  }

  kernel::Thread* now_[2] = {};
};

}  // namespace fakes
