// SPDX-License-Identifier: Apache-2.0
//
// Words for a system that has come to rest. The list is cut at kThreadsNamed threads, so that the report stays
// readable.
#include "kernel/idle_report.hpp"

#include "ipc/channel.hpp"
#include "ipc/port.hpp"
#include "kernel/console.hpp"
#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"
#include "kernel/verdict.hpp"

namespace kernel {

namespace {

constinit bool has_said_it = false;  ///< touched in shared sections

constexpr unsigned kThreadsNamed = 32;
constexpr std::uint64_t kStatusPassed = 0;
constexpr std::uint64_t kStatusFailed = 1;

struct Wait {
  std::string_view what;   ///< the sentence up to the object's name
  std::string_view where;  ///< the name, empty if the object has none
};

template <typename Named>
std::string_view name_of(const Named& object) {
  return object.name.view().empty() ? std::string_view("(made by a silo)") : object.name.view();
}

Wait wait_of(const Thread& thread) {
  switch (thread.waiting) {
    case ipc::Waiting::Nothing: break;
    case ipc::Waiting::SendSlot: return {"waits for room in port ", name_of(*thread.ipc::Party::port)};
    case ipc::Waiting::CallQueued:
      return {"waits for somebody to take its call to port ", name_of(*thread.ipc::Party::port)};
    case ipc::Waiting::Reply: return {"waits for a reply of thread ", Thread::from(*thread.server).name()};
    case ipc::Waiting::PortMessage: return {"waits for a message to port ", name_of(*thread.ipc::Party::port)};
    case ipc::Waiting::ChannelRoom: return {"waits for room in channel ", name_of(*thread.channel)};
    case ipc::Waiting::ChannelMessage: return {"waits for a message from channel ", name_of(*thread.channel)};
    case ipc::Waiting::Queue: return {"waits for an event of ", name_of(*thread.awaited)};
    case ipc::Waiting::Any: return {"waits for any of several events", {}};
    case ipc::Waiting::Kernel: return {"waits for the kernel to finish its call", {}};
  }
  return {"sleeps for ever", {}};
}

/// A system has come to a good end if every silo that ended did so with status 0, and what is left are servers without
/// work.
bool ended_well(const Thread& thread) {
  switch (thread.silo().state()) {
    case abi::SiloState::Faulted: return false;
    case abi::SiloState::Killed: return true;  // as somebody wanted it
    case abi::SiloState::Exited: return thread.silo().exit_status() == 0;
    case abi::SiloState::Ready:
    case abi::SiloState::Running:
      return thread.state() != ThreadState::Blocked || thread.waiting == ipc::Waiting::PortMessage ||
             thread.waiting == ipc::Waiting::Queue || thread.waiting == ipc::Waiting::Any;
  }
  return false;
}

}  // namespace

bool report_nothing_runs() {
  if (has_said_it) return false;
  has_said_it = true;
  unsigned waiting = 0;
  bool all_well = true;
  for (const Thread* const thread : all_threads()) {
    waiting += thread->state() == ThreadState::Blocked ? 1u : 0u;
    all_well = all_well && ended_well(*thread);
  }
  set_console_mode(ConsoleMode::Synchronous);
  if (waiting == 0) {
    log("every silo has ended");
  } else {
    log("idle: nothing can run any more: {} {} for ever", waiting, waiting == 1 ? "thread waits" : "threads wait");
    unsigned named = 0;
    for (const Thread* const thread : all_threads()) {
      if (thread->state() != ThreadState::Blocked) continue;
      if (named++ == kThreadsNamed) {
        log("  and {} more", waiting - kThreadsNamed);
        break;
      }
      const Wait wait = wait_of(*thread);
      log("  {}/{} {}{}", thread->silo().name.view(), thread->name(), wait.what, wait.where);
    }
  }
  if (is_once()) give_verdict(all_well ? kStatusPassed : kStatusFailed);
  set_console_mode(ConsoleMode::Buffered);
  return true;
}

void reset_idle_report() { has_said_it = false; }

}  // namespace kernel
