// SPDX-License-Identifier: Apache-2.0
//
// The dispatcher: every number, every handle check, the count of refusals, and a random storm of calls whose oracle is
// the kernel's own invariants.
#include "test/fakes/kernel_world.hpp"

#include <iostream>
#include <random>
#include <set>

#include "kernel/message_registers.hpp"
#include "kernel/objects.hpp"
#include "kernel/system_call.hpp"
#include "kernel/watching.hpp"
#include "test/fakes/fake_stage2.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;

enum class Column {
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
struct TableLine {
  std::uint64_t number;
  const char* name;
  Column object;
  Right right;
};
const TableLine kTable[] = {
#define SYSTEM_CALL(number, name, object, right, in, out, errors, text) {number, #name, Column::object, Right::right},
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
};

bool is_refusal(std::int64_t status) {
  for (const Error error : {Error::EBADF, Error::EPERM, Error::EINVAL, Error::ENOSYS, Error::EDQUOT, Error::EACCES,
                            Error::ENOBUFS, Error::EPROTOTYPE}) {
    if (status == -static_cast<std::int64_t>(error)) return true;
  }
  return false;
}

struct SystemCallTest : fakes::KernelWorld {
  Thread& caller = add_program("caller", 10);
  Thread& peer = add_program("peer", 5);
  std::uint32_t port = add_port(caller, "port");
  std::uint32_t channel = add_channel("channel", 4);
  std::uint32_t async = add_async("async", 4);

  std::uint64_t grant_type(ObjectType type, std::uint64_t rights) {
    const std::uint32_t slot = ++slots;
    const std::uint32_t object = type == ObjectType::Port           ? port
                                 : type == ObjectType::Channel      ? channel
                                 : type == ObjectType::AsyncChannel ? async
                                                                    : 0;
    EXPECT_TRUE(
        install_capability(caller.silo().id,
                           {.slot = slot, .type = type, .object = object, .end = 0, .rights = rights, .badge = 0})
            .ok());
    return abi::make_manifest_handle(slot);
  }
  std::uint32_t slots = 20;
};

TEST_F(SystemCallTest, unknown_numbers_are_enosys_and_counted) {
  start();
  std::set<std::uint64_t> known;
  for (const TableLine& line : kTable) known.insert(line.number);
  std::uint64_t refused = 0;
  const auto expect_unknown = [&](std::uint64_t number) {
    caller.silo().refused_calls = refused;
    call_number(number);
    ASSERT_EQ(status(caller), minus(Error::ENOSYS)) << number;
    ASSERT_EQ(caller.silo().refused_calls, ++refused);
    expect_clean(caller);
  };
  for (std::uint64_t number = 0; number < 2000; ++number) {
    if (!known.contains(number)) expect_unknown(number);
  }
  for (unsigned bit = 10; bit < 64; ++bit) {
    for (const TableLine& line : kTable) expect_unknown(line.number | std::uint64_t{1} << bit);
  }
  expect_unknown(~std::uint64_t{0});
}

TEST_F(SystemCallTest, E1_every_call_that_takes_a_handle_refuses_a_bad_one) {
  const std::uint64_t good = grant_type(ObjectType::Port, static_cast<std::uint64_t>(Right::PortSend));
  start();
  for (const TableLine& line : kTable) {
    if (line.object == Column::None) continue;
    for (const std::uint64_t bad :
         {std::uint64_t{0}, good + 1, good + (std::uint64_t{1} << 32), good ^ std::uint64_t{1} << 63, good | 0x40000,
          ~std::uint64_t{0}, abi::make_manifest_handle(0), abi::make_manifest_handle(63)}) {
      call_number(line.number, {.handle = bad});
      EXPECT_EQ(status(caller), minus(Error::EBADF)) << line.name << " " << std::hex << bad;
      expect_clean(caller);
    }
  }
}

TEST_F(SystemCallTest, D8_every_call_refuses_a_capability_of_another_type) {
  const std::pair<ObjectType, Column> types[] = {
      {ObjectType::Port, Column::Port},       {ObjectType::Channel, Column::Channel},
      {ObjectType::Console, Column::Console}, {ObjectType::Silo, Column::Silo},
      {ObjectType::System, Column::System},   {ObjectType::AsyncChannel, Column::AsyncChannel},
      {ObjectType::Audit, Column::Audit},     {ObjectType::Trace, Column::Trace}};
  std::map<ObjectType, std::uint64_t> handles;
  for (const auto& [type, column] : types) handles[type] = grant_type(type, rights_of_type(type) & ~std::uint64_t{1});
  start();
  for (const TableLine& line : kTable) {
    if (line.object == Column::None || line.object == Column::Any) continue;
    for (const auto& [type, column] : types) {
      if (column == line.object) continue;
      call_number(line.number, {.handle = handles[type], .deadline = 0});
      EXPECT_EQ(status(caller), minus(Error::EPERM)) << line.name;
      expect_clean(caller);
    }
  }
  EXPECT_TRUE(is_running(caller));
}

TEST_F(SystemCallTest, N3_E8_every_call_refuses_a_capability_without_its_right) {
  const std::pair<ObjectType, Column> types[] = {
      {ObjectType::Port, Column::Port},       {ObjectType::Channel, Column::Channel},
      {ObjectType::Console, Column::Console}, {ObjectType::Silo, Column::Silo},
      {ObjectType::System, Column::System},   {ObjectType::AsyncChannel, Column::AsyncChannel},
      {ObjectType::Audit, Column::Audit},     {ObjectType::Trace, Column::Trace}};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> attempts;
  for (const TableLine& line : kTable) {
    if (line.right == Right::None) continue;
    for (const auto& [type, column] : types) {
      if (column != line.object && line.object != Column::Any) continue;
      if (slots == 60) break;
      attempts.emplace_back(line.number,
                            grant_type(type, rights_of_type(type) & ~static_cast<std::uint64_t>(line.right)));
    }
  }
  ASSERT_GE(attempts.size(), 15u);
  start();
  for (const auto& [number, handle] : attempts) {
    call_number(number, {.handle = handle, .deadline = 0});
    EXPECT_EQ(status(caller), minus(Error::EPERM)) << number;
    expect_clean(caller);
  }
  EXPECT_EQ(caller.silo().refused_calls, attempts.size());
}

TEST_F(SystemCallTest, B6_E2_another_silos_handle_means_nothing) {
  grant(peer, ObjectType::Channel, channel, {Right::ChannelReceive}, 0, 1);
  const std::uint64_t handle = grant_type(ObjectType::Channel, static_cast<std::uint64_t>(Right::ChannelSend));
  start();
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = handle}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(peer));
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = handle}), minus(Error::EBADF));
}

TEST_F(SystemCallTest, only_refusals_are_counted) {
  const std::uint64_t handle = grant_type(ObjectType::Port, rights_of_type(ObjectType::Port));
  start();
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = handle, .deadline = 0}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = handle, .deadline = 1}), minus(Error::ETIMEDOUT));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = handle}), minus(Error::EDEADLK));
  EXPECT_EQ(caller.silo().refused_calls, 0u);
  EXPECT_EQ(peer.silo().refused_calls, 0u);
}

// The storm.

class Storm : public fakes::KernelWorld {
 protected:
  static constexpr unsigned kSilos = 5;
  Storm() : KernelWorld(256) {
    using enum abi::QuotaKind;
    for (const auto kind : {Notifications, Semaphores, Timers, Bindings}) quotas[kind] = 6;
  }
  std::mt19937_64 random;
  std::vector<Thread*> threads;
  std::vector<std::uint64_t> handles;
  std::vector<std::uint64_t> tokens = {0};
  std::uint64_t calls = 0;
  std::uint64_t switches = 0;
  std::map<std::int64_t, std::uint64_t> outcomes;

  std::uint64_t pick(std::initializer_list<std::uint64_t> values) {
    return *(values.begin() + random() % values.size());
  }
  template <typename T>
  T& any(std::vector<T>& of) {
    return of[random() % of.size()];
  }

  void build() {
    static const char* const kNames[] = {"s0", "s1", "s2", "s3", "s4"};
    static const char* const kThreads[] = {"a", "b", "c"};
    static const char* const kPorts[] = {"p0", "p1", "p2", "p3", "p4"};
    std::vector<Thread*> first;
    for (unsigned i = 0; i < kSilos; ++i) {
      const base::SiloId silo = add_silo(kNames[i], i == 1 ? 16 : 64);
      for (unsigned t = 0; t < 1 + i % 3; ++t)
        threads.push_back(&add_thread(silo, kThreads[t], static_cast<std::uint8_t>(random() % 4 * 20)));
      first.push_back(threads.back());
    }
    for (unsigned i = 0; i < kSilos; ++i) {
      const std::uint32_t port = add_port(*first[i], kPorts[i]);
      handles.push_back(grant_port_server(*first[i], port));
      for (Thread* client : first) handles.push_back(grant_port_client(*client, port, random()));
    }
    for (unsigned i = 0; i < 3; ++i) {
      static const char* const kChannels[] = {"c0", "c1", "c2"};
      const std::uint32_t channel = add_channel(kChannels[i], 1 + i);
      for (std::uint32_t end = 0; end < 2; ++end) {
        handles.push_back(grant(*first[(i + end) % kSilos], ObjectType::Channel, channel,
                                {Right::ChannelSend, Right::ChannelReceive, Right::Duplicate}, random(), end));
      }
    }
    const std::uint32_t async = add_async("a", 3);
    for (Thread* holder : first) {
      handles.push_back(grant(*holder, ObjectType::AsyncChannel, async,
                              {Right::AsyncSend, Right::AsyncReceive, Right::Duplicate}, random()));
    }
    for (Thread* holder : first) {
      handles.push_back(grant(*holder, ObjectType::Console, 0, {Right::ConsoleWrite}));
      handles.push_back(
          grant(*holder, ObjectType::Silo, static_cast<std::uint32_t>(random() % kSilos), {Right::SiloObserve}));
    }
    const std::uint32_t notification = add_notification("n"), semaphore = add_semaphore("s", 1);
    for (Thread* holder : first) {
      handles.push_back(grant(*holder, ObjectType::Notification, notification,
                              {Right::NotificationSignal, Right::NotificationWait, Right::Duplicate}));
      handles.push_back(grant(*holder, ObjectType::Semaphore, semaphore, {Right::SemaphorePost, Right::SemaphoreWait}));
    }
    handles.push_back(grant(*first[0], ObjectType::System, 0, {Right::SystemVerdict}));
    handles.push_back(grant(*first[2], ObjectType::Audit, 0, {Right::AuditRead}));
    handles.push_back(grant(*first[3], ObjectType::Trace, 0, {Right::TraceRead, Right::TraceControl}));
  }

  std::uint64_t any_number() {
    if (random() % 50 == 0) return random() >> random() % 64;
    if (random() % 8 == 0) return static_cast<std::uint64_t>(SystemCall::WAIT_ANY);
    if (random() % 3 == 0) {
      return static_cast<std::uint64_t>(random() % 2 == 0 ? SystemCall::PORT_REPLY_AND_RECEIVE : SystemCall::PORT_CALL);
    }
    const std::uint64_t number = kTable[random() % std::size(kTable)].number;
    const bool is_end = number == static_cast<std::uint64_t>(SystemCall::EXIT) ||
                        number == static_cast<std::uint64_t>(SystemCall::THREAD_EXIT);
    const bool is_loss = number == static_cast<std::uint64_t>(SystemCall::HANDLE_CLOSE) ||
                         number == static_cast<std::uint64_t>(SystemCall::CHAN_CLOSE) ||
                         number == static_cast<std::uint64_t>(SystemCall::ASYNC_CLOSE) ||
                         number == static_cast<std::uint64_t>(SystemCall::PORT_DESTROY);
    if (is_end && random() % 2000 != 0) return static_cast<std::uint64_t>(SystemCall::PORT_CALL);
    if (is_loss && random() % 200 != 0) return static_cast<std::uint64_t>(SystemCall::PORT_REPLY_AND_RECEIVE);
    return number;
  }
  std::uint64_t any_handle(std::uint64_t number) {
    switch (random() % 24) {
      case 0: return random();
      case 1: return any(handles) ^ std::uint64_t{1} << random() % 64;
      case 2: return any(handles);
      default: break;
    }
    // Mostly one that the running silo has, of the right kind.
    Right right = Right::None;
    for (const TableLine& line : kTable) right = line.number == number ? line.right : right;
    for (int attempt = 0; attempt < 20; ++attempt) {
      const std::uint64_t handle = any(handles);
      if (running().silo().capabilities.lookup(handle, right).ok()) return handle;
    }
    return any(handles);
  }
  fakes::CallRegisters any_registers(std::uint64_t number) {
    fakes::CallRegisters registers;
    registers.handle = any_handle(number);
    registers.x1 = pick({0, 1, 8, 64, 65, random()});
    registers.flags = random() % 10 == 0 ? pick({2, 0x100, random()}) : random() % 2;
    for (unsigned i = random() % 9; i > 0; --i) registers.words.push_back(random() % 3 == 0 ? random() % 40 : random());
    registers.deadline = random() % (number == static_cast<std::uint64_t>(SystemCall::SLEEP_UNTIL) ? 5000 : 40) == 0
                             ? kForever
                             : pick({0, 1, clock() + 10, clock() + random() % 2000, clock() + 50'000});
    if (number == static_cast<std::uint64_t>(SystemCall::WAIT_ANY) && random() % 8 != 0) {
      registers.x1 = 1 + random() % 3;
      registers.words.clear();
      for (unsigned i = 0; i < registers.x1; ++i) registers.words.push_back(any_watched());
      if (random() % 2 == 0) registers.deadline = clock() + random() % 5000;
    }
    const bool names_notification = number == static_cast<std::uint64_t>(SystemCall::BIND) ||
                                    number == static_cast<std::uint64_t>(SystemCall::UNBIND) ||
                                    number == static_cast<std::uint64_t>(SystemCall::TIMER_CREATE);
    if (names_notification && random() % 8 != 0) {
      const auto signal = static_cast<std::uint64_t>(SystemCall::NOTIFICATION_SIGNAL);
      registers.words = {any_handle(signal), 1 + random() % 1000, 1 + random() % 3};
      if (random() % 2 == 0) registers.handle = any_watched() & ~std::uint64_t{63};
    }
    if (number == static_cast<std::uint64_t>(SystemCall::TIMER_SET) && random() % 8 != 0)
      registers.words = {clock() + random() % 10'000, 0};  // a period would keep a system of blocked threads awake
    registers.token = random() % 8 == 0 ? pick({any(tokens), 0, random()}) : a_token_owed();
    return registers;
  }

  /// A handle with an event that the running silo may watch, if one is found.
  std::uint64_t any_watched() {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const std::uint64_t handle = any(handles);
      const auto capability = running().silo().capabilities.lookup(handle);
      const abi::Event event = random() % 3 == 0 ? abi::Event::Writable : abi::Event::Readable;
      if (capability.ok() && watched(fakes::unlocked(), *capability.value(), event).ok())
        return handle | static_cast<std::uint64_t>(event);
    }
    return any(handles) | 1;
  }

  /// Who waits for any of several things waits for nothing that holds, unless there is work left that may wake it.
  void check_wait_for_any(const Thread& thread) {
    bool is_linked = false;
    for (const ipc::Watch& watch : thread.watches) is_linked = is_linked || watch.node.is_linked();
    ASSERT_EQ(is_linked, thread.waiting == ipc::Waiting::Any);
    if (!is_linked || thread.state() != ThreadState::Blocked || this_core().has_work()) return;
    const Arguments::WaitSet set = Arguments(thread).wait_set().value();
    for (unsigned place = 0; place < set.count; ++place) {
      const auto capability = thread.silo().capabilities.lookup(set.place[place].handle);
      ASSERT_TRUE(capability.ok()) << "its capability has gone";
      // Who waits for the trace is told at the next call that is traced (traced_entry.cpp).
      if (capability.value()->object->type == abi::ObjectType::Trace) continue;
      for (const abi::Event event : {abi::Event::Readable, abi::Event::Writable}) {
        if ((set.place[place].events & static_cast<std::uint64_t>(event)) == 0) continue;
        ASSERT_FALSE(watched(fakes::unlocked(), *capability.value(), event).value().is_ready);
      }
    }
  }

  std::uint64_t a_token_owed() {
    for (const ipc::OwedReplies::Record& record : running().owed) {
      if (record.token != 0 && random() % 2 == 0) return record.token;
    }
    return 0;
  }

  /// Some thread writes something into its message page.
  void scribble() {
    abi::MessageEntry& entry = any(threads)->message_page().entry[random() % abi::kBatchMaximum];
    const std::uint64_t flags = random() % 4 == 0 ? random() : random() % 2;
    entry = {random(), flags, {random(), random()}, random(), random(), random(), {}};
  }

  void one_call() {
    Thread& thread = running();
    scribble();
    const std::uint64_t refused = thread.silo().refused_calls;
    const bool was_live = thread.state() == ThreadState::Running;
    ASSERT_TRUE(was_live);
    const std::uint64_t number = any_number();
    call_number(number, any_registers(number));
    ++calls;
    if (!is_running(thread)) ++switches;
    const bool has_returned = thread.is_runnable();
    if (has_returned) {
      ++outcomes[std::min<std::int64_t>(status(thread), 0)];
      ASSERT_EQ(thread.silo().refused_calls, refused + (is_refusal(status(thread)) ? 1 : 0));
      for (unsigned i = 13; i <= 18; ++i) ASSERT_EQ(thread.general[i], 0u);
      for (unsigned i = 19; i <= 30; ++i) ASSERT_EQ(thread.general[i], dirt(thread, i));
      ASSERT_EQ(thread.processor_state, 0u);
      if (status(thread) == 0 && thread.general[3] >> 32 != 0 && handles.size() < 300)
        handles.push_back(thread.general[3]);
      if (status(thread) == 0 && thread.general[8] != 0)
        any(tokens) = thread.general[8], tokens.push_back(thread.general[8]);
      if (tokens.size() > 50) tokens.resize(20);
    }
  }

  void check_thread(Thread& thread) {
    ReadyLink& ready = thread;
    TimerLink& timer = thread;
    switch (thread.state()) {
      case ThreadState::Running:
        ASSERT_TRUE(is_running(thread));
        ASSERT_EQ(thread.waiting, ipc::Waiting::Nothing);
        break;
      case ThreadState::Ready:
        ASSERT_EQ(ready.level, thread.effective_priority().value());
        ASSERT_FALSE(thread.effective_priority().is_more_urgent_than(running().effective_priority()));
        ASSERT_EQ(thread.waiting, ipc::Waiting::Nothing);
        break;
      case ThreadState::Blocked:
        ASSERT_EQ(thread.waiting == ipc::Waiting::Nothing, thread.blocked_on() == BlockedOn::Sleep);
        ASSERT_NE(thread.blocked_on(), BlockedOn::Nothing);
        break;
      case ThreadState::Ending:
        ASSERT_TRUE(thread.silo().has_stopped());
        ASSERT_TRUE(this_core().has_work());
        break;
      case ThreadState::Dead:
        ASSERT_EQ(thread.waiting, ipc::Waiting::Nothing);
        ASSERT_EQ(thread.owed.count(), 0u);
        ASSERT_FALSE(timer.is_timed());
        break;
    }
    ASSERT_EQ(ready.is_queued(), thread.state() == ThreadState::Ready);
    ASSERT_FALSE(thread.is_runnable() && timer.is_timed());
    if (thread.state() == ThreadState::Dead) return;
    ipc::Party* const caller = thread.owed.newest_caller(0);
    ASSERT_EQ(thread.effective_priority(),
              caller == nullptr ? thread.own_priority() : Thread::from(*caller).effective_priority());
    if (thread.waiting == ipc::Waiting::Reply) {
      const ipc::OwedReplies::Record* const record = thread.server->owed.find(thread.token);
      ASSERT_NE(record, nullptr);
      ASSERT_EQ(record->caller, &thread);
    }
    for (const ipc::OwedReplies::Record& record : thread.owed) {
      if (record.token == 0 || record.caller == nullptr) continue;
      ASSERT_EQ(record.caller->server, &thread);
      ASSERT_EQ(record.caller->waiting, ipc::Waiting::Reply);
    }
    ASSERT_FALSE(thread.waiting == ipc::Waiting::PortMessage && thread.ipc::Party::port->has_messages());
  }

  void check_everything() {
    for (Thread* const thread : threads) check_thread(*thread), check_wait_for_any(*thread);
    ASSERT_LE(this_core().armed(), this_core().timers().earliest());
    ASSERT_EQ(this_core().armed(), fakes::armed_timer());
    const ObjectCounts counts = object_counts(fakes::unlocked());
    ASSERT_LE(counts.messages.taken, counts.messages.reserved);
    ASSERT_LE(counts.messages.reserved, counts.messages.nodes);
    for (const Silo* const silo : silos()) {
      for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind) {
        const Quota& quota = silo->quota(static_cast<abi::QuotaKind>(kind));
        ASSERT_LE(quota.used(), quota.limit());
      }
    }
    ASSERT_TRUE(fakes::stage2_violations().empty());
  }

  /// One system, until it comes to rest or `limit` calls are made.
  void rage(std::uint64_t seed, std::uint64_t limit) {
    random.seed(seed);
    build();
    start();
    try {
      while (calls < limit && !HasFatalFailure()) {
        one_call();
        if (HasFatalFailure()) break;
        if (calls % 16 == 0) check_everything();
        switch (random() % 64) {
          case 0: pass(random() % 3000); break;
          case 1: interrupt(); break;
          case 2: wait_instruction(); break;
          case 3: {
            port::ThreadContext* const context = &running().context();
            ASSERT_EQ(port::kernel_on_floating_point(context), context);
            break;
          }
          case 4:
            if (random() % 100 == 0) fault(read_fault(random(), random()));
            break;
          case 5: fakes::set_clock_step(random() % 4 == 0 ? 50 : 0); break;
          default: break;
        }
      }
    } catch (const fakes::IdleForever&) {
      set_console_mode(ConsoleMode::Synchronous);
    }
    fakes::take_console();
  }
};

/// A storm that is not a test of its own.
struct OneStorm : Storm {
  using Storm::calls;
  using Storm::outcomes;
  using Storm::rage;
  using Storm::switches;
  void TestBody() override {}
};

TEST(SystemCallStormTest, a_million_random_calls_break_no_invariant) {
  constexpr std::uint64_t kCalls = 1'000'000;
  std::uint64_t calls = 0;
  std::uint64_t switches = 0;
  std::uint64_t systems = 0;
  std::map<std::int64_t, std::uint64_t> outcomes;
  for (std::uint64_t seed = 1; calls < kCalls; ++seed) {
    OneStorm storm;
    storm.rage(seed, 40'000);
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", call " << storm.calls;
    calls += storm.calls;
    switches += storm.switches;
    for (const auto& [status, count] : storm.outcomes) outcomes[status] += count;
    ASSERT_LT(seed, 1000u) << "the systems come to rest too soon";
    systems = seed;
  }
  EXPECT_GT(switches, calls / 25) << "it was not all refusals";
  for (const Error error : {Error::EPERM, Error::EBADF, Error::EAGAIN, Error::EINVAL, Error::EPIPE, Error::EDEADLK,
                            Error::ENOSYS, Error::ETIMEDOUT, Error::EDQUOT, Error::ENOSPC, Error::EPROTOTYPE}) {
    EXPECT_GT(outcomes[-static_cast<std::int64_t>(error)], 0u) << static_cast<int>(error);
  }
  EXPECT_GT(outcomes[0], calls / 20);
  std::cout << calls << " calls, " << switches << " switches, " << systems << " systems\n";
}

}  // namespace
}  // namespace kernel
