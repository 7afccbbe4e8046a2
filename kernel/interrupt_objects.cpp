// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of interrupt lines, and what happens to one between firing and being finished: see
// interrupt_objects.hpp. Pool and table are touched in shared sections.
#include "kernel/interrupt_objects.hpp"

#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constinit ObjectPool<InterruptObject> pool;
constinit std::uint32_t bound_lines = 0;

void take_out(NotificationObject& notification, const InterruptObject& line) {
  InterruptObject** link = &notification.first_line;
  while (*link != &line) link = &(*link)->next_line;
  *link = line.next_line;
}

void count_unfinished(NotificationObject& notification) {
  std::uint64_t bits = 0;
  for (const InterruptObject* line = notification.first_line; line != nullptr; line = line->next_line) {
    if (line->state == InterruptObject::State::Fired) bits |= line->bits;
  }
  notification.unfinished_bits = bits;
}

/// The first time since boot that the line is held back.
void tell(InterruptObject& line) {
  if (line.has_been_told) return;
  line.has_been_told = true;
  log("interrupt {} ({}) of silo {} fires more than {} times a second and is held back", line.name.view(),
      line.line.value(), line.silo.name.view(), line.rate);
  this_core().note_console();
  audit_life(this_core(), line.silo, abi::AuditLife::InterruptStorm, line.line.value(), line.rate);
}

}  // namespace

constinit InterruptObject* all_lines[port::kLinesMaximum] = {};

InterruptObject& line_of(ipc::Object& object) {
  // SAFETY: type says what an object is, and every line is made here.
  return static_cast<InterruptObject&>(object);
}

base::Result<InterruptObject*> make_manifest_line(Unlocked unlocked, const InterruptDescription& description,
                                                  Silo& silo) {
  const std::uint32_t number = description.line.value();
  if (number < port::kFirstLine || number >= port::line_limit()) return base::Error::EINVAL;
  if (description.rate == 0 || description.rate > abi::kInterruptRateMaximum) return base::Error::EINVAL;
  if (description.burst == 0 || description.burst > abi::kInterruptRateMaximum) return base::Error::EINVAL;
  InterruptObject*& place = all_lines[number - port::kFirstLine];
  if (place != nullptr) return base::Error::EEXIST;
  TRY(pool.reserve(unlocked, 1));
  place = TRY(pool.create(unlocked, description, silo));
  place->name = base::FixedName(description.name);
  place->limit = LineLimit(description.rate, description.burst, port::clock_frequency(), port::now());
  return place;
}

void forget_lines() {
  for (InterruptObject*& line : all_lines) line = nullptr;
  bound_lines = 0;
  pool.forget();
}

base::Result<void> bind_line(Core& core, InterruptObject& line, Capability& signaller, std::uint64_t bits) {
  if (bits == 0) return base::Error::EINVAL;
  TRY(check_bits(signaller, bits));
  if (line.notification != nullptr) return base::Error::EEXIST;
  if (signaller.object->is_revoking) return base::Error::EBUSY;
  // Unbinding does not give a line its burst back.
  if (line.limit.is_used_up()) line.limit.refill(port::now());
  if (line.limit.is_used_up()) return base::Error::EBUSY;
  NotificationObject& notification = notification_of(signaller);
  if (line.sole_core == ipc::kSeveralCores) notification.sole_core = ipc::kSeveralCores;
  static_cast<Capability&>(line) = SignalRight(kHandleOfLine, signaller);
  derivation::link_child(line, signaller);
  line.notification = &notification;
  ++bound_lines;
  line.bits = bits;
  line.core = &core;
  line.next_line = notification.first_line;
  notification.first_line = &line;
  port::enable_line(line.line, line.trigger, core.id());
  return {};
}

bool some_line_is_bound() { return bound_lines != 0; }

void unbind_line(InterruptObject& line) {
  if (line.notification == nullptr) return;
  port::disable_line(line.line);
  line.core->stop_holding(line);
  if (line.state != InterruptObject::State::Idle) port::deactivate_line(line.line);
  line.state = InterruptObject::State::Idle;
  derivation::unlink(line);
  NotificationObject& notification = *line.notification;
  take_out(notification, line);
  line.notification = nullptr;
  --bound_lines;
  count_unfinished(notification);
}

void end_line(InterruptObject& line) {
  NotificationObject* const notification = line.notification;
  if (notification == nullptr) return;
  unbind_line(line);
  source_has_ended(*notification);
}

bool finish_line(InterruptObject& line) {
  if (line.state != InterruptObject::State::Fired) return false;
  if (line.limit.is_used_up()) line.limit.refill(port::now());
  if (line.limit.is_used_up()) {
    line.state = InterruptObject::State::Held;
    ++line.held_back;
    line.core->hold_line(line, line.limit.next());
    line.core->signal();
    tell(line);
  } else {
    line.state = InterruptObject::State::Idle;
    port::deactivate_line(line.line);
  }
  count_unfinished(*line.notification);
  return true;
}

void release_line(InterruptObject& line) {
  line.limit.refill(port::now());
  line.state = InterruptObject::State::Idle;
  port::deactivate_line(line.line);
}

void finish_lines(NotificationObject& notification, std::uint64_t mask) {
  for (InterruptObject* line = notification.first_line; line != nullptr; line = line->next_line) {
    const std::uint64_t awaited = line->bits & mask;
    // Bits that are still there have not been seen: their line is not what the driver comes back from.
    if (awaited != 0 && (awaited & notification.bits()) == 0) static_cast<void>(finish_line(*line));
  }
}

}  // namespace kernel
