// SPDX-License-Identifier: Apache-2.0
//
// Interrupt lines as objects that capabilities name. The manifest makes them, one for each line that a silo gets, and
// they exist as long as the system runs. A line that is bound to a notification sets bits of it when it fires; then its
// driver works, and the line stays silent (active in the controller) until the driver has finished it: by waiting for
// one of the bits again, or by saying so. How often it may fire in a time is limited (line_limit.hpp); one that has
// used that up is finished later, when time has given it more.
//
// INVARIANT: a line is enabled if and only if it is bound; bound, it is in the list of its notification, and its right
// to signal is linked with those derived from the capability that it was bound with. As timers (event_objects.hpp).
// INVARIANT: Idle: it is not active in the controller. Fired, Held: it is. Held: it is in its core's queue of those.
// INVARIANT: unfinished_bits of a notification are those of its lines that are Fired.
#pragma once

#include "kernel/event_objects.hpp"
#include "kernel/line_limit.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/system.hpp"
#include "kernel/timer_queue.hpp"

namespace kernel {

class Core;

struct InterruptObject : Capability, ipc::Object, TimerLink {
  enum class State : std::uint8_t { Idle, Fired, Held };

  InterruptObject(const InterruptDescription& description, Silo& its_silo)
      : Object(abi::ObjectType::Interrupt),
        silo(its_silo),
        line(description.line),
        trigger(description.trigger),
        rate(description.rate),
        burst(description.burst) {}

  Silo& silo;  ///< whose the manifest says it is
  const base::InterruptId line;
  const port::Trigger trigger;
  const std::uint32_t rate;  ///< how often it may fire in a second
  const std::uint32_t burst;
  State state = State::Idle;
  bool has_been_told = false;  ///< that it was held back, since boot
  LineLimit limit;
  NotificationObject* notification = nullptr;  ///< while bound
  std::uint64_t bits = 0;
  Core* core = nullptr;                  ///< that it fires on, while bound
  InterruptObject* next_line = nullptr;  ///< of the same notification
  std::uint64_t fired = 0;
  std::uint64_t held_back = 0;
};

/// The object, which is a line.
InterruptObject& line_of(ipc::Object& object);
/// By number; null: no silo has it. Written at boot.
extern InterruptObject* all_lines[port::kLinesMaximum];
/// The manifest's line with this number; null if no silo has it.
inline InterruptObject* line_with(base::InterruptId number) {
  const std::uint32_t place = number.value() - port::kFirstLine;
  return place < port::kLinesMaximum ? all_lines[place] : nullptr;
}

/// At boot. EINVAL no such line, EEXIST a silo has it, ENOMEM.
base::Result<InterruptObject*> make_manifest_line(Unlocked, const InterruptDescription& description, Silo& silo);
/// Start of boot: no silo has any.
void forget_lines();

/// From now on it fires on `core` and sets `bits`, which may be set through `signaller`. EINVAL no bits; EPERM bits
/// outside its badge; EEXIST it is bound; EBUSY a revoke goes through the capabilities of the notification, or its
/// limit is used up.
base::Result<void> bind_line(Core& core, InterruptObject& line, Capability& signaller, std::uint64_t bits);
/// Whether a device may wake somebody.
bool some_line_is_bound();
/// It is off and not bound any more; nothing happens if it was not.
void unbind_line(InterruptObject& line);
/// The same, and if nobody can signal the notification any more, that is acted on.
void end_line(InterruptObject& line);

/// It is bound and was taken from the controller: its notification is about to be signalled.
inline void note_firing(InterruptObject& line) {
  line.state = InterruptObject::State::Fired;
  line.notification->unfinished_bits |= line.bits;
  line.limit.take();
  ++line.fired;
}
/// Its driver has finished it: it may fire again, now or when its limit permits. True if it had fired.
bool finish_line(InterruptObject& line);
/// It is Held, and its limit permits that it fires again.
void release_line(InterruptObject& line);

/// finish_awaited_lines() of those that are there.
void finish_lines(NotificationObject& notification, std::uint64_t mask);
/// Whoever waits for bits of lines that have fired, and has taken them before, has finished those lines.
inline void finish_awaited_lines(NotificationObject& notification, std::uint64_t mask) {
  if ((notification.unfinished_bits & mask) != 0) finish_lines(notification, mask);
}
/// The same in few steps (kernel/quick_calls.cpp); false: the other one does it.
inline bool finish_awaited_lines_at_once(NotificationObject& notification, std::uint64_t mask) {
  const std::uint64_t awaited = notification.unfinished_bits & mask;
  if (awaited == 0) return true;
  InterruptObject& line = *notification.first_line;
  if (line.next_line != nullptr) return false;
  if ((awaited & notification.bits()) != 0) return true;  // not seen yet, as in finish_lines()
  if (line.limit.is_used_up()) return false;
  line.state = InterruptObject::State::Idle;
  notification.unfinished_bits = 0;
  port::deactivate_line(line.line);
  return true;
}

}  // namespace kernel
