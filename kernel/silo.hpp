// SPDX-License-Identifier: Apache-2.0
//
// Silo: one isolated program. Owns its address space, its capability table, its quotas, its counters and the record of
// its end. Its threads are kernel/thread.hpp's; it knows them, but does not run them.
//
// INVARIANT: a silo that has stopped does not run until it begins again (begin_again), with its memory as after boot;
// the first reason of a stop is the one that is kept.
// INVARIANT: regions do not overlap, and each is mapped for as long as the address space lives.
// INVARIANT: used <= limit in every quota.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ipc/object.hpp"
#include "ipc/watch.hpp"
#include "kernel/address_space.hpp"
#include "kernel/base/fixed_name.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/relaxed.hpp"
#include "kernel/capability_table.hpp"
#include "kernel/console_line.hpp"
#include "kernel/frame_allocator.hpp"
#include "kernel/holdings.hpp"
#include "kernel/limits.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/noted_events.hpp"
#include "kernel/port/fault.hpp"
#include "kernel/rate_limit.hpp"
#include "kernel/shared_memory.hpp"
#include "kernel/silo_images.hpp"
#include "kernel/silo_life.hpp"
#include "kernel/watchdog.hpp"

namespace kernel {

class Thread;
enum class BlockedOn : std::uint8_t;

/// How much of one thing a silo may hold at a time.
class Quota {
 public:
  constexpr Quota() = default;
  constexpr explicit Quota(std::uint32_t limit) : limit_(limit) {}
  /// EDQUOT if that would be more than the limit; nothing is charged then.
  base::Result<void> charge(std::uint32_t amount) {
    if (amount > limit_ - used_) return base::Error::EDQUOT;
    used_ += amount;
    return {};
  }
  /// What was charged.
  void give_back(std::uint32_t amount) { used_ -= amount; }
  std::uint32_t used() const { return used_; }
  std::uint32_t limit() const { return limit_; }
  std::uint32_t room() const { return limit_ - used_; }

 private:
  std::uint32_t limit_ = 0;
  std::uint32_t used_ = 0;
};

inline constexpr std::uint64_t kAllPledges = 0
#define PLEDGE(name, bit, text) | static_cast<std::uint64_t>(abi::Pledge::name)
#include "ipc/abi/pledges.def"
#undef PLEDGE
    ;

/// Part of a silo's own memory, as a fault report names it. (What it shares: shared_memory.hpp.)
struct Region {
  base::FixedName name;
  AddressRange range;
  port::Access access = port::Access::Read;
  FrameRange frames;
  std::span<const std::byte> data = {};  ///< what it begins with, in the system image; the rest is zero
  bool has_room = false;                 ///< its frames are for the largest image of the silo
};

/// A silo's fault: the first one, which stopped it.
struct FaultRecord {
  port::FaultReport report = {};
  base::FixedName thread;
};

struct SiloSettings {
  base::SiloId id;
  base::FixedName name;
  std::uint64_t argument;
  abi::Quotas quotas;
  std::uint32_t label = 0;
  ipc::SiloSet may_reach = ipc::SiloSet::all();
  RateLimit rate = {};
  std::uint8_t partition = 0;
  RestartPolicy restart = {};
  base::Ticks watchdog = {};
};

class Silo : public ipc::Object {
 public:
  explicit Silo(const SiloSettings& settings)
      : Object(abi::ObjectType::Silo),
        id(settings.id),
        argument(settings.argument),
        label(settings.label),
        may_reach(settings.may_reach),
        rate(settings.rate),
        partition(settings.partition),
        watchdog(*this, settings.watchdog) {
    name = settings.name;
    life.policy = settings.restart;
    set_core(base::CoreId(0));
    for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind) quotas_[kind] = Quota(settings.quotas.limit[kind]);
  }

  const base::SiloId id;
  const std::uint64_t argument;  ///< X1 of each of its threads
  const std::uint32_t label;     ///< stamped on every message it sends
  const ipc::SiloSet may_reach;  ///< the flow policy, one row of it
  ipc::SiloSet reached_by;  ///< and one column: which silos may reach this one; complete when boot has made all silos
  RateLimit rate;           ///< of the messages that it sends
  const std::uint8_t partition;  ///< whose windows it runs in (core_windows.cpp)
  Watchdog watchdog;
  AddressSpace space;
  CapabilityTable capabilities;
  Quota& quota(abi::QuotaKind kind) { return quotas_[static_cast<unsigned>(kind)]; }
  const Quota& quota(abi::QuotaKind kind) const { return quotas_[static_cast<unsigned>(kind)]; }
  ConsoleLine console_line;
  ipc::WatchPoint stopped;                ///< has_stopped(); raised by Core::begin_stop
  base::ListNode<Silo> explanation_node;  ///< while its fault is being explained (explanation.hpp)
  Holdings holdings;                      ///< how far that has said what it held
  base::Ticks last_explained;             ///< when that was over; 0: never
  NotedEvents noted;                      ///< told with it
  SharedMemory shared;                    ///< where it maps shared regions, and what it makes them of

  SiloLife life;
  SiloImages images;
  ManifestCapabilities manifest;
  ipc::PartyQueue starters;            ///< who waits until it runs (SYSTEM_START)
  base::ListNode<Silo> coming_node;    ///< in its core's list (silo_restart.cpp)
  base::ListNode<Silo> stopping_node;  ///< the same (silo_stop.cpp)

  /// All of its threads run there, and nobody else changes its table (shared_section.hpp). Core 0 until it has a
  /// thread.
  base::CoreId core() const { return base::CoreId(home); }
  void set_core(base::CoreId core) {
    home = static_cast<std::uint8_t>(core.value());
    capabilities.set_core(core);
  }

  // Counters since boot, told by SILO_STATUS.
  std::uint64_t refused_calls = 0;
  base::Relaxed<std::uint64_t> messages_sent;
  base::Relaxed<std::uint64_t> messages_received;
  /// An operation of one of its threads has succeeded.
  void count_message(BlockedOn operation);

  // What it has given up (SILO_PLEDGE).
  bool may(abi::Pledge what) const { return (pledges_ & static_cast<std::uint64_t>(what)) != 0; }
  std::uint64_t pledges() const { return pledges_; }
  /// EPERM if it names one that was given up before; otherwise what it does not name is given up for good.
  base::Result<void> pledge(std::uint64_t keep) {
    if ((keep & ~pledges_) != 0) return base::Error::EPERM;
    pledges_ = keep;
    return {};
  }

  // State. Each transition says whether it took place.
  abi::SiloState state() const { return state_; }
  bool has_stopped() const { return state_ != abi::SiloState::Ready && state_ != abi::SiloState::Running; }
  bool start();
  /// It has stopped: from Exited, Faulted or Killed to Running, with nothing given up and all of its threads alive.
  void begin_again();
  bool exit(std::uint64_t status);
  bool fault(const port::FaultReport& report, std::string_view thread);
  bool kill(base::SiloId by);
  std::uint64_t exit_status() const { return exit_status_; }  ///< while Exited
  const FaultRecord& fault_record() const { return fault_; }  ///< while Faulted
  base::SiloId killed_by() const { return killed_by_; }       ///< while Killed

  // Regions, in the order in which they were added.
  std::span<const Region> regions() const { return {regions_, region_count_}; }
  const Region* region_at(base::SiloAddress address) const;  ///< null if there is none
  /// EEXIST if it overlaps another, ENOSPC if there are too many. Only the record; mapping is the caller's.
  base::Result<void> add_region(const Region& region);
  /// Where another image has it; nothing of it is mapped.
  void replace_region(std::uint32_t index, AddressRange range, std::span<const std::byte> data) {
    regions_[index].range = range;
    regions_[index].data = data;
  }

  // Threads, in the order in which they were added; a thread stays listed when it has ended.
  std::span<Thread* const> threads() const { return {threads_, thread_count_}; }
  /// Of its most urgent thread, nothing lent.
  base::Priority urgency() const { return urgency_; }
  /// It has a thread of this priority.
  void note_urgency(base::Priority priority) {
    if (priority.is_more_urgent_than(urgency_)) urgency_ = priority;
  }
  base::Result<void> add_thread(Thread& thread);  ///< ENOSPC if there are too many
  std::uint32_t live_threads() const { return live_threads_; }
  /// One of its threads has ended; true if it was the last.
  bool thread_ended() { return --live_threads_ == 0; }

 private:
  std::uint64_t pledges_ = kAllPledges;
  Quota quotas_[abi::kQuotaKinds] = {};
  abi::SiloState state_ = abi::SiloState::Ready;
  std::uint64_t exit_status_ = 0;
  FaultRecord fault_;
  base::SiloId killed_by_;
  std::uint32_t region_count_ = 0;
  std::uint32_t thread_count_ = 0;
  std::uint32_t live_threads_ = 0;
  base::Priority urgency_;
  Thread* threads_[kThreadsPerSilo] = {};
  Region regions_[kRegionsPerSilo] = {};
};

/// All of them, by SiloId. They exist as long as the system runs.
std::span<Silo* const> silos();
/// The one with this id, which a silo has named. EINVAL.
base::Result<Silo*> silo_of_number(std::uint64_t number);

}  // namespace kernel
