// SPDX-License-Identifier: Apache-2.0
//
// Silos with a thread each and the objects that they make, without a scheduler: what is ending is worked off by step()
// and finish(). At its end each test gives everything up and finds every quota and every count where it was.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include "kernel/core.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"
#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_memory.hpp"

namespace fakes {

class ObjectsWorld : public testing::Test {
 protected:
  ObjectsWorld() {
    initialize_kernel();
    before = kernel::object_counts(unlocked());
  }
  ~ObjectsWorld() override {
    for (kernel::Silo* const silo : kernel::silos()) kernel::give_up_capabilities(*silo);
    finish();
    for (kernel::Silo* const silo : kernel::silos()) {
      EXPECT_EQ(silo->quota(abi::QuotaKind::Ports).used(), 0u);
      EXPECT_EQ(silo->quota(abi::QuotaKind::Channels).used(), 0u);
      EXPECT_EQ(silo->quota(abi::QuotaKind::Messages).used(), 0u);
      EXPECT_EQ(silo->capabilities.live(), 0u);
    }
    const kernel::ObjectCounts after = kernel::object_counts(unlocked());
    EXPECT_EQ(after.ports, before.ports);
    EXPECT_EQ(after.channels, before.channels);
    EXPECT_EQ(after.messages.taken, before.messages.taken);
    EXPECT_EQ(after.messages.reserved, before.messages.reserved);
  }

  static kernel::Silo& make_silo(std::string_view name, std::uint32_t quota = 4, std::uint32_t slots = 64) {
    const kernel::SiloDescription description{
        .name = name, .argument = 0, .capability_slots = slots, .quotas = {.limit = {quota, quota, quota * 16}}};
    const base::SiloId id = kernel::create_silo(description).value();
    const auto region = [&](std::uint64_t address, port::Access access) {
      EXPECT_TRUE(kernel::add_region(id, {base::SiloAddress(address), base::PageCount(1), access, {}}).ok());
    };
    region(0x10000, port::Access::ReadExecute);
    region(0x20000, port::Access::ReadWrite);
    EXPECT_TRUE(kernel::add_thread(id, {.name = "main",
                                        .entry = base::SiloAddress(0x10000),
                                        .stack_pointer = base::SiloAddress(0x21000),
                                        .argument = 0,
                                        .priority = base::Priority(1),
                                        .core = base::CoreId(0)})
                    .ok());
    return *kernel::silos()[id.value()];
  }
  static ipc::Party& thread_of(kernel::Silo& silo) { return *silo.threads()[0]; }

  /// Whom one kernel::reap() has completed.
  std::vector<ipc::Party*> step() {
    ipc::WakeList completed;
    static_cast<void>(kernel::reap(unlocked(), kernel::this_core(), completed));
    std::vector<ipc::Party*> woken;
    while (ipc::Party* const party = completed.pop_front()) woken.push_back(party);
    return woken;
  }
  std::vector<ipc::Party*> finish() {
    std::vector<ipc::Party*> woken;
    for (int steps = 0; kernel::reap_pending(kernel::this_core()) && steps < 10'000; ++steps) {
      for (ipc::Party* const party : step()) woken.push_back(party);
    }
    EXPECT_FALSE(kernel::reap_pending(kernel::this_core()));
    return woken;
  }
  static kernel::PortObject& port_at(kernel::Silo& silo, std::uint64_t handle) {
    return kernel::port_of(*silo.capabilities.lookup(handle).value());
  }
  static kernel::ChannelObject& channel_at(kernel::Silo& silo, std::uint64_t handle) {
    return kernel::channel_of(*silo.capabilities.lookup(handle).value());
  }
  static void close(kernel::Silo& silo, std::uint64_t handle) {
    EXPECT_TRUE(kernel::close_handle(unlocked(), silo, handle).ok());
  }
  static std::uint64_t duplicate(kernel::Silo& silo, std::uint64_t handle, std::uint64_t rights) {
    return silo.capabilities.duplicate(unlocked(), handle, rights).value();
  }
  static base::Error error_of(const ipc::Party& party) { return party.completion.status.error(); }

  kernel::ObjectCounts before;
  ipc::Message message{.opcode = 1, .flags = 0, .word = {1, 2, 3, 4}};
  ipc::WakeList wakes;
};

}  // namespace fakes
