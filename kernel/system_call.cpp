// SPDX-License-Identifier: Apache-2.0
//
// The dispatcher: number to line of the table, handle to capability, required type and right, handler; and the one
// place where a refused call is counted. Everything here costs the same for every number and every handle.
#include "kernel/system_call.hpp"

#include <array>

#include "kernel/audit.hpp"
#include "kernel/blocking_call.hpp"
#include "kernel/core.hpp"
#include "kernel/link.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/silo.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

using abi::SystemCall;
using Handler = base::Result<Decision> (*)(const Call&);

/// What X0 must be.
enum class Needs : std::uint8_t {
  Nothing,  ///< it is not a handle
  Handle,   ///< a handle, with the right if there is one: a right belongs to one type, so it says the type as well
  Type,     ///< a handle to an object of the type; no right is asked for
};

struct Line {
  Handler handler;
  Needs needs;
  abi::ObjectType type;
  abi::Right right;
};

/// The column `object` of the table.
enum class ObjectColumn : std::uint8_t {
  None,
  Any,
  Port,
  Channel,
  Console,
  Silo,
  System,
  AsyncChannel,
  Notification,
  Semaphore,
  Timer,
  Region,
  Audit,
  Trace,
  Interrupt
};

constexpr abi::ObjectType type_of(ObjectColumn column) {
  switch (column) {
    case ObjectColumn::None:
    case ObjectColumn::Any: return abi::ObjectType::None;
    case ObjectColumn::Port: return abi::ObjectType::Port;
    case ObjectColumn::Channel: return abi::ObjectType::Channel;
    case ObjectColumn::Console: return abi::ObjectType::Console;
    case ObjectColumn::Silo: return abi::ObjectType::Silo;
    case ObjectColumn::System: return abi::ObjectType::System;
    case ObjectColumn::AsyncChannel: return abi::ObjectType::AsyncChannel;
    case ObjectColumn::Notification: return abi::ObjectType::Notification;
    case ObjectColumn::Semaphore: return abi::ObjectType::Semaphore;
    case ObjectColumn::Timer: return abi::ObjectType::Timer;
    case ObjectColumn::Region: return abi::ObjectType::Region;
    case ObjectColumn::Audit: return abi::ObjectType::Audit;
    case ObjectColumn::Trace: return abi::ObjectType::Trace;
    case ObjectColumn::Interrupt: return abi::ObjectType::Interrupt;
  }
  return abi::ObjectType::None;
}

constexpr Line make_line(Handler handler, ObjectColumn column, abi::Right right) {
  if (column == ObjectColumn::None) return {handler, Needs::Nothing, abi::ObjectType::None, abi::Right::None};
  const bool is_told_by_right = right != abi::Right::None || column == ObjectColumn::Any;
  return {handler, is_told_by_right ? Needs::Handle : Needs::Type, type_of(column), right};
}

constexpr Line kLines[] = {
#define SYSTEM_CALL(number, name, object, right, in, out, errors, text) \
  make_line(&handle<abi::SystemCall::name>, ObjectColumn::object, abi::Right::right),
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
};

constexpr std::uint64_t kNumbers[] = {
#define SYSTEM_CALL(number, name, object, right, in, out, errors, text) number,
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
};

constexpr std::uint64_t highest_number() {
  std::uint64_t highest = 0;
  for (const std::uint64_t number : kNumbers) highest = number > highest ? number : highest;
  return highest;
}

/// What a silo must not have given up, by line; 0 for calls that need nothing of the kind.
constexpr std::array<std::uint64_t, std::size(kNumbers)> kPledges = [] {
  std::array<std::uint64_t, std::size(kNumbers)> pledges = {};
#define PLEDGED_CALL(call, name)                                          \
  for (std::size_t i = 0; i < std::size(kNumbers); ++i) {                 \
    if (kNumbers[i] == static_cast<std::uint64_t>(abi::SystemCall::call)) \
      pledges[i] = static_cast<std::uint64_t>(abi::Pledge::name);         \
  }
#include "ipc/abi/pledges.def"
#undef PLEDGED_CALL
  return pledges;
}();

constexpr std::uint8_t kNoLine = 0xff;
constexpr std::size_t kIndexSize = highest_number() + 1;
static_assert(std::size(kLines) < kNoLine && kIndexSize <= 1024, "the index is small and dense enough");

/// Number to line.
constexpr std::array<std::uint8_t, kIndexSize> kIndex = [] {
  std::array<std::uint8_t, kIndexSize> index = {};
  for (std::uint8_t& line : index) line = kNoLine;
  for (std::size_t i = 0; i < std::size(kNumbers); ++i) index[kNumbers[i]] = static_cast<std::uint8_t>(i);
  return index;
}();

constexpr bool every_line_has_its_own_number() {
  for (std::size_t i = 0; i < std::size(kNumbers); ++i) {
    if (kIndex[kNumbers[i]] != i) return false;
  }
  return true;
}
static_assert(every_line_has_its_own_number());

/// Errors by which the kernel refuses what a silo has no business asking for; the others are answers.
bool is_refusal(base::Error error) {
  return error == base::Error::EBADF || error == base::Error::EPERM || error == base::Error::EINVAL ||
         error == base::Error::ENOSYS || error == base::Error::EDQUOT || error == base::Error::EACCES ||
         error == base::Error::ENOBUFS || error == base::Error::EPROTOTYPE;
}

/// Until when a call waits that is done on another core; for the others it waits as long as that takes.
base::Ticks deadline_of_visit(SystemCall number, const Arguments& arguments, LinkNumber link) {
  const bool has_one =
      number == SystemCall::PORT_SEND || number == SystemCall::PORT_CALL || number == SystemCall::PORT_SEND_BATCH;
  const base::Ticks asked = has_one ? deadline_through(link, arguments.deadline()) : base::Ticks::forever();
  const Wait wait = Wait::until(asked);
  // One that has passed is the other core's to tell of: what can be done at once is done.
  return wait.blocking == ipc::Blocking::MayBlock ? wait.deadline : base::Ticks::forever();
}

BlockedOn operation_of(SystemCall number) {
  if (number == SystemCall::PORT_CALL) return BlockedOn::Call;
  const bool sends =
      number == SystemCall::PORT_SEND || number == SystemCall::PORT_TRY_SEND || number == SystemCall::PORT_SEND_BATCH;
  return sends ? BlockedOn::Send : BlockedOn::Kernel;
}

/// The call looks into an object that another core alone may look into.
bool is_for_another_core(const Line& line, const Capability& capability) {
  const bool looks_into_it = line.type == abi::ObjectType::Port || line.type == abi::ObjectType::Silo;
  return looks_into_it && capability.object->home != this_core().id().value();
}

/// What a message takes along to another core is marked here, where it may be in use without a lock, before anybody
/// over there can have it. What moves is of no use here from now on. A capability is not moved through itself.
base::Result<void> share_carried(Thread& thread, Capability& through, SystemCall number, const Arguments& arguments) {
  const bool sends = number == SystemCall::PORT_SEND || number == SystemCall::PORT_TRY_SEND;
  if ((!sends && number != SystemCall::PORT_CALL) || !has_right(through.rights, abi::Right::PortTransfer)) return {};
  const auto message = arguments.message();
  if (!message.ok() || (message.value().flags & abi::kFlagTransfer) == 0) return {};  // the handler tells
  const auto carried = thread.silo().capabilities.lookup(handle_in(message.value()));
  if (!carried.ok()) return {};
  const bool moves = sends && is_move(message.value());
  if (moves && carried.value() == &through) return base::Error::EXDEV;
  become_shared(*carried.value()->object);
  if (moves && has_right(carried.value()->rights, abi::Right::Grant)) begin_move(thread, *carried.value());
  return {};
}

base::Result<Decision> try_call(Unlocked held, Thread& thread, bool is_on_behalf) {
  const Arguments arguments(thread.context());
  const std::uint64_t number = arguments.number();
  if (number >= kIndexSize || kIndex[number] == kNoLine) return base::Error::ENOSYS;
  const Line& line = kLines[kIndex[number]];
  if ((kPledges[kIndex[number]] & ~thread.silo().pledges()) != 0) return base::Error::EPERM;
  Capability* capability = nullptr;
  switch (line.needs) {
    case Needs::Nothing: break;
    case Needs::Handle: capability = TRY(thread.silo().capabilities.lookup(arguments.handle(), line.right)); break;
    case Needs::Type: capability = TRY(thread.silo().capabilities.lookup(arguments.handle(), line.type)); break;
  }
  if (capability != nullptr && !is_on_behalf && is_for_another_core(line, *capability)) {
    if (line.right == abi::Right::PortReceive) return base::Error::EXDEV;
    const auto call = static_cast<SystemCall>(number);
    TRY(share_carried(thread, *capability, call, arguments));
    return core_of(base::CoreId(capability->object->home))
        .visit(thread, *capability->object, operation_of(call), deadline_of_visit(call, arguments, capability->link));
  }
  return line.handler(Call{held, thread, capability, is_on_behalf});
}

/// Told with a fault of its silo.
void note_refusal(const Thread& thread, base::Error error) {
  thread.silo().noted.add({.time = port::now().value(),
                           .handle = thread.general[0],
                           .number = static_cast<std::uint16_t>(thread.general[8]),
                           .error = static_cast<std::uint8_t>(error),
                           .thread = static_cast<std::uint8_t>(thread.index_in_silo()),
                           .kind = NotedEvent::Kind::Refused});
}

void count_refusal(Thread& thread, base::Error error) {
  if (!is_refusal(error)) return;
  ++thread.silo().refused_calls;
  note_refusal(thread, error);
  audit_denial(thread, error);
}

/// Out of line, so that a call that succeeds keeps no register for it.
[[gnu::noinline]] Decision end_in_error(Thread& thread, base::Error error) {
  count_refusal(thread, error);
  Results(thread.context()).fail(error);
  return Decision::stay();
}

}  // namespace

bool takes_handle(std::uint64_t number) {
  return number < kIndexSize && kIndex[number] != kNoLine && kLines[kIndex[number]].needs != Needs::Nothing;
}

Decision dispatch_system_call(Unlocked held, Thread& thread) {
  const base::Result<Decision> outcome = try_call(held, thread, false);
  if (outcome.ok()) return outcome.value();
  return end_in_error(thread, outcome.error());
}

void do_system_call_of(Unlocked held, Thread& thread) {
  const base::Result<Decision> outcome = try_call(held, thread, true);
  if (!outcome.ok()) {
    count_refusal(thread, outcome.error());
    ipc::complete(thread, outcome.error());
  } else if (outcome.value().kind == Decision::Kind::Stay) {
    this_core().visitor_blocks(thread, ResultsIn::Place);
    ipc::complete(thread, {});
  } else {
    return;  // it waits for something, or has been posted
  }
  thread.core().post(thread);
}

}  // namespace kernel
