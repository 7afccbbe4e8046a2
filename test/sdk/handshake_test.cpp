// SPDX-License-Identifier: Apache-2.0
//
// The exchange by which client and server find out that they speak one protocol, and what each makes of nonsense.
#include "test/fakes/host_prelude.hpp"

#include <cstring>

#include "granary/handshake.hpp"

namespace granary::handshake {
namespace {

Status status_of(Version client, Version server) {
  const std::optional<Hello> hello = hello_of(message_of(Hello{.client = client}));
  return hello ? welcome_of(answer(*hello, server)).status : Status::Rejected;
}

TEST(Handshake, N13_its_bytes_are_where_both_sides_expect_them) {
  const Message hello = message_of(Hello{.client = {2, 3}, .nonce = 4, .flags = 5});
  EXPECT_EQ(hello.opcode, 0x49504339u);
  EXPECT_EQ(hello.words[0], 0x0000'0001'4950'4339u);
  EXPECT_EQ(hello.words[1], 0x0000'0004'0003'0002u);
  EXPECT_EQ(hello.words[2], 5u);
  const Message welcome = answer(Hello{.client = {2, 3}}, {2, 7});
  EXPECT_EQ(welcome.words[0], 0x0000'0001'4950'4339u);
  EXPECT_EQ(welcome.words[1], 0x0000'0000'0007'0002u);
}

TEST(Handshake, N13_versions_fit_if_the_server_is_no_older) {
  EXPECT_EQ(status_of({1, 2}, {1, 2}), Status::Ok);
  EXPECT_EQ(status_of({1, 2}, {1, 3}), Status::Ok);
  EXPECT_EQ(status_of({1, 3}, {1, 2}), Status::VersionMismatch);
  EXPECT_EQ(status_of({1, 0}, {2, 0}), Status::VersionMismatch);
  EXPECT_EQ(status_of({2, 0}, {1, 9}), Status::VersionMismatch);
}

TEST(Handshake, N13_a_server_may_reject_and_answers_another_version_of_the_exchange) {
  EXPECT_EQ(welcome_of(answer(Hello{}, {0, 0}, false)).status, Status::Rejected);
  EXPECT_EQ(welcome_of(answer(Hello{.version = 2}, {0, 0})).status, Status::VersionMismatch);
  EXPECT_EQ(welcome_of(answer(Hello{}, {7, 1})).server, (Version{7, 1}));
}

TEST(Handshake, N13_nonsense_is_no_hello_and_no_welcome) {
  EXPECT_FALSE(hello_of(Message{kOpcode}));
  EXPECT_FALSE(hello_of(Message::of(1, Hello{})));
  EXPECT_FALSE(hello_of(Message::of(kOpcode, Hello{.magic = kMagic + 1})));
  EXPECT_FALSE(hello_of(Message::of(kOpcode, Hello{.version = 0})));
  const Welcome good{.status = Status::Ok};
  EXPECT_EQ(welcome_of(Message::of(kOpcode, good)).status, Status::Ok);
  EXPECT_EQ(welcome_of(Message::of(1, good)).status, Status::Rejected);
  EXPECT_EQ(welcome_of(Message{kOpcode}).status, Status::Rejected) << "all zero says Ok, but has no magic";
  EXPECT_EQ(welcome_of(Message::of(kOpcode, Welcome{.version = 2, .status = Status::Ok})).status, Status::Rejected);
  EXPECT_EQ(welcome_of(Message::of(kOpcode, Welcome{.status = static_cast<Status>(3)})).status, Status::Rejected);
}

}  // namespace
}  // namespace granary::handshake
