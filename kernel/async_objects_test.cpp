// SPDX-License-Identifier: Apache-2.0
//
// How AsyncChans begin and end: what they take from quotas and pools, and that all of it comes back.
#include "test/fakes/host_prelude.hpp"

#include "kernel/objects.hpp"
#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::QuotaKind;
using abi::Right;
using abi::SystemCall;
using base::Error;

struct AsyncObjects : fakes::KernelWorld {
  Thread& sink = add_program("sink", 10);
  Thread& bystander = add_program("bystander", 1);  // runs when the sink has gone
  std::uint32_t channel = add_async("events", 2);
};

TEST_F(AsyncObjects, A1_defect_A2_creating_is_charged_in_channels_and_in_sixteens_of_messages) {
  start();
  for (const std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{257}, ~std::uint64_t{0}, std::uint64_t{1} << 32}) {
    EXPECT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {wrong}}), minus(Error::EINVAL)) << wrong;
  }
  EXPECT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {65}}), minus(Error::EDQUOT)) << "80 messages";
  EXPECT_EQ(sink.silo().quota(QuotaKind::AsyncChannels).used(), 0u) << "nothing is kept of a refused one";
  const std::uint32_t chunks = object_counts(fakes::unlocked()).async_chunks;
  EXPECT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {17}}), 0);
  const std::uint64_t first = sink.general[3];
  expect_clean(sink, {3});
  EXPECT_EQ(sink.silo().quota(QuotaKind::AsyncMessages).used(), 32u);
  EXPECT_EQ(object_counts(fakes::unlocked()).async_chunks, chunks + 2);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {1}}), 0);
  EXPECT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {1}}), minus(Error::EDQUOT)) << "no message is left";
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = first}), 0);
  EXPECT_EQ(sink.silo().quota(QuotaKind::AsyncMessages).used(), 32u) << "given back";
  EXPECT_EQ(sink.silo().quota(QuotaKind::AsyncChannels).used(), 2u);
  EXPECT_EQ(object_counts(fakes::unlocked()).async_chunks, chunks + 2);
}

TEST_F(AsyncObjects, A8_what_is_queued_goes_with_the_channel_again_and_again) {
  start();
  const ObjectCounts before = object_counts(fakes::unlocked());
  for (int round = 0; round < 50; ++round) {
    ASSERT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {64}}), 0);
    const std::uint64_t made = sink.general[3];
    for (std::uint64_t i = 0; i < 64; ++i) {
      ASSERT_EQ(status_of(SystemCall::ASYNC_SEND, {.handle = made, .x1 = i}), 0);
    }
    ASSERT_EQ(status_of(SystemCall::ASYNC_SEND, {.handle = made}), minus(Error::EAGAIN));
    ASSERT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = made}), 0);
  }
  EXPECT_EQ(object_counts(fakes::unlocked()).async_channels, before.async_channels);
  EXPECT_EQ(object_counts(fakes::unlocked()).async_chunks, before.async_chunks);
}

TEST_F(AsyncObjects, a_silo_that_dies_with_a_channel_gives_everything_back) {
  start();
  EXPECT_EQ(status_of(SystemCall::ASYNC_CREATE, {.words = {20}}), 0);
  const ObjectCounts before = object_counts(fakes::unlocked());
  Silo& silo = sink.silo();
  call(SystemCall::EXIT, {});
  EXPECT_EQ(silo.quota(QuotaKind::AsyncMessages).used(), 0u);
  EXPECT_EQ(silo.quota(QuotaKind::AsyncChannels).used(), 0u);
  EXPECT_EQ(object_counts(fakes::unlocked()).async_channels, before.async_channels - 1);
}

TEST_F(AsyncObjects, a_manifest_channel_that_nobody_receives_from_or_sends_to_is_closed_from_the_start) {
  const std::uint32_t deaf = add_async("deaf", 1);
  const std::uint32_t mute = add_async("mute", 1);
  const std::uint64_t into = grant(sink, abi::ObjectType::AsyncChannel, deaf, {Right::AsyncSend});
  const std::uint64_t from = grant(sink, abi::ObjectType::AsyncChannel, mute, {Right::AsyncReceive});
  start();
  EXPECT_EQ(status_of(SystemCall::ASYNC_SEND, {.handle = into}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::ASYNC_RECEIVE, {.handle = from}), minus(Error::EPIPE));
}

TEST_F(AsyncObjects, descriptions_of_the_manifest_are_checked) {
  EXPECT_EQ(create_async({.name = "x", .capacity = 0}).error(), Error::EINVAL);
  EXPECT_EQ(create_async({.name = "x", .capacity = 257}).error(), Error::EINVAL);
  EXPECT_EQ(create_async({.name = "events", .capacity = 1}).error(), Error::EEXIST);
  EXPECT_EQ(create_async({.name = "", .capacity = 1}).error(), Error::EINVAL);
}

}  // namespace
}  // namespace kernel
