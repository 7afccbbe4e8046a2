// SPDX-License-Identifier: Apache-2.0
//
// Composing a system: what a good description makes, and that every bad one is refused with its error and leaves
// nothing behind.
#include "test/fakes/host_prelude.hpp"

#include "kernel/system.hpp"

#include "kernel/audit.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/trace.hpp"
#include "kernel/vmid_allocator.hpp"
#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_memory.hpp"
#include "test/fakes/fake_stage2.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using base::Error;
using base::PageCount;
using base::SiloAddress;
using base::SiloId;
using port::Access;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

class System : public testing::Test {
 protected:
  System() { fakes::initialize_kernel(); }
  ~System() override { EXPECT_THAT(fakes::stage2_violations(), testing::IsEmpty()); }

  static SiloDescription silo(std::string_view name) {
    return {.name = name, .argument = 7, .capability_slots = 16, .quotas = {.limit = {2, 2, 64}}};
  }
  static base::Result<void> region(SiloId id, std::uint64_t address, std::uint64_t pages, Access access,
                                   std::span<const std::byte> data = {}) {
    return add_region(id, {SiloAddress(address), PageCount(pages), access, data, "text"});
  }
  static ThreadDescription thread(std::string_view name) {
    return {.name = name,
            .entry = SiloAddress(0x10000),
            .stack_pointer = SiloAddress(0x30000),
            .argument = 1,
            .priority = base::Priority(5),
            .core = base::CoreId(0)};
  }
  static Silo& at(SiloId id) { return *silos()[id.value()]; }
  static std::uint64_t free_frames() {
    return silo_frames().with(fakes::unlocked(), [](FrameAllocator& all, auto) { return all.free_frames().value(); });
  }
  static std::uint64_t free_pages() { return kernel_pages_left(fakes::unlocked()).value(); }
};

TEST_F(System, refuses_memory_that_is_not_whole_pages_or_too_little) {
  alignas(4096) static std::byte arena[16 * 4096];
  const MemoryRange good[] = {{fakes::kMemoryStart, 0x100000}};
  MemoryDescription description{fakes::Arena::kPhysical, arena, sizeof arena, good};
  EXPECT_TRUE(initialize(description).ok());
  description.arena_bytes = 15 * 4096;
  EXPECT_EQ(initialize(description).error(), Error::ENOMEM);
  description.arena_bytes = sizeof arena;
  const MemoryRange overlapping[] = {{fakes::kMemoryStart, 0x3000}, {fakes::kMemoryStart + 0x2000, 0x1000}};
  description.silo_memory = overlapping;
  EXPECT_EQ(initialize(description).error(), Error::EINVAL);
  const MemoryRange ragged[] = {{fakes::kMemoryStart, 0x1234}};
  description.silo_memory = ragged;
  EXPECT_EQ(initialize(description).error(), Error::EINVAL);
  description.arena_physical = base::PhysicalAddress(0x123);
  EXPECT_EQ(initialize(description).error(), Error::EINVAL);
}

TEST_F(System, makes_silos_numbered_in_order_each_with_a_space_of_its_own) {
  const SiloId first = create_silo(silo("sensor")).value();
  const SiloId second = create_silo(silo("logger")).value();
  EXPECT_EQ(first, SiloId(0));
  EXPECT_EQ(second, SiloId(1));
  EXPECT_EQ(silos().size(), 2u);
  EXPECT_EQ(at(first).name.view(), "sensor");
  EXPECT_EQ(at(first).argument, 7u);
  EXPECT_EQ(at(first).capabilities.slots(), 16u);
  EXPECT_NE(at(first).space.vmid(), at(second).space.vmid());
  EXPECT_NE(at(first).space.translation_base(), at(second).space.translation_base());
}

TEST_F(System, refuses_bad_silos_and_keeps_nothing_of_them) {
  ASSERT_TRUE(create_silo(silo("sensor")).ok());
  const std::uint64_t pages = free_pages();
  EXPECT_EQ(create_silo(silo("sensor")).error(), Error::EEXIST);
  const std::string long_name(32, 'a');
  for (const std::string_view name :
       {std::string_view(""), std::string_view("a b"), std::string_view("a]"), std::string_view("[a"),
        std::string_view("a\n"), std::string_view("\x80"), std::string_view(long_name)}) {
    EXPECT_EQ(create_silo(silo(name)).error(), Error::EINVAL) << name;
  }
  SiloDescription description = silo("other");
  for (const std::uint32_t slots : {0u, 4u, 9u, 8192u}) {
    description.capability_slots = slots;
    EXPECT_EQ(create_silo(description).error(), Error::EINVAL);
  }
  description = silo("other");
  description.quotas[abi::QuotaKind::Ports] = 4097;
  EXPECT_EQ(create_silo(description).error(), Error::EINVAL);
  description = silo("other");
  description.quotas[abi::QuotaKind::Channels] = ~0u;
  EXPECT_EQ(create_silo(description).error(), Error::EINVAL);
  description = silo("other");
  description.quotas[abi::QuotaKind::Messages] = ~0u;
  EXPECT_EQ(create_silo(description).error(), Error::EINVAL);
  EXPECT_LE(pages - free_pages(), 16u);  // a slab of silos, no tables
  EXPECT_EQ(silos().size(), 1u);
  EXPECT_EQ(vmids().with(fakes::unlocked(), [](VmidAllocator& all, auto) { return all.live(); }), 1u);
}

TEST_F(System, says_enomem_for_quotas_that_memory_cannot_back) {
  SiloDescription description = silo("huge");
  description.quotas[abi::QuotaKind::Messages] = 1 << 20;
  EXPECT_EQ(create_silo(description).error(), Error::ENOMEM);
}

TEST_F(System, bounds_the_number_of_silos) {
  fakes::initialize_kernel(4096);
  for (unsigned i = 0; i < kSilosMaximum; ++i) ASSERT_TRUE(create_silo(silo("s" + std::to_string(i))).ok()) << i;
  EXPECT_EQ(create_silo(silo("more")).error(), Error::ENOSPC);
}

TEST_F(System, loads_a_region_zeroed_behind_its_data_and_maps_it_where_it_says) {
  const SiloId id = create_silo(silo("sensor")).value();
  const std::vector<std::byte> code(5000, std::byte{0x42});
  ASSERT_TRUE(region(id, 0x10000, 3, Access::ReadExecute, code).ok());
  const Region& made = at(id).regions()[0];
  EXPECT_EQ(made.name.view(), "text");
  EXPECT_EQ(made.range.start(), SiloAddress(0x10000));
  EXPECT_EQ(made.range.size(), PageCount(3));
  const auto memory = fakes::memory(made.frames.start, 3 * base::kPageSize);
  for (std::size_t i = 0; i < memory.size(); ++i)
    ASSERT_EQ(memory[i], std::byte{i < 5000 ? std::uint8_t{0x42} : std::uint8_t{0}});
  const Translation last = at(id).space.translate(SiloAddress(0x12fff)).value();
  EXPECT_EQ(last.memory, made.frames.start + 0x2fff);
  EXPECT_EQ(last.access, Access::ReadExecute);
  ASSERT_EQ(fakes::executable_stretches().size(), 1u);  // C2
  ASSERT_TRUE(region(id, 0x20000, 1, Access::ReadWrite).ok());
  EXPECT_EQ(fakes::executable_stretches().size(), 1u);
  EXPECT_FALSE(fakes::window_is_open());
}

TEST_F(System, uses_blocks_for_large_regions) {
  const SiloId id = create_silo(silo("sensor")).value();
  ASSERT_TRUE(region(id, 0x10000, 1100, Access::ReadWrite).ok());
  EXPECT_EQ(at(id).space.translate(SiloAddress(0x10000)).value().granule, Granule::Page);
  EXPECT_EQ(at(id).space.translate(SiloAddress(0x200000)).value().granule, Granule::Block);
}

TEST_F(System, gives_no_frame_to_two_silos) {
  const SiloId first = create_silo(silo("a")).value();
  const SiloId second = create_silo(silo("b")).value();
  for (std::uint64_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(region(first, 0x10000 + i * 0x100000, 1 + i, Access::ReadWrite).ok());
    ASSERT_TRUE(region(second, 0x10000 + i * 0x100000, 1 + i, Access::ReadWrite).ok());
  }
  for (const Region& mine : at(first).regions()) {
    for (const Region& other : at(second).regions()) {
      const bool apart = mine.frames.start + mine.frames.size.bytes() <= other.frames.start ||
                         other.frames.start + other.frames.size.bytes() <= mine.frames.start;
      EXPECT_TRUE(apart);
    }
  }
}

TEST_F(System, refuses_bad_regions_and_keeps_nothing_of_them) {
  const SiloId id = create_silo(silo("sensor")).value();
  ASSERT_TRUE(region(id, 0x10000, 4, Access::Read).ok());
  const std::uint64_t frames = free_frames();
  const std::vector<std::byte> data(4097);
  EXPECT_EQ(region(SiloId(9), 0x20000, 1, Access::Read).error(), Error::EINVAL);
  EXPECT_EQ(region(id, 0, 1, Access::Read).error(), Error::EINVAL);
  EXPECT_EQ(region(id, 0x20010, 1, Access::Read).error(), Error::EINVAL);
  EXPECT_EQ(region(id, 0x20000, 0, Access::Read).error(), Error::EINVAL);
  EXPECT_EQ(region(id, port::kSiloAddressLimit - 0x1000, 2, Access::Read).error(), Error::EINVAL);
  EXPECT_EQ(region(id, 0x20000, 1, Access::Read, data).error(), Error::EINVAL);
  EXPECT_EQ(region(id, 0x20000, 1, static_cast<Access>(3)).error(), Error::EINVAL);
  EXPECT_EQ(region(id, 0x13000, 1, Access::Read).error(), Error::EEXIST);
  EXPECT_EQ(region(id, 0xf000, 20, Access::Read).error(), Error::EEXIST);
  EXPECT_EQ(region(id, 0x1000000, 200'000, Access::Read).error(), Error::ENOMEM);
  EXPECT_EQ(free_frames(), frames);
  EXPECT_EQ(at(id).regions().size(), 1u);
  for (const std::uint64_t address : {0xf000u, 0x14000u, 0x20000u}) {
    EXPECT_EQ(at(id).space.translate(SiloAddress(address)).error(), Error::ENOENT);
  }
  for (std::uint64_t i = 1; i < kRegionsPerSilo; ++i) ASSERT_TRUE(region(id, 0x100000 * i, 1, Access::Read).ok());
  const std::uint64_t left = free_frames();
  EXPECT_EQ(region(id, 0x8000000, 1, Access::Read).error(), Error::ENOSPC);
  EXPECT_EQ(free_frames(), left);
  EXPECT_EQ(at(id).space.translate(SiloAddress(0x8000000)).error(), Error::ENOENT);
}

TEST_F(System, refuses_threads_whose_code_or_stack_is_not_there) {
  const SiloId id = create_silo(silo("sensor")).value();
  EXPECT_EQ(add_thread(id, thread("main")).error(), Error::EINVAL);  // no region yet
  ASSERT_TRUE(region(id, 0x10000, 1, Access::ReadExecute).ok());
  EXPECT_EQ(add_thread(id, thread("main")).error(), Error::EINVAL);  // no stack
  ASSERT_TRUE(region(id, 0x2f000, 1, Access::ReadWrite).ok());
  ThreadDescription description = thread("main");
  description.entry = SiloAddress(0x2f000);
  EXPECT_EQ(add_thread(id, description).error(), Error::EINVAL);  // not executable
  description = thread("main");
  description.entry = SiloAddress(0x10002);
  EXPECT_EQ(add_thread(id, description).error(), Error::EINVAL);
  description = thread("main");
  for (const std::uint64_t stack :
       {std::uint64_t{0}, std::uint64_t{0x2f000}, std::uint64_t{0x31000}, std::uint64_t{0x11000}}) {
    description.stack_pointer = SiloAddress(stack);
    EXPECT_EQ(add_thread(id, description).error(), Error::EINVAL) << stack;
  }
  EXPECT_EQ(add_thread(id, thread("a b")).error(), Error::EINVAL);
  EXPECT_EQ(add_thread(SiloId(4), thread("main")).error(), Error::EINVAL);
  EXPECT_EQ(at(id).threads().size(), 0u);
  ASSERT_TRUE(add_thread(id, thread("main")).ok());
  EXPECT_EQ(at(id).threads().size(), 1u);
  EXPECT_EQ(at(id).live_threads(), 1u);
}

TEST_F(System, numbers_objects_in_order_and_refuses_bad_ones) {
  const SiloId id = create_silo(silo("sensor")).value();
  EXPECT_EQ(create_port(PortDescription{"command", id}).value(), 0u);
  EXPECT_EQ(create_channel(ChannelDescription{"samples", 8, true, false}).value(), 1u);
  EXPECT_EQ(create_port(PortDescription{"service", id}).value(), 2u);
  EXPECT_EQ(create_port(PortDescription{"command", id}).error(), Error::EEXIST);
  EXPECT_EQ(create_channel(ChannelDescription{"command", 8, true, true}).error(), Error::EEXIST);
  EXPECT_EQ(create_port(PortDescription{"", id}).error(), Error::EINVAL);
  EXPECT_EQ(create_port(PortDescription{"other", SiloId(1)}).error(), Error::EINVAL);
  EXPECT_EQ(create_channel(ChannelDescription{"other", 0, true, true}).error(), Error::EINVAL);
  EXPECT_EQ(create_channel(ChannelDescription{"other", 1025, true, true}).error(), Error::EINVAL);
  EXPECT_EQ(create_channel(ChannelDescription{"other", 8, false, false}).error(), Error::EINVAL);
}

TEST_F(System, installs_capabilities_in_their_slots_with_handles_known_beforehand) {
  const SiloId owner = create_silo(silo("owner")).value();
  const SiloId client = create_silo(silo("client")).value();
  ASSERT_TRUE(create_port(PortDescription{"command", owner}).ok());
  ASSERT_TRUE(create_channel(ChannelDescription{"samples", 8, true, false}).ok());
  const auto install = [](SiloId id, std::uint32_t slot, ObjectType type, std::uint32_t object, std::uint32_t end,
                          std::uint64_t rights, std::uint64_t badge = 0) {
    return install_capability(id, {slot, type, object, end, rights, badge});
  };
  ASSERT_TRUE(install(owner, 1, ObjectType::Port, 0, 0, rights_of_type(ObjectType::Port)).ok());
  ASSERT_TRUE(install(client, 5, ObjectType::Port, 0, 0, bit(Right::PortCall), 99).ok());
  ASSERT_TRUE(install(client, 2, ObjectType::Channel, 1, 1, bit(Right::ChannelReceive)).ok());
  ASSERT_TRUE(install(client, 3, ObjectType::Console, 0, 0, bit(Right::ConsoleWrite)).ok());
  ASSERT_TRUE(install(client, 4, ObjectType::Silo, 0, 0, bit(Right::SiloObserve)).ok());
  ASSERT_TRUE(install(client, 15, ObjectType::System, 0, 0, bit(Right::SystemVerdict)).ok());
  const Capability& call = *at(client).capabilities.lookup(abi::make_manifest_handle(5), Right::PortCall).value();
  EXPECT_EQ(call.badge, 99u);
  EXPECT_EQ(&port_of(call).owner, &at(owner));
  EXPECT_EQ(at(client).capabilities.lookup(abi::make_manifest_handle(5), Right::PortReceive).error(), Error::EPERM);
  EXPECT_EQ(&silo_of(*at(client).capabilities.lookup(abi::make_manifest_handle(4)).value()), &at(owner));
  EXPECT_EQ(at(client).capabilities.lookup(abi::make_manifest_handle(15)).value()->object, &system_object());

  const auto refused = [&](SiloId id, std::uint32_t slot, ObjectType type, std::uint32_t object, std::uint32_t end,
                           std::uint64_t rights) { return install(id, slot, type, object, end, rights).error(); };
  EXPECT_EQ(refused(client, 5, ObjectType::Console, 0, 0, 0), Error::EEXIST);
  EXPECT_EQ(refused(client, 0, ObjectType::Console, 0, 0, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 16, ObjectType::Console, 0, 0, 0), Error::EINVAL);
  EXPECT_EQ(refused(SiloId(7), 6, ObjectType::Console, 0, 0, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::None, 0, 0, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, static_cast<ObjectType>(6), 0, 0, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Console, 0, 0, bit(Right::PortSend)), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Console, 0, 0, std::uint64_t{1} << 63), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Console, 0, 1, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Port, 0, 0, bit(Right::PortReceive)), Error::EINVAL);  // not the owner
  EXPECT_EQ(refused(client, 6, ObjectType::Port, 0, 0, bit(Right::PortDestroy)), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Port, 1, 0, 0), Error::EINVAL);     // a channel
  EXPECT_EQ(refused(client, 6, ObjectType::Channel, 0, 0, 0), Error::EINVAL);  // a port
  EXPECT_EQ(refused(client, 6, ObjectType::Channel, 2, 0, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Channel, 1, 2, 0), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Channel, 1, 1, bit(Right::ChannelSend)), Error::EINVAL);  // no such lane
  EXPECT_EQ(refused(client, 6, ObjectType::Channel, 1, 0, bit(Right::ChannelReceive)), Error::EINVAL);
  EXPECT_EQ(refused(client, 6, ObjectType::Silo, 2, 0, 0), Error::EINVAL);
  EXPECT_EQ(at(client).capabilities.live(), 5u);
}

TEST_F(System, knows_no_capability_of_an_earlier_boot) {
  ipc::Object* const lasting[] = {&console_object(), &system_object(), &audit_object(), &trace_object()};
  const SiloId id = create_silo(silo("reader")).value();
  std::uint32_t slot = 0;
  for (const ipc::Object* const object : lasting) {
    const CapabilityDescription all{.slot = ++slot,
                                    .type = object->type,
                                    .object = 0,
                                    .end = 0,
                                    .rights = rights_of_type(object->type),
                                    .badge = 0};
    ASSERT_TRUE(install_capability(id, all).ok());
    ASSERT_EQ(object->references, 1u);
  }
  fakes::initialize_kernel();
  for (const ipc::Object* const object : lasting) {
    EXPECT_EQ(object->references, 0u);
    EXPECT_EQ(object->first_capability, 0u) << "it would lead to memory that is now something else's";
  }
}

TEST_F(System, remembers_whether_the_verdict_ends_the_machine) {
  set_once(true);
  EXPECT_TRUE(is_once());
  set_once(false);
  EXPECT_FALSE(is_once());
}

}  // namespace
}  // namespace kernel
