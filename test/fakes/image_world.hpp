// SPDX-License-Identifier: Apache-2.0
//
// A kernel with a worker that has room for another image, its operator, which is more urgent, and somebody who is less.
#pragma once

#include <cstring>

#include "kernel/port/memory_window.hpp"
#include "test/fakes/kernel_world.hpp"

namespace fakes {

/// A worker with one more image: its text is larger and stands elsewhere.
struct ImageWorld : KernelWorld {
  static constexpr std::uint64_t kBackoff = kFrequency / 100;  ///< of the worker
  static constexpr std::uint64_t kOtherText = 0x11000;         ///< overlaps the second page of the first image's
  static constexpr std::uint64_t kOtherStack = 0x200000;
  kernel::Thread& boss = add_program("boss", 40);
  base::SiloId id = make_worker();
  kernel::Thread& worker = *silo_of(id).threads()[0];
  kernel::Silo& silo = silo_of(id);
  kernel::Thread& idler = add_program("idler", 5);
  std::uint64_t system = grant(boss, abi::ObjectType::System, 0,
                               {abi::Right::SystemObserve, abi::Right::SystemKill, abi::Right::SystemStart});
  std::uint64_t own = id.value();
  std::uint32_t port = add_port(worker, "port");
  std::uint64_t receive = grant_port_server(worker, port);
  std::uint64_t send = grant_port_client(idler, port, 7);
  std::vector<std::uint32_t> code = std::vector<std::uint32_t>(3 * 1024, 0x12345678);

  base::SiloId make_worker() {
    const base::SiloId made = kernel::create_silo({.name = "worker",
                                                   .argument = 77,
                                                   .capability_slots = 64,
                                                   .quotas = quotas,
                                                   .restart = {.mode = abi::RestartMode::Always, .backoff = 10'000}})
                                  .value();
    static constexpr std::uint32_t first[] = {0xd503201f, 0xf9400083, 0xd65f03c0};
    EXPECT_TRUE(kernel::add_region(made, {.address = base::SiloAddress(kText),
                                          .size = base::PageCount(2),
                                          .access = port::Access::ReadExecute,
                                          .data = std::as_bytes(std::span(first)),
                                          .name = "text",
                                          .room = base::PageCount(5)})
                    .ok());
    EXPECT_TRUE(kernel::add_region(made, {.address = base::SiloAddress(kStack),
                                          .size = base::PageCount(2),
                                          .access = port::Access::ReadWrite,
                                          .data = {},
                                          .name = "stack",
                                          .room = base::PageCount(2)})
                    .ok());
    EXPECT_TRUE(kernel::add_thread(made, {.name = "main",
                                          .entry = base::SiloAddress(kText),
                                          .stack_pointer = base::SiloAddress(kStack + kStackBytes),
                                          .argument = 5,
                                          .priority = base::Priority(20),
                                          .core = base::CoreId(0)})
                    .ok());
    return made;
  }

  std::span<const std::byte> code_bytes() const { return std::as_bytes(std::span(code)); }
  kernel::ImageRegionDescription text() const {
    const auto data = code_bytes();
    return {.name = "text",
            .access = port::Access::ReadExecute,
            .address = base::SiloAddress(kOtherText),
            .size = base::PageCount(5),
            .data = data,
            .checksum = port::crc32(0, data.data(), data.size())};
  }
  static kernel::ImageRegionDescription stack() {
    return {.name = "stack",
            .access = port::Access::ReadWrite,
            .address = base::SiloAddress(kOtherStack),
            .size = base::PageCount(2),
            .data = {},
            .checksum = 0};
  }
  static kernel::ImageThreadDescription main_thread() {
    return {.name = "main",
            .entry = base::SiloAddress(kOtherText + 8),
            .stack_pointer = base::SiloAddress(kOtherStack + 0x2000),
            .argument = 9};
  }
  void add_newer(std::string_view name = "newer") {
    ASSERT_TRUE(kernel::add_image(id, name).ok());
    ASSERT_TRUE(kernel::add_image_region(id, text()).ok());
    ASSERT_TRUE(kernel::add_image_region(id, stack()).ok());
    ASSERT_TRUE(kernel::add_image_thread(id, main_thread()).ok());
  }

  /// The first word of the region, in memory.
  std::uint32_t first_word(std::uint32_t region) const {
    std::uint32_t word = 0;
    std::memcpy(&word, fakes::memory(silo.regions()[region].frames.start, 4).data(), 4);
    return word;
  }
  bool is_mapped(std::uint64_t address) const { return silo.space.translate(base::SiloAddress(address)).ok(); }
  std::uint64_t running_image() {
    EXPECT_EQ(status_of(abi::SystemCall::SYSTEM_LIFE, {.handle = system, .words = {own}}), 0);
    EXPECT_EQ(boss.general[11], kernel::image_count(silo));
    return boss.general[10];
  }
  void expect_older() {
    EXPECT_TRUE(is_mapped(kText));
    EXPECT_TRUE(is_mapped(kText + 0x1000));
    EXPECT_TRUE(is_mapped(kStack));
    EXPECT_FALSE(is_mapped(kOtherText + 0x2000));
    EXPECT_FALSE(is_mapped(kOtherStack));
  }
  void expect_newer() {
    EXPECT_FALSE(is_mapped(kText));
    EXPECT_FALSE(is_mapped(kStack));
    for (unsigned page = 0; page < 5; ++page) {
      const auto mapped = silo.space.translate(base::SiloAddress(kOtherText + 0x1000 * page));
      ASSERT_TRUE(mapped.ok());
      EXPECT_EQ(mapped.value().access, port::Access::ReadExecute);
      EXPECT_EQ(mapped.value().memory.value(), silo.regions()[0].frames.start.value() + 0x1000 * page);
    }
    EXPECT_TRUE(is_mapped(kOtherStack));
    EXPECT_TRUE(is_mapped(kOtherStack + 0x1000));
    EXPECT_EQ(silo.region_at(base::SiloAddress(kOtherText)), &silo.regions()[0]);
    EXPECT_EQ(silo.region_at(base::SiloAddress(kText)), nullptr);
  }
};

}  // namespace fakes
