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

  /// The thread that runs on its core makes this call.
  kernel::Thread& call_by(kernel::Thread& thread, abi::SystemCall number, const CallRegisters& registers = {}) {
    const std::uint32_t core = thread.ipc::Party::core;
    EXPECT_EQ(now_[core], &thread);
    set_current_core(base::CoreId(core));
    load_for(thread, static_cast<std::uint64_t>(number), registers);
    step([&] {
      const port::QuickExit quick = port::kernel_on_quick_call(&thread.context());
      return quick.next != nullptr ? quick.next : port::kernel_on_system_call(&thread.context());
    });
    return thread;
  }
  /// The core takes a signal, if it has been sent one. Whether it had.
  bool deliver(std::uint32_t core) {
    if (take_signals(base::CoreId(core)) == 0) return false;
    interrupt_on(core, port::InterruptKind::Signal);
    return true;
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
    raise_interrupt({kind, base::InterruptId(kind == port::InterruptKind::Signal ? 0u : 26u)});
    kernel::Thread* const thread = now_[core];
    step([&]() -> port::ThreadContext* {
      if (thread != nullptr) return port::kernel_on_interrupt(&thread->context());
      port::kernel_on_core_start();  // it slept inside the kernel: there it goes on
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
