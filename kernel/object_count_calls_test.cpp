// SPDX-License-Identifier: Apache-2.0
//
// What SYSTEM_OBJECTS counts, against things made and given back.
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct ObjectCountCallsTest : fakes::RecordWorld {
  std::uint64_t system = grant(reader, abi::ObjectType::System, 0, {Right::SystemObserve});
  std::uint64_t blind = grant(reader, abi::ObjectType::System, 0, {Right::SystemVerdict});

  void begin() {
    start();
    call(SystemCall::PORT_RECEIVE, {.handle = receive});  // the server waits
    call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
    ASSERT_TRUE(is_running(reader));
  }
  struct Seen {
    std::uint64_t kernel_pages, silo_pages, objects, messages, mappings, bindings, transfers, slots;
  };
  Seen look() {
    EXPECT_EQ(status_of(SystemCall::SYSTEM_OBJECTS, {.handle = system}), 0);
    const auto& x = reader.general;
    return {x[3], x[4], x[5], x[6], x[9], x[10], x[11], x[12]};
  }
};

TEST_F(ObjectCountCallsTest, what_a_silo_makes_is_counted_and_what_it_closes_is_not) {
  begin();
  const Seen before = look();
  EXPECT_GT(before.kernel_pages, 0u);
  EXPECT_GE(before.objects, 1u) << "the port of the manifest";
  ASSERT_EQ(status_of(SystemCall::PORT_CREATE), 0);
  const std::uint64_t made = reader.general[3];
  EXPECT_EQ(look().objects, before.objects + 1);
  ASSERT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = made}), 0);
  const Seen after = look();
  EXPECT_EQ(after.objects, before.objects);
  EXPECT_EQ(after.silo_pages, before.silo_pages);
}

TEST_F(ObjectCountCallsTest, it_takes_the_right_to_observe) {
  begin();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_OBJECTS, {.handle = blind}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_OBJECTS, {.handle = 12345}), minus(Error::EBADF));
}

}  // namespace
}  // namespace kernel
