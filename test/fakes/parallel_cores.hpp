// SPDX-License-Identifier: Apache-2.0
//
// A kernel on several cores that run at the same time: each core is a thread of the host, which makes the system calls
// of whoever its kernel lets run, and takes signals and timer interrupts in between. What a silo does is a program: a
// function that looks at the outcome of its last call and says the next one. ThreadSanitizer sees all of it (make
// test-tsan), so what the cores share without an order is found, wherever in the kernel it is.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include "kernel/port/cpu.hpp"
#include "test/fakes/kernel_world.hpp"

namespace fakes {

struct NextCall {
  abi::SystemCall number;
  CallRegisters registers = {};
};

class ParallelCores : public KernelWorld {
 protected:
  /// Its thread's registers hold the outcome of the last call.
  using Program = std::function<NextCall(const std::uint64_t (&general)[31])>;

  explicit ParallelCores(std::uint32_t cores)
      : KernelWorld(kArenaPages, (std::uint64_t{1} << cores) - 1), cores_(cores) {
    set_clock_step(1);
  }

  /// A thread of a silo on that core does this.
  void run_on(kernel::Thread& thread, Program program) { programs_[&thread] = std::move(program); }
  kernel::Thread& add_on(std::uint32_t core, std::string_view name, std::uint8_t priority) {
    core_of_new_silos = base::CoreId(core);
    return add_program(name, priority);
  }
  /// Until `until` programs have said that they are done.
  void run(unsigned until) {
    left_ = until;
    std::vector<std::thread> threads;
    for (std::uint32_t core = 0; core < cores_; ++core)
      threads.emplace_back([this, core] { play(base::CoreId(core)); });
    for (std::thread& thread : threads) thread.join();
  }
  /// Of a program.
  void done() {
    if (left_.fetch_sub(1) == 1) end_machine();
  }
  /// Calls and interrupts that the short forms have dealt with, and that they have not.
  std::atomic<std::uint64_t> short_forms{0}, long_ways{0};

 private:
  template <typename Entry>
  port::ThreadContext* enter(Entry entry) {
    try {
      return entry();
    } catch (const Entered& entered) {
      return entered.context;
    } catch (const MachineIsOver&) {
      return nullptr;
    }
  }
  void play(base::CoreId core) {
    play_core(core);
    port::ThreadContext* context = enter([&]() -> port::ThreadContext* {
      if (core.value() == 0) kernel::start();
      port::kernel_on_core_start();
    });
    while (context != nullptr && left_.load(std::memory_order_relaxed) != 0) context = step(*context);
    end_machine();
  }
  port::ThreadContext* step(port::ThreadContext& context) {
    kernel::Thread& thread = kernel::Thread::from(context);
    // Others go on while it is outside of the kernel.
    if (++steps_[thread.ipc::Party::core].count % 8 == 0) std::this_thread::yield();
    const bool is_interrupt = interrupt_is_due();
    if (!is_interrupt) {
      const NextCall next = programs_.at(&thread)(context.general);
      load_for(thread, static_cast<std::uint64_t>(next.number), next.registers);
    }
    return enter([&] {
      const port::QuickExit quick =
          is_interrupt ? port::kernel_on_quick_interrupt(&context) : port::kernel_on_quick_call(&context);
      (quick.next != nullptr ? short_forms : long_ways).fetch_add(1, std::memory_order_relaxed);
      if (quick.next == port::nobody()) return port::kernel_on_sleep(&context);
      if (quick.next != nullptr) return quick.next;
      return is_interrupt ? port::kernel_on_interrupt(&context) : port::kernel_on_system_call(&context);
    });
  }

  struct alignas(64) Steps {
    std::uint64_t count = 0;
  };
  Steps steps_[8];
  const std::uint32_t cores_;
  std::map<const kernel::Thread*, Program> programs_;
  std::atomic<unsigned> left_{0};
};

}  // namespace fakes
