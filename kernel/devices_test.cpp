// SPDX-License-Identifier: Apache-2.0
//
// Pages of devices: whose they are, where they are, and what cannot be.
#include "test/fakes/event_world.hpp"

#include "kernel/devices.hpp"

namespace kernel {
namespace {

using base::Error;

class Devices : public fakes::EventWorld {
 protected:
  Thread& one = add_program("one", 20);
  Thread& two = add_program("two", 10);

  static DeviceDescription at(std::uint64_t physical, std::uint64_t bytes = 0x1000,
                              std::uint64_t address = abi::kDevicesStart) {
    return {"device", base::SiloAddress(address), base::PhysicalAddress(physical), bytes, Board::Virt};
  }
  Error give(const Thread& thread, const DeviceDescription& device) {
    return add_device(thread.silo().id, device).error();
  }
};

TEST_F(Devices, Q1_every_page_of_the_registers_is_mapped_as_device_memory) {
  ASSERT_TRUE(add_device(one.silo().id, at(0x901'0ff0, 0x20)).ok());
  for (const std::uint64_t page : {0x0, 0x1000}) {
    const auto mapped = one.silo().space.translate(base::SiloAddress(abi::kDevicesStart + page));
    ASSERT_TRUE(mapped.ok());
    EXPECT_EQ(mapped.value().memory, base::PhysicalAddress(0x901'0000 + page));
    EXPECT_EQ(mapped.value().access, port::Access::ReadWrite);
  }
  EXPECT_FALSE(one.silo().space.translate(base::SiloAddress(abi::kDevicesStart + 0x2000)).ok());
  EXPECT_FALSE(two.silo().space.translate(base::SiloAddress(abi::kDevicesStart)).ok());
}

TEST_F(Devices, Q2_a_page_is_given_once) {
  ASSERT_TRUE(add_device(one.silo().id, at(0xa00'0200, 0x200)).ok());
  EXPECT_EQ(give(two, at(0xa00'0400, 0x200)), Error::EEXIST) << "another device in the same page";
  EXPECT_EQ(give(two, at(0x9ff'f000, 0x1001)), Error::EEXIST) << "one that reaches into it";
  EXPECT_EQ(give(one, at(0xa00'0000, 0x200, abi::kDevicesStart + 0x2000)), Error::EEXIST) << "the same silo as well";
  EXPECT_TRUE(add_device(two.silo().id, at(0xa00'1000)).ok());
}

TEST_F(Devices, Q2_what_makes_no_sense_is_refused) {
  EXPECT_EQ(give(one, at(0x901'0000, 0)), Error::EINVAL);
  EXPECT_EQ(give(one, at(std::uint64_t{1} << 40)), Error::EINVAL);
  EXPECT_EQ(give(one, at((std::uint64_t{1} << 40) - 0x1000, 0x1001)), Error::EINVAL);
  EXPECT_EQ(give(one, at(0x901'0000, ~std::uint64_t{0})), Error::EINVAL);
  EXPECT_EQ(give(one, at(0x901'0000, 0x1000, abi::kDevicesStart + 4)), Error::EINVAL);
  EXPECT_EQ(give(one, at(0x901'0000, 0x1000, abi::kMessagePagesStart)), Error::EINVAL);
  EXPECT_EQ(give(one, at(0x901'0000, 0x1000, kText)), Error::EEXIST);
  EXPECT_EQ(add_device(base::SiloId(9), at(0x901'0000)).error(), Error::EINVAL);
  EXPECT_TRUE(given_devices().empty());
}

TEST_F(Devices, Q2_there_are_so_many_and_no_more) {
  for (std::uint64_t i = 0; i < abi::kDevicesMaximum; ++i)
    ASSERT_TRUE(add_device(one.silo().id, at(0x900'0000 + i * 0x1000, 4, abi::kDevicesStart + i * 0x2000)).ok()) << i;
  EXPECT_EQ(give(two, at(0xb00'0000)), Error::ENOSPC);
}

TEST_F(Devices, Q1_a_silo_can_ask_about_its_own_and_no_other) {
  ASSERT_TRUE(add_device(one.silo().id, at(0x901'0040, 0x40)).ok());
  start();
  const Thread& caller = call(Call::DEVICE_INFO, {.words = {abi::kDevicesStart + 0xfff}});
  ASSERT_EQ(status(caller), 0);
  EXPECT_EQ(caller.general[3], abi::kDevicesStart + 0x40);
  EXPECT_EQ(caller.general[4], 0x40u);
  EXPECT_EQ(caller.general[5], 0x901'0040u);
  EXPECT_EQ(caller.general[6], 1u);
  EXPECT_EQ(status_of(Call::DEVICE_INFO, {.words = {abi::kDevicesStart + 0x1000}}), minus(Error::ENOENT));
  call(Call::EXIT);
  EXPECT_EQ(status_of(Call::DEVICE_INFO, {.words = {abi::kDevicesStart}}), minus(Error::ENOENT));
}

}  // namespace
}  // namespace kernel
