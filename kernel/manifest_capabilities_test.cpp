// SPDX-License-Identifier: Apache-2.0
//
// Anchors: where a capability stood among those derived from it, what a revoke does meanwhile, and what stays.
#include "test/fakes/capability_world.hpp"

#include "kernel/manifest_capabilities.hpp"
#include "kernel/silo_stop.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using fakes::kSendCall;

struct ManifestCapabilitiesTest : fakes::CapabilityWorld {
  static Unlocked unlocked() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }
  static ManifestCapability& first_of(const Thread& thread) { return *thread.silo().manifest.first; }
  static void anchor_all(Silo& silo, bool comes_back) {
    silo.manifest.rewind();
    while (!anchor_some(unlocked(), silo, comes_back)) {
    }
  }
  /// As a stopped silo's are, in steps.
  static void remove_all(Silo& silo) {
    for (;;) {
      const auto departure = silo.capabilities.remove_any(unlocked());
      if (departure.ok()) note_departure(departure.value());
      if (!departure.ok() && departure.error() == Error::ENOENT) return;
    }
  }
  static void give_all(Silo& silo) {
    silo.manifest.rewind();
    for (auto given = give_some_again(unlocked(), silo); !given.ok() || !given.value();
         given = give_some_again(unlocked(), silo))
      ASSERT_TRUE(given.ok());
  }
};

TEST_F(ManifestCapabilitiesTest, an_object_keeps_its_counts_while_its_only_holder_is_away) {
  start();
  Silo& silo = server.silo();
  ipc::Object& object = *first_of(server).object;
  const std::uint32_t references = object.references, givers = object.givers;
  anchor_all(silo, true);
  EXPECT_EQ(object.givers, givers + 1);
  remove_all(silo);
  EXPECT_EQ(silo.capabilities.live(), 0u);
  EXPECT_GE(object.givers, 1u) << "so nobody is told that it is gone";
  EXPECT_FALSE(object.ending_node.is_linked());
  give_all(silo);
  EXPECT_EQ(object.references, references);
  EXPECT_EQ(object.givers, givers);
  EXPECT_FALSE(first_of(server).is_linked);
  EXPECT_FALSE(first_of(server).is_counted);
}

/// A server that comes back, with a port of the manifest from which it may give others theirs.
struct ReturningServer : ManifestCapabilitiesTest {
  std::uint32_t shared = add_port(server, "shared");
  std::uint64_t own =
      grant(server, ObjectType::Port, shared,
            {Right::PortReceive, Right::PortSend, Right::PortCall, Right::Duplicate, Right::Grant, Right::Revoke});
  std::uint64_t child = grant(server, ObjectType::Silo, client.silo().id.value(), {Right::SiloGrant});

  ReturningServer() {
    server.silo().life.policy = RestartPolicy({.mode = abi::RestartMode::Always}, kFrequency);
    start();
  }
  /// The handle that the client has then.
  std::uint64_t give() {
    return call(SystemCall::HANDLE_GRANT, {.handle = own, .words = {child, kSendCall}}).general[3];
  }
  void crash() {
    ASSERT_TRUE(is_running(server));
    fault(read_fault(0xdead0000));
    ASSERT_TRUE(is_running(server));
  }
  bool client_has(std::uint64_t handle) const { return client.silo().capabilities.lookup(handle).ok(); }
};

TEST_F(ReturningServer, what_was_derived_from_it_is_derived_from_it_again) {
  const std::uint64_t before = give();
  ASSERT_TRUE(client_has(before));
  crash();
  EXPECT_TRUE(client_has(before)) << "it works on";
  const std::uint64_t after = give();
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = own}), 0);
  EXPECT_EQ(server.general[3], 2u);
  EXPECT_FALSE(client_has(before));
  EXPECT_FALSE(client_has(after));
}

TEST_F(ReturningServer, the_same_when_it_was_stopped_and_started) {
  const std::uint64_t before = give();
  Silo& silo = server.silo();
  ASSERT_TRUE(silo.kill(client.silo().id));
  this_core().begin_stop(silo, base::Priority(20));
  interrupt();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(silo.life.phase, SiloLife::Phase::Down);
  EXPECT_TRUE(client_has(before));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = before}), minus(Error::EPIPE));
  this_core().bring_back(silo);
  interrupt();
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = own}), 0);
  EXPECT_EQ(server.general[3], 1u);
  EXPECT_FALSE(client_has(before));
}

TEST_F(ReturningServer, one_that_it_had_closed_is_there_again_and_its_port_lives) {
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = own}), 0);
  crash();
  const std::uint64_t given = give();
  EXPECT_TRUE(client_has(given));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = own}), 0);
}

TEST_F(ReturningServer, a_revoke_of_a_client_s_reaches_it_while_the_client_is_away_and_it_has_it_again) {
  anchor_all(client.silo(), true);
  ManifestCapability& kept = first_of(client);
  ASSERT_TRUE(kept.is_linked);
  const std::uint32_t references = kept.object->references;
  const Departure departure = end_anchor(unlocked(), kept);
  EXPECT_EQ(departure.object, kept.object);
  EXPECT_FALSE(departure.is_last);
  EXPECT_EQ(kept.object->references, references - 1);
  EXPECT_FALSE(kept.is_linked);
  remove_all(client.silo());
  give_all(client.silo());
  EXPECT_TRUE(client.silo().capabilities.lookup(send).ok());
}

}  // namespace
}  // namespace kernel
