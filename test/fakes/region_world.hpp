// SPDX-License-Identifier: Apache-2.0
//
// A KernelWorld whose silos may make and map shared regions, and what a test wants to know of them. At the end of each
// test every silo stops, and then memory, quotas and objects must be as before, no TLB entry unflushed, and the ground
// of every silo zero where it was ever used.
#pragma once

#include <algorithm>

#include "kernel/core.hpp"
#include "kernel/objects.hpp"
#include "kernel/region_objects.hpp"
#include "test/fakes/fake_stage2.hpp"
#include "test/fakes/kernel_world.hpp"

namespace fakes {

class RegionWorld : public KernelWorld {
 protected:
  using SystemCall = abi::SystemCall;
  using Error = base::Error;
  using QuotaKind = abi::QuotaKind;

  static constexpr std::uint64_t kRead = 1;
  static constexpr std::uint64_t kReadWrite = 2;
  static constexpr std::uint64_t kWindow = 0x40'0000'0000;
  static constexpr std::uint32_t kPages = 200;  ///< RegionPages and MappedPages of a program
  static constexpr std::uint32_t kRegions = 16;

  RegionWorld() : KernelWorld(512), before(kernel::object_counts(unlocked())) {}
  std::uint32_t kept_regions = 0;  ///< of the manifest, that a test has given to a silo
  ~RegionWorld() override {
    for (kernel::Silo* const silo : kernel::silos()) kernel::give_up_capabilities(*silo);
    finish_steps();
    for (kernel::Silo* const silo : kernel::silos()) {
      expect_nothing_charged(*silo);
      EXPECT_EQ(silo->shared.window.count(), 0u);
      EXPECT_EQ(silo->shared.ground.count(), 0u);
    }
    const kernel::ObjectCounts after = kernel::object_counts(unlocked());
    // One that the manifest gives to a silo is there for the silo's next life.
    EXPECT_EQ(after.regions, before.regions + kept_regions);
    EXPECT_EQ(after.mappings, before.mappings);
    EXPECT_THAT(stage2_violations(), testing::IsEmpty());
  }

  kernel::Thread& add_sharer(std::string_view name, std::uint8_t priority, std::uint32_t pages = kPages,
                             std::uint32_t regions = kRegions, std::uint32_t slots = 64) {
    abi::Quotas quotas;
    quotas[QuotaKind::Regions] = regions;
    quotas[QuotaKind::RegionPages] = pages;
    quotas[QuotaKind::MappedPages] = pages;
    const auto id =
        kernel::create_silo({.name = name, .argument = 0, .capability_slots = slots, .quotas = quotas}).value();
    EXPECT_TRUE(kernel::add_region(id, {.address = base::SiloAddress(kText),
                                        .size = base::PageCount(1),
                                        .access = port::Access::ReadExecute,
                                        .data = {},
                                        .name = "text"})
                    .ok());
    return add_thread(id, name, priority);
  }

  // Calls of the running thread. A call that blocks it is followed until its steps are done.
  struct Answer {
    std::int64_t status;
    std::uint64_t word[3];
  };
  Answer ask(SystemCall number, std::uint64_t handle, std::uint64_t word = 0) {
    kernel::Thread& caller = call(number, {.handle = handle, .words = {word}});
    return {status(caller), {caller.general[3], caller.general[4], caller.general[5]}};
  }
  std::uint64_t create(std::uint64_t pages) {
    const Answer answer = ask(SystemCall::REGION_CREATE, 0, pages);
    EXPECT_EQ(answer.status, 0);
    return answer.word[0];
  }
  std::uint64_t map(std::uint64_t handle, std::uint64_t access = kReadWrite) {
    const Answer answer = ask(SystemCall::REGION_MAP, handle, access);
    EXPECT_EQ(answer.status, 0);
    return answer.word[0];
  }
  std::int64_t unmap(std::uint64_t handle, std::uint64_t address) {
    return ask(SystemCall::REGION_UNMAP, handle, address).status;
  }
  std::int64_t close(std::uint64_t handle) { return ask(SystemCall::HANDLE_CLOSE, handle).status; }

  static kernel::RegionObject& region_at(const kernel::Thread& holder, std::uint64_t handle) {
    return kernel::region_of(*holder.silo().capabilities.lookup(handle).value());
  }
  /// A capability to a region of another silo, as a transfer will make it.
  static std::uint64_t give(const kernel::Thread& to, kernel::RegionObject& region,
                            std::initializer_list<abi::Right> rights) {
    std::uint64_t bits = 0;
    for (const abi::Right right : rights) bits |= static_cast<std::uint64_t>(right);
    return to.silo().capabilities.insert(unlocked(), {&region, bits, 0, 0}).value();
  }

  // What EL0 could do.

  static bool is_mapped(const kernel::Thread& thread, std::uint64_t address) {
    return thread.silo().space.translate(base::SiloAddress(address)).ok();
  }
  static kernel::Translation translation(const kernel::Thread& thread, std::uint64_t address) {
    return thread.silo().space.translate(base::SiloAddress(address)).value();
  }
  static std::byte& byte_at(const kernel::Thread& thread, std::uint64_t address) {
    return memory(translation(thread, address).memory, 1)[0];
  }
  /// How many pages of a silo's window are mapped.
  static std::uint32_t pages_mapped(const kernel::Silo& silo) {
    std::uint32_t count = 0;
    for (std::uint64_t page = 0; page < silo.shared.window.size(); ++page) {
      count += silo.space.translate(base::SiloAddress(kWindow + page * 4096)).ok() ? 1 : 0;
    }
    return count;
  }
  static bool is_zero(kernel::FrameRange frames) {
    const auto bytes = memory(frames.start, frames.size.bytes());
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  }
  static void fill(kernel::FrameRange frames, int value) {
    const auto bytes = memory(frames.start, frames.size.bytes());
    std::fill(bytes.begin(), bytes.end(), static_cast<std::byte>(value));
  }

  // Steps by hand, when no thread is to run between them.

  bool step() {
    ipc::WakeList wakes;
    const bool is_done = kernel::reap(unlocked(), kernel::this_core(), wakes);
    kernel::this_core().wake(wakes);
    return is_done;
  }
  unsigned finish_steps() {
    unsigned steps = 0;
    for (; kernel::reap_pending(kernel::this_core()) && steps < 10'000; ++steps) static_cast<void>(step());
    EXPECT_FALSE(kernel::reap_pending(kernel::this_core()));
    return steps;
  }

  static std::uint32_t used(const kernel::Silo& silo, QuotaKind kind) { return silo.quota(kind).used(); }
  static std::uint32_t used(const kernel::Thread& thread, QuotaKind kind) { return used(thread.silo(), kind); }
  static void expect_nothing_charged(const kernel::Silo& silo) {
    EXPECT_EQ(used(silo, QuotaKind::Regions), 0u) << silo.name.view();
    EXPECT_EQ(used(silo, QuotaKind::RegionPages), 0u) << silo.name.view();
    EXPECT_EQ(used(silo, QuotaKind::MappedPages), 0u) << silo.name.view();
  }

  kernel::ObjectCounts before;
};

/// Calls the functions behind the system calls for threads that do not run, so that a test stands between two steps.
class RegionSteps : public RegionWorld {
 protected:
  kernel::Thread& one = add_sharer("one", 20);
  kernel::Thread& other = add_sharer("other", 10);

  ipc::Outcome begin_create(kernel::Thread& thread, std::uint64_t pages) {
    return begun(kernel::create_region(unlocked(), thread, thread.silo(), pages, wakes));
  }
  ipc::Outcome begin_map(kernel::Thread& thread, std::uint64_t handle, port::Access access = port::Access::ReadWrite) {
    return begun(kernel::map_region(unlocked(), thread, thread.silo(), capability(thread, handle), access, wakes));
  }
  ipc::Outcome begin_unmap(kernel::Thread& thread, std::uint64_t handle, std::uint64_t address) {
    return begun(kernel::unmap_region(unlocked(), thread, thread.silo(), capability(thread, handle),
                                      base::SiloAddress(address), wakes));
  }
  /// As every call does (conclude): whoever its step completed is woken.
  ipc::Outcome begun(ipc::Outcome outcome) {
    kernel::this_core().wake(wakes);
    return outcome;
  }
  static kernel::Capability& capability(kernel::Thread& thread, std::uint64_t handle) {
    return *thread.silo().capabilities.lookup(handle).value();
  }
  static std::uint64_t word(const kernel::Thread& thread, unsigned index = 0) {
    return thread.completion.delivery.message.word[index];
  }
  std::uint64_t made(kernel::Thread& thread, std::uint64_t pages) {
    static_cast<void>(begin_create(thread, pages));
    finish_steps();
    EXPECT_TRUE(thread.completion.status.ok());
    return word(thread);
  }
  std::uint64_t mapped(kernel::Thread& thread, std::uint64_t handle, port::Access access = port::Access::ReadWrite) {
    static_cast<void>(begin_map(thread, handle, access));
    finish_steps();
    EXPECT_TRUE(thread.completion.status.ok());
    return word(thread);
  }
  static void shut(kernel::Thread& thread, std::uint64_t handle) {
    EXPECT_TRUE(kernel::close_handle(unlocked(), thread.silo(), handle).ok());
  }
  /// As Core does it when a silo stops: first its threads, then its capabilities.
  static void stop(kernel::Thread& thread) {
    thread.silo().exit(1);
    kernel::this_core().end_thread(thread);
    EXPECT_EQ(thread.waiting, ipc::Waiting::Nothing);
    EXPECT_FALSE(thread.wait_node.is_linked()) << "a dead thread is in no place where the kernel looks";
    kernel::give_up_capabilities(thread.silo());
  }

  ipc::WakeList wakes;
};

}  // namespace fakes
