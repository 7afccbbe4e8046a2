// SPDX-License-Identifier: Apache-2.0
//
// Silos that come back: see silo_restart.hpp. What wants a step is in the core's list coming_; coming_time_ says when
// the next of them does. Members of a group wait for each other: none is loaded before all of them have ended, nor
// before those that the manifest names earlier run.
#include "kernel/silo_restart.hpp"

#include <algorithm>

#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/explanation.hpp"
#include "kernel/fault.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

using Phase = SiloLife::Phase;
using Order = SiloLife::Order;

/// Before a step is tried again that had to wait for the end of an object or of a revoke.
constexpr std::uint64_t kRetryMicroseconds = 50;
/// For what ends of objects leave to do, so that what a silo had made is its quota's again: not for ever, since others
/// may make the core such work without end.
constexpr std::uint64_t kPatienceMicroseconds = 10'000;

bool are_mates(const Silo& one, const Silo& other) {
  return &one != &other && one.life.policy.group() != 0 && one.life.policy.group() == other.life.policy.group();
}

/// Whether what its group waits for has happened.
bool may_be_loaded(const Silo& silo) {
  if (silo.life.policy.group() == 0) return true;
  for (const Silo* const other : silos()) {
    if (!are_mates(silo, *other)) continue;
    const SiloLife& life = other->life;
    if (life.phase == Phase::Stopping && life.comes_back) return false;
    if (life.phase == Phase::Up && life.order == Order::Restart) return false;
    const bool is_coming = life.phase == Phase::Away || life.phase == Phase::Loading;
    if (is_coming && !life.is_asked && other->id.value() < silo.id.value()) return false;
  }
  return true;
}

/// The group of `silo` does as it does: all that run stop, and come back or not.
void order_group(const Silo& silo, Order order) {
  for (Silo* const other : silos()) {
    if (!are_mates(silo, *other)) continue;
    const bool is_over = other->life.phase == Phase::Down || other->life.phase == Phase::Leaving;
    if (is_over) continue;
    other->life.order = order;
    other->life.ordered_by = static_cast<std::uint16_t>(silo.id.value());
    core_of(other->core()).expect(*other, base::Ticks());
  }
}

/// Something that its group may wait for has happened.
void tell_group(const Silo& silo) {
  if (silo.life.policy.group() == 0) return;
  for (Silo* const other : silos()) {
    if (are_mates(silo, *other) && other->life.phase == Phase::Away)
      core_of(other->core()).expect(*other, base::Ticks());
  }
}

void tell_of_staying_down(Core& core, const Silo& silo, abi::StaysDownReason reason, std::uint64_t more = 0) {
  static constexpr const char* kWords[] = {"",
                                           "it has used up its restarts",
                                           "no supervisor has started it in time",
                                           "its group stops",
                                           "an operator has stopped it",
                                           "a capability of the manifest cannot be given to it again",
                                           "its program speaks another contract than what it was linked with"};
  audit_life(core, silo, abi::AuditLife::StaysDown, static_cast<std::uint64_t>(reason), more);
  log("silo {} stays down: {}", silo.name.view(), kWords[static_cast<unsigned>(reason)]);
  core.note_console();
}

void judge_by_policy(Core& core, Silo& silo) {
  SiloLife& life = silo.life;
  const RestartPolicy::Verdict verdict = life.policy.after_end(life.started, life.ended);
  life.due = verdict.due;
  switch (verdict.fate) {
    case RestartPolicy::Fate::StaysDown:
      if (life.policy.mode() != abi::RestartMode::Never)
        tell_of_staying_down(core, silo, abi::StaysDownReason::LimitUsedUp);
      break;
    case RestartPolicy::Fate::Restarts:
      life.comes_back = true;
      order_group(silo, Order::Restart);
      break;
    case RestartPolicy::Fate::IsAsked:
      life.comes_back = true;
      life.is_asked = true;
      break;
    case RestartPolicy::Fate::GroupStops:
      tell_of_staying_down(core, silo, abi::StaysDownReason::LimitUsedUp);
      order_group(silo, Order::Stop);
      break;
    case RestartPolicy::Fate::BoardResets:
      set_console_mode(ConsoleMode::Synchronous);  // it would not get out of the ring any more
      explain_before_the_end(core, silo);
      log("silo {} has used up its restarts: the machine starts anew", silo.name.view());
      port::restart_machine();
  }
}

/// Before an end is told in full; see LifeLog.
void tell_of_those_not_told(Silo& silo) {
  const LifeLog::Words words = silo.life.log.note_end(silo.life.ended, port::clock_frequency());
  if (words.not_told != 0)
    log("silo {} has ended {} times more since the last line about it; the audit has each", silo.name.view(),
        words.not_told);
  if (words.last_in_full)
    log("silo {} ends often: further ends of this second are only counted after this one", silo.name.view());
}

}  // namespace

void judge_end(Core& core, Silo& silo) {
  SiloLife& life = silo.life;
  life.phase = Phase::Stopping;
  life.ended = port::now();
  tell_of_those_not_told(silo);
  life.last_end = silo.state();
  life.last_why = end_of(silo).why;
  life.comes_back = false;
  life.is_asked = false;
  life.due = base::Ticks::forever();
  silo.manifest.rewind();
  const Order order = life.order;
  life.order = Order::None;
  if (order == Order::None && silo.state() == abi::SiloState::Killed)
    drop_image_request(core, silo, base::Error::EPIPE);
  if (order == Order::Restart) {
    life.comes_back = true;
    life.due = life.ended;
  } else if (order == Order::Stop) {
    const bool is_operators = life.ordered_by == silo.id.value();  // keep_down, while it was being loaded
    tell_of_staying_down(core, silo, is_operators ? abi::StaysDownReason::Operator : abi::StaysDownReason::GroupStopped,
                         life.ordered_by);
  } else if (silo.state() != abi::SiloState::Killed) {
    judge_by_policy(core, silo);
  }
}

base::Result<void> start_again(Core& core, Silo& silo) {
  SiloLife& life = silo.life;
  switch (life.phase) {
    case Phase::Up: return base::Error::EEXIST;
    case Phase::Stopping:
    case Phase::Leaving: return {};  // when that is over it is seen that somebody waits
    case Phase::Away:
    case Phase::Loading:
      if (life.order == Order::Stop) return {};  // the same: its peers are told of that stop first
      break;
    case Phase::Down: break;
  }
  core.bring_back(silo);
  return {};
}

void restart_silo(Thread& thread, Silo& silo) {
  Core& core = this_core();
  if (silo.life.phase != Phase::Up) {
    static_cast<void>(start_again(core, silo));
    return;
  }
  silo.life.order = Order::Restart;
  silo.life.policy.forget_history();
  if (!silo.kill(thread.silo().id)) __builtin_trap();  // Up means that it has not stopped
  audit_life(core, silo, abi::AuditLife::Killed, thread.silo().id.value());
  core.begin_stop(silo, thread.effective_priority());
  if (silo.life.log.tells())
    log("silo {} is restarted by the operator {}", silo.name.view(), thread.silo().name.view());
}

base::Result<void> keep_down(Core& core, Silo& silo) {
  SiloLife& life = silo.life;
  const bool is_coming =
      life.phase == Phase::Away || life.phase == Phase::Loading || (life.phase == Phase::Stopping && life.comes_back);
  if (!is_coming) return base::Error::ENOENT;
  drop_image_request(core, silo, base::Error::EPIPE);
  life.order = Order::Stop;
  life.ordered_by = static_cast<std::uint16_t>(silo.id.value());
  // Who asks for its start from now on gets it, behind the stop.
  core.answer_starters(silo, base::Error::EPIPE);
  if (life.phase != Phase::Stopping) core.expect(silo, base::Ticks());
  return {};
}

void Core::expect(Silo& silo, base::Ticks when) {
  if (!silo.coming_node.is_linked()) coming_.push_back(silo);
  if (when < coming_time_) coming_time_ = when;
  signal();
}

bool Core::coming_is_due() const { return !coming_time_.is_forever() && coming_time_ <= port::now(); }

/// As urgent as the silos that want a step: nobody more urgent waits for them.
base::Priority Core::coming_urgency() const {
  base::Priority most(0);
  for (const Silo* silo = coming_.front(); silo != nullptr; silo = coming_.next(*silo)) {
    if (silo->threads().empty() || !silo->threads()[0]->own_priority().is_more_urgent_than(most)) continue;
    most = silo->threads()[0]->own_priority();
  }
  return most;
}

bool Core::coming_is_overdue() const {
  if (coming_time_.is_forever()) return false;
  const std::uint64_t patience = port::clock_frequency() * kPatienceMicroseconds / 1'000'000;
  const base::Ticks now = port::now();
  for (const Silo* silo = coming_.front(); silo != nullptr; silo = coming_.next(*silo)) {
    if (silo->life.phase != Phase::Away || silo->life.order != Order::None) return true;
    if (silo->life.due < now && now.value() - silo->life.due.value() >= patience) return true;
  }
  return false;
}

void Core::bring_back(Silo& silo) {
  SiloLife& life = silo.life;
  if (life.phase != Phase::Loading) {
    life.phase = Phase::Away;
    life.part = SiloLife::Part::Regions;
  }
  life.policy.forget_history();
  life.comes_back = true;
  life.is_asked = false;
  life.order = Order::None;
  life.due = port::now();
  expect(silo, life.due);
}

/// Who waits until it runs is told that it does, or why not.
void Core::answer_starters(Silo& silo, base::Result<void> outcome) {
  ipc::WakeList wakes;
  while (ipc::Party* const party = silo.starters.pop_front()) {
    ipc::complete(*party, outcome);
    wakes.push_back(*party);
  }
  wake(wakes);
}

void Core::end_of_stop(Silo& silo) {
  SiloLife& life = silo.life;
  if (!silo.starters.is_empty()) {
    bring_back(silo);
  } else if (life.comes_back) {
    life.phase = Phase::Away;
    life.part = SiloLife::Part::Regions;
    expect(silo, life.order == Order::None ? life.due : base::Ticks());
  } else {
    life.phase = Phase::Down;
    life.order = Order::None;
    // For an order that is void now.
    if (!silo.images.is_wanted && silo.coming_node.is_linked_in(&coming_)) coming_.remove(silo);
  }
  tell_group(silo);
}

/// One step for one silo; false if none can have one now.
bool Core::come_back_step(Unlocked held) {
  const base::Ticks now = port::now();
  base::Ticks next = base::Ticks::forever();
  for (Silo* silo = coming_.front(); silo != nullptr; silo = coming_.next(*silo)) {
    const bool has_order = silo->life.order != Order::None || silo->images.is_wanted;
    if (silo->life.due > now && !has_order && silo->life.phase == Phase::Away) {
      next = std::min(next, silo->life.due);
      continue;
    }
    if (step_of(held, *silo)) {
      coming_time_ = base::Ticks();
      return true;
    }
    if (silo->life.phase == Phase::Loading) next = std::min(next, after_microseconds(kRetryMicroseconds));
    if (silo->life.phase == Phase::Away && silo->life.due > now) next = std::min(next, silo->life.due);
  }
  coming_time_ = next;
  return false;
}

/// False: it has to wait, for its group, for the end of an object or of a revoke.
bool Core::step_of(Unlocked held, Silo& silo) {
  SiloLife& life = silo.life;
  // What is being loaded is not what is wanted: it takes its place when it runs.
  if (silo.images.is_wanted && (!silo.images.is_checked || life.phase != Phase::Loading)) {
    look_at_image(silo);
    return true;
  }
  switch (life.phase) {
    case Phase::Up: obey(silo); return true;
    case Phase::Away:
      if (life.order == Order::Restart) life.order = Order::None;  // which it does already
      if (life.order == Order::Stop || life.is_asked) {
        const bool is_operators = life.order == Order::Stop && life.ordered_by == silo.id.value();
        life.reason = life.order != Order::Stop ? abi::StaysDownReason::NobodyAnswered
                      : is_operators            ? abi::StaysDownReason::Operator
                                                : abi::StaysDownReason::GroupStopped;
        leave(silo);
        return true;
      }
      if (life.due > port::now() || !may_be_loaded(silo) || is_being_explained(silo)) return false;
      life.phase = Phase::Loading;
      if (silo.images.next != silo.images.current) begin_moving(silo);
      life.index = 0;
      life.page = 0;
      silo.manifest.rewind();
      return true;
    case Phase::Loading: return load_step(held, silo);
    case Phase::Leaving:
      if (!drop_some_anchors(held, silo)) return true;
      life.phase = Phase::Down;
      coming_.remove(silo);
      if (!silo.starters.is_empty()) bring_back(silo);
      tell_group(silo);
      return true;
    case Phase::Stopping:  // an order that will be looked at when it is over
    case Phase::Down: break;
  }
  return false;
}

void Core::leave(Silo& silo) {
  silo.life.phase = Phase::Leaving;
  silo.life.comes_back = false;
  silo.life.order = Order::None;
  silo.manifest.rewind();
  tell_of_staying_down(*this, silo, silo.life.reason);
  if (silo.life.reason != abi::StaysDownReason::Operator) answer_starters(silo, base::Error::EPIPE);
}

/// It is Up, and its group (or whoever stopped it while it was being loaded) wants it to stop.
void Core::obey(Silo& silo) {
  coming_.remove(silo);
  const Silo& by = *silos()[silo.life.ordered_by];
  if (silo.life.order == Order::None || !silo.kill(by.id)) return;
  audit_life(*this, silo, abi::AuditLife::Killed, by.id.value());
  begin_stop(silo, silo.threads().empty() ? base::Priority(0) : silo.threads()[0]->own_priority());
  if (silo.life.log.tells()) log("silo {} is stopped because of silo {}", silo.name.view(), by.name.view());
}

void Core::run_again(Silo& silo) {
  SiloLife& life = silo.life;
  silo.begin_again();
  life.phase = Phase::Up;
  life.comes_back = false;
  life.started = port::now();
  ++life.restarts;
  silo.noted.add({.time = life.started.value()});
  for (Thread* const thread : silo.threads()) admit(*thread);
  start_watchdog(silo);
  if (life.order == Order::None && !silo.images.is_wanted) coming_.remove(silo);
  audit_life(*this, silo, abi::AuditLife::Restarted, life.restarts, life.started.value() - life.ended.value());
  if (life.log.tells()) log("silo {} runs again ({})", silo.name.view(), life.restarts);
  note_console();
  if (life.order != Order::Stop) answer_starters(silo, {});
  tell_group(silo);
}

}  // namespace kernel
