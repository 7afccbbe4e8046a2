// SPDX-License-Identifier: Apache-2.0
//
// When a core does what threads of other cores want of it: at once, unless somebody more urgent than the silo that is
// called has the core, or the window of that silo is closed. Then the visit is put aside, unless its call does not
// wait. Either takes some hundred instructions from whoever runs, and a silo of another core that comes again and
// again, by deadlines that pass at once, could take all of its time. So the core listens to kDisturbedAtOnce such
// visitors, and then to none for kQuietMicroseconds: they stay in its inbox, and do not signal it.
//
// Visits to silos themselves (status, grant, stop) are done at once: their capabilities are an operator's.
#include "kernel/visits_aside.hpp"

#include <bit>

#include "kernel/blocking_call.hpp"
#include "kernel/core.hpp"
#include "kernel/inbox_hold.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

constexpr unsigned kDisturbedAtOnce = 8;
constexpr std::uint64_t kQuietMicroseconds = 2'000;
/// For more, the core signals itself and comes again, so that it takes its interrupts in between.
constexpr unsigned kDoneAtOnce = 4;

/// The living port of this core that the visitor calls, null if there is none: then it is told so.
const PortObject* port_called_by(const Thread& visitor, const Core& core) {
  const Arguments arguments(visitor);
  if (!takes_handle(arguments.number())) return nullptr;
  const auto found = visitor.silo().capabilities.lookup(arguments.handle(), abi::ObjectType::Port);
  if (!found.ok()) return nullptr;
  const PortObject& port = port_of(*found.value());
  return port.is_alive() && port.home == core.id().value() ? &port : nullptr;
}

/// Otherwise the visitor wants to know at once what can be done at once.
bool can_wait(const Thread& visitor) {
  const Arguments arguments(visitor);
  using abi::SystemCall;
  switch (arguments.number()) {
    case static_cast<std::uint64_t>(SystemCall::PORT_TRY_SEND): return false;
    case static_cast<std::uint64_t>(SystemCall::PORT_SEND):
    case static_cast<std::uint64_t>(SystemCall::PORT_SEND_BATCH):
    case static_cast<std::uint64_t>(SystemCall::PORT_CALL):
      return Wait::until(arguments.deadline()).blocking == ipc::Blocking::MayBlock;
    default: return true;
  }
}

}  // namespace

ipc::Party* VisitsAside::take_due(std::uint8_t open, base::Priority next) {
  ipc::PartyQueue* queue = &closed_[open];
  while (queue->is_empty()) {
    if (levels_ >> next.value() == 0) return nullptr;
    const int most_urgent = 63 - std::countl_zero(levels_);
    queue = &level_[most_urgent];
    if (queue->is_empty()) levels_ &= ~(std::uint64_t{1} << most_urgent);
  }
  ipc::Party& party = *queue->pop_front();
  ipc::stop_waiting(party);
  return &party;
}

ipc::Party* VisitsAside::take_who_waits_for(const ipc::Object& object, std::uint8_t partition, base::Priority urgency) {
  for (ipc::PartyQueue* const queue : {&closed_[partition], &level_[urgency.value()]}) {
    for (ipc::Party* party = queue->front(); party != nullptr; party = queue->next(*party)) {
      if (party->awaited != &object) continue;
      queue->remove(*party);
      ipc::stop_waiting(*party);
      return party;
    }
  }
  return nullptr;
}

bool Core::send_visitors_on(const PortObject& port, unsigned limit) {
  if (port.owner.threads().empty()) return true;
  const std::uint8_t partition = port.owner.threads().front()->own_context_.partition;
  for (; limit != 0; --limit) {
    ipc::Party* const party = aside_.take_who_waits_for(port, partition, port.owner.urgency());
    if (party == nullptr) return true;
    repeat(Thread::from(*party), port);
  }
  return false;
}

bool Core::puts_aside(Thread& visitor) {
  const PortObject* const port = port_called_by(visitor, *this);
  if (port == nullptr || port->owner.threads().empty()) return false;
  const std::uint8_t partition = port->owner.threads().front()->own_context_.partition;
  const base::Priority urgency = port->owner.urgency();
  if (partition == open_) {
    const bool is_ahead = running_ != nullptr && running_->effective_priority_.is_more_urgent_than(urgency);
    if (!is_ahead && !ready_.has_more_urgent_than(urgency)) return false;
  }
  if (++disturbed_ == kDisturbedAtOnce) be_quiet();
  if (!can_wait(visitor)) return false;
  if (partition != open_) {
    aside_.put_outside(visitor, *port, partition);
  } else {
    aside_.put_behind(visitor, *port, urgency);
  }
  return true;
}

void Core::hear_visitors(bool whether) {
  const InboxHold hold(inbox_lock_);
  hears_visitors_ = whether;
}

void Core::be_quiet() {
  hear_visitors(false);
  quiet_end_ = after_microseconds(kQuietMicroseconds);
}

void Core::listen() {
  disturbed_ = 0;
  if (quiet_end_.is_forever()) return;
  quiet_end_ = base::Ticks::forever();
  hear_visitors(true);
}

/// Nobody runs: who could is in the queue.
void Core::do_visits_aside(Unlocked held) {
  for (unsigned count = 0; count < kDoneAtOnce; ++count) {
    const base::Priority next = ready_.is_empty() ? base::Priority(0) : ready_.most_urgent();
    ipc::Party* const party = aside_.take_due(open_, next);
    if (party == nullptr) return;
    Thread& visitor = Thread::from(*party);
    if (!puts_aside(visitor)) do_system_call_of(held, visitor);
  }
  port::signal_core(id());
}

}  // namespace kernel
