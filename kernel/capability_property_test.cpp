// SPDX-License-Identifier: Apache-2.0
//
// The whole life of capabilities, against a reference (test/fakes/capability_reference.hpp): objects of every kind are
// made, their capabilities duplicated, granted, sent, published, connected to, revoked and closed, and silos stopped,
// in random order. After each step exactly those objects exist that the reference says, so each goes when its last
// capability goes and not earlier; every few steps all is closed, and every quota, page and frame is back.
// GRANARY_PROPERTY_STEPS: how many steps (make test-property: ten million).
#include "test/fakes/host_prelude.hpp"

#include <cstdlib>
#include <map>
#include <random>

#include "kernel/event_objects.hpp"
#include "kernel/frame_allocator.hpp"
#include "kernel/published_names.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/revoke.hpp"
#include "kernel/transfer.hpp"
#include "test/fakes/capability_reference.hpp"
#include "test/fakes/objects_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::QuotaKind;
using abi::Right;
using base::Error;
using fakes::unlocked;
using fakes::reference::Node;

constexpr int kSilos = 6;
constexpr int kNames = 2;  ///< of the first silos; all others may connect
constexpr std::size_t kRound = 20'000;
constexpr std::size_t kNodesOfObject = 120;
constexpr std::string_view kName[kNames] = {"one", "two"};

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

struct Flight {
  ipc::Message message;
  Node* node;  ///< null: it was revoked on the way
  int sender;
  bool moves_region;  ///< whoever gets it pays for the region
};

/// As a call brings it, without a contract.
NameArgument argument_of(std::string_view name) {
  Arguments::ConsoleText bytes = {};
  bytes.length = sizeof bytes.byte;
  std::copy(name.begin(), name.end(), bytes.byte);
  return NameArgument::parse(bytes).value();
}

class CapabilityProperty : public testing::Test {
 protected:
  CapabilityProperty() {
    fakes::initialize_kernel(1024);
    for (int i = 0; i < kSilos; ++i) silo_.push_back(&make_silo(i));
    for (int n = 0; n < kNames; ++n) {
      EXPECT_TRUE(add_name(kName[n], *silo_[n]).ok());
      for (int i = 0; i < kSilos; ++i) {
        if (i != n) {
          EXPECT_TRUE(add_connector(kName[n], *silo_[i], i + 1).ok());
        }
      }
    }
    before_ = object_counts(unlocked());
    transfers_before_ = live_transfers();
    pages_before_ = kernel_pages_left(unlocked()).value();
    frames_before_ = free_frames();
  }

  static Silo& make_silo(int number) {
    using enum QuotaKind;
    abi::Quotas quotas;
    quotas[Ports] = 5, quotas[Channels] = 3, quotas[Messages] = 24, quotas[AsyncChannels] = 3;
    quotas[AsyncMessages] = 64, quotas[Notifications] = 4, quotas[Semaphores] = 4, quotas[Timers] = 4;
    quotas[Regions] = 3, quotas[RegionPages] = 3, quotas[MappedPages] = 8, quotas[Transfers] = 3;
    const std::string name = "silo_" + std::to_string(number);
    const base::SiloId id =
        create_silo({.name = name, .argument = 0, .capability_slots = number % 2 == 0 ? 64u : 32u, .quotas = quotas})
            .value();
    EXPECT_TRUE(add_region(id, {base::SiloAddress(0x10000), base::PageCount(1), port::Access::ReadExecute, {}}).ok());
    EXPECT_TRUE(add_region(id, {base::SiloAddress(0x20000), base::PageCount(1), port::Access::ReadWrite, {}}).ok());
    EXPECT_TRUE(add_thread(id, {.name = "main",
                                .entry = base::SiloAddress(0x10000),
                                .stack_pointer = base::SiloAddress(0x21000),
                                .argument = 0,
                                .priority = base::Priority(1),
                                .core = base::CoreId(0)})
                    .ok());
    return *silos()[id.value()];
  }
  static std::uint64_t free_frames() {
    return silo_frames().with(unlocked(), [](FrameAllocator& all, auto) { return all.free_frames().value(); });
  }

  unsigned below(std::size_t limit) { return static_cast<unsigned>(random_() % limit); }
  bool one_in(unsigned count) { return below(count) == 0; }
  Thread& thread_of(int silo) { return *silo_[silo]->threads()[0]; }
  void check(bool holds, const char* text) {
    if (holds || broken_) return;
    broken_ = true;
    ADD_FAILURE() << "step " << step_ << ", operation " << operation_ << ": " << text;
  }

  /// Works off whatever is ending.
  void finish() {
    while (reap_pending(this_core())) {
      ipc::WakeList wakes;
      static_cast<void>(reap(unlocked(), this_core(), wakes));
      while (wakes.pop_front() != nullptr) {
      }
    }
  }

  /// A living node in a table; null if there is none. Others are not for silos to name.
  Node* any_entry() {
    for (int tries = 0; tries < 8 && !world_.alive.empty(); ++tries) {
      Node* const node = world_.alive[below(world_.alive.size())];
      if (fakes::reference::World::is_in_table(*node)) return node;
    }
    return nullptr;
  }
  Capability& real(const Node& node) {
    const auto found = silo_[node.place]->capabilities.lookup(node.handle);
    check(found.ok(), "a capability is not there");
    if (!found.ok()) std::abort();
    check(found.value()->object == node.object->real && found.value()->rights == node.rights, "it is another one");
    return *found.value();
  }
  /// Most rights of the node, so that trees grow.
  std::uint64_t fewer(std::uint64_t rights) { return one_in(3) ? rights & random_() : rights; }
  bool has_room(int silo, std::uint32_t wanted = 1) {
    return silo_[silo]->capabilities.slots() - 1 - world_.entries[silo] >= wanted;
  }
  bool affords(int silo, const std::vector<fakes::reference::Charge>& charges) {
    for (const auto& charge : charges)
      if (world_.used[silo][charge.kind] + charge.amount > silo_[silo]->quota(charge.kind).limit()) return false;
    return true;
  }

  void made(ObjectType type, int silo, std::vector<fakes::reference::Charge> charges,
            base::Result<std::uint64_t> handle) {
    check(handle.ok() == (has_room(silo) && affords(silo, charges)), "made or refused wrongly");
    if (!handle.ok()) return check(handle.error() == Error::EDQUOT || handle.error() == Error::ENOSPC, "which error");
    ipc::Object* const object = silo_[silo]->capabilities.lookup(handle.value()).value()->object;
    // Where memory lies is for those to know that the manifest names.
    const std::uint64_t rights = rights_of_type(type) & ~static_cast<std::uint64_t>(Right::RegionPhysical);
    world_.derive(world_.make(type, object, silo, std::move(charges)), nullptr, silo, handle.value(), rights, 0);
  }
  void make_channel(int silo) {
    const std::uint32_t capacity = 1 + below(4);
    const std::vector<fakes::reference::Charge> charges{{QuotaKind::Channels, 1}, {QuotaKind::Messages, 2 * capacity}};
    const auto ends = create_channel(unlocked(), *silo_[silo], capacity);
    check(ends.ok() == (has_room(silo, 2) && affords(silo, charges)), "a channel made or refused wrongly");
    if (!ends.ok()) return;
    const std::uint64_t first = ends.value().end[0], second = ends.value().end[1];
    auto& object =
        world_.make(ObjectType::Channel, silo_[silo]->capabilities.lookup(first).value()->object, silo, charges);
    world_.derive(object, nullptr, silo, first, rights_of_type(ObjectType::Channel), 0);
    world_.derive(object, nullptr, silo, second, rights_of_type(ObjectType::Channel), 1);
  }
  void make_region(int silo) {
    ipc::WakeList wakes;
    Thread& thread = thread_of(silo);
    const std::vector<fakes::reference::Charge> charges{{QuotaKind::Regions, 1}, {QuotaKind::RegionPages, 1}};
    static_cast<void>(create_region(unlocked(), thread, *silo_[silo], 1, wakes));
    finish();
    const auto status = thread.completion.status;
    // A region that was moved lies in its maker's ground still, while somebody else pays for it.
    if (!status.ok() && status.error() == Error::ENOMEM) return;
    made(ObjectType::Region, silo, charges,
         status.ok() ? base::Result<std::uint64_t>(thread.completion.delivery.message.word[0]) : status.error());
  }
  void make_timer() {
    const Node* const node = any_entry();
    if (node == nullptr || node->object->type != ObjectType::Notification || !node->has(Right::NotificationSignal))
      return;
    made(ObjectType::Timer, node->place, {{QuotaKind::Timers, 1}},
         create_timer(unlocked(), *silo_[node->place], real(*node), 1));
  }
  void make_something() {
    const int silo = static_cast<int>(below(kSilos));
    Silo& maker = *silo_[silo];
    switch (below(7)) {
      case 0: return made(ObjectType::Port, silo, {{QuotaKind::Ports, 1}}, create_port(unlocked(), maker));
      case 1: return make_channel(silo);
      case 2: {
        const std::uint32_t capacity = 1 + below(32);
        return made(ObjectType::AsyncChannel, silo,
                    {{QuotaKind::AsyncChannels, 1}, {QuotaKind::AsyncMessages, (capacity + 15) / 16 * 16}},
                    create_async(unlocked(), maker, capacity));
      }
      case 3:
        return made(ObjectType::Notification, silo, {{QuotaKind::Notifications, 1}},
                    create_notification(unlocked(), maker));
      case 4:
        return made(ObjectType::Semaphore, silo, {{QuotaKind::Semaphores, 1}}, create_semaphore(unlocked(), maker, 1));
      case 5: return make_timer();
      default: return make_region(silo);
    }
  }

  void duplicate(Node& node) {
    const std::uint64_t keep = one_in(20) ? random_() : fewer(node.rights);
    const bool may = node.has(Right::Duplicate) && (keep & ~node.rights) == 0;
    const auto handle = silo_[node.place]->capabilities.duplicate(unlocked(), node.handle, keep);
    check(handle.ok() == (may && has_room(node.place)), "duplicated or refused wrongly");
    if (handle.ok()) world_.derive(*node.object, &node, node.place, handle.value(), keep, node.end);
  }
  void grant(Node& node) {
    const int to = static_cast<int>(below(kSilos));
    if (!node.has(Right::Grant)) return;
    const std::uint64_t rights = fewer(node.rights);
    Capability& source = real(node);
    const auto handle = silo_[to]->capabilities.insert_derived(unlocked(), source,
                                                               Grant{source.object, rights, source.badge, source.end});
    check(handle.ok() == has_room(to), "granted or refused wrongly");
    if (handle.ok()) world_.derive(*node.object, &node, to, handle.value(), rights, node.end);
  }
  void send(Node& node) {
    const std::uint64_t rights = fewer(node.rights);
    const bool moves = one_in(4);
    const int sender = node.place;
    ipc::Message message{
        .opcode = 1, .flags = abi::kFlagTransfer | (moves ? abi::kFlagMove : 0), .word = {1, 2, rights, node.handle}};
    const bool is_region = node.object->type == ObjectType::Region;
    const bool may =
        node.has(Right::Grant) && affords(sender, {{QuotaKind::Transfers, 1}}) &&
        (!moves || !is_region || (node.has(Right::RegionMove) && node.object->living == 1 && node.mapped.empty()));
    const auto taken = take_along(Call{unlocked(), thread_of(sender), nullptr}, message, 0, Right::None, nullptr);
    check(taken.ok() == may, "taken along or refused wrongly");
    if (!taken.ok()) return;
    message.flags = 0;  // as every message on its way (ipc::sanitized)
    ++world_.used[sender][QuotaKind::Transfers];
    Node& carried = world_.derive(*node.object, &node, fakes::reference::kInFlight, 0, rights, node.end);
    flights_.push_back({message, &carried, sender, moves && is_region});
    if (moves) close(node);
  }
  /// A message arrives, or is dropped on the way.
  void arrive() {
    if (flights_.empty()) return;
    const unsigned place = below(flights_.size());
    Flight flight = flights_[place];
    const int to = static_cast<int>(below(kSilos));
    Node* const carried = flight.node;
    if (one_in(4)) {
      ipc::drop(flight.message.attachment);
      finish();
    } else {
      const auto acceptable = ipc::acceptable(flight.message.attachment, thread_of(to));
      const bool pays = carried != nullptr && flight.moves_region && carried->object->maker != to;
      const bool may = carried == nullptr || (has_room(to) && (!pays || affords(to, carried->object->charges)));
      check(acceptable.ok() == may, "accepted or refused wrongly");
      if (!acceptable.ok()) return;
      thread_of(to).completion.delivery.message = flight.message;
      install_delivered(unlocked(), thread_of(to));
      const ipc::Message& got = thread_of(to).completion.delivery.message;
      check(((got.flags & abi::kFlagTransfer) != 0) == (carried != nullptr), "arrived with or without");
      if (pays) world_.charge_to(*carried->object, to);
      if (carried != nullptr) {
        check(got.word[2] == carried->rights, "arrived with other rights");
        world_.derive(*carried->object, carried, to, got.word[3], carried->rights, carried->end);
      }
    }
    --world_.used[flight.sender][QuotaKind::Transfers];
    flights_.erase(flights_.begin() + place);
    if (carried != nullptr) end_node(*carried);
  }

  /// Out of the reference, with what it means there.
  void end_node(Node& node) {
    fakes::reference::Object& object = *node.object;
    world_.end(node);
    after_ends(object);
  }
  void after_ends(fakes::reference::Object& object) {
    for (Flight& flight : flights_)
      if (flight.node != nullptr && flight.node->is_gone()) flight.node = nullptr;
    world_.settle(object);
  }
  Node* published(int name) {
    for (Node* const node : world_.alive)
      if (node->place == fakes::reference::kPublished + name) return node;
    return nullptr;
  }

  void publish_or_not() {
    const int name = static_cast<int>(below(kNames));
    Node* const there = published(name);
    if (there != nullptr && one_in(3)) {
      check(unpublish(unlocked(), *silo_[name], kName[name]).ok(), "a name is taken back");
      return end_node(*there);
    }
    Node* const node = any_entry();
    if (node == nullptr || node->object->type != ObjectType::Port || !node->has(Right::PortReceive)) return;
    const bool may = node->place == name && node->has(Right::Grant) && node->has(Right::PortSend) &&
                     node->has(Right::PortCall) && there == nullptr;
    const auto outcome = publish(unlocked(), *silo_[node->place], real(*node), argument_of(kName[name]));
    check(outcome.ok() == may, "published or refused wrongly");
    const std::uint64_t rights = (bit(Right::PortSend) | bit(Right::PortCall) | bit(Right::Duplicate)) & node->rights;
    if (outcome.ok()) world_.derive(*node->object, node, fakes::reference::kPublished + name, 0, rights, 0);
  }
  void connect_to_name() {
    const int name = static_cast<int>(below(kNames)), silo = static_cast<int>(below(kSilos));
    Node* const there = published(name);
    const auto handle = connect(unlocked(), thread_of(silo), argument_of(kName[name]));
    check(handle.ok() == (there != nullptr && silo != name && has_room(silo)), "connected or refused wrongly");
    if (handle.ok()) world_.derive(*there->object, there, silo, handle.value(), there->rights, 0);
  }

  void map_or_unmap(Node& node) {
    if (node.object->type != ObjectType::Region) return;
    Thread& thread = thread_of(node.place);
    Silo& silo = *silo_[node.place];
    ipc::WakeList wakes;
    if (!node.mapped.empty() && one_in(2)) {
      const base::SiloAddress address(node.mapped.back());
      static_cast<void>(unmap_region(unlocked(), thread, silo, real(node), address, wakes));
      finish();
      check(thread.completion.status.ok(), "unmapped");
      node.mapped.pop_back();
      --world_.mappings;
      --world_.used[node.place][QuotaKind::MappedPages];
      return;
    }
    const bool writes = one_in(2);
    const bool may =
        node.has(writes ? Right::RegionWrite : Right::RegionRead) && affords(node.place, {{QuotaKind::MappedPages, 1}});
    const auto access = writes ? port::Access::ReadWrite : port::Access::Read;
    static_cast<void>(map_region(unlocked(), thread, silo, real(node), access, wakes));
    finish();
    check(thread.completion.status.ok() == may, "mapped or refused wrongly");
    if (!thread.completion.status.ok()) return;
    node.mapped.push_back(thread.completion.delivery.message.word[0]);
    ++world_.mappings;
    ++world_.used[node.place][QuotaKind::MappedPages];
  }

  void close(Node& node) {
    const int silo = node.place;
    const std::uint64_t handle = node.handle;
    check(close_handle(unlocked(), *silo_[silo], handle).ok(), "closed");
    end_node(node);
    check(!silo_[silo]->capabilities.lookup(handle).ok(), "an old handle means nothing");
  }
  void revoke(Node& node) {
    if (!node.has(Right::Revoke)) return;
    Thread& thread = thread_of(node.place);
    begin_revoke(thread, real(node));
    thread.waiting = ipc::Waiting::Kernel;
    finish();
    const std::uint64_t ended = thread.completion.delivery.message.word[0];
    fakes::reference::Object& object = *node.object;
    check(thread.completion.status.ok() && ended == world_.revoke(node), "how many were revoked");
    after_ends(object);
  }
  void stop_silo(int silo) {
    give_up_capabilities(*silo_[silo]);
    finish();
    std::vector<Node*> gone;
    for (Node* const node : world_.alive)
      if (node->place == silo) gone.push_back(node);
    for (Node* const node : gone)
      if (!node->is_gone()) end_node(*node);
    // A name ends with the silo that published it.
    if (Node* const there = silo < kNames ? published(silo) : nullptr; there != nullptr) end_node(*there);
  }

  void step() {
    Node* const node = any_entry();
    operation_ = below(100);
    // A reference that only grows is slow, and so is a test in which nothing ever ends.
    if (node != nullptr && node->object->nodes.size() > kNodesOfObject) operation_ = 75;
    if (operation_ < 14 || node == nullptr) return make_something();
    if (operation_ < 36) return duplicate(*node);
    if (operation_ < 48) return grant(*node);
    if (operation_ < 55) return send(*node);
    if (operation_ < 62) return arrive();
    if (operation_ < 64) return publish_or_not();
    if (operation_ < 67) return connect_to_name();
    if (operation_ < 71) return map_or_unmap(*node);
    if (operation_ < 74) return revoke(*node);
    if (operation_ < 99 || !one_in(20)) return close(*node);
    stop_silo(static_cast<int>(below(kSilos)));
  }

  /// Exactly what the reference says exists.
  void compare() {
    const ObjectCounts now = object_counts(unlocked());
    const auto equal = [&](ObjectType type, std::uint32_t count, std::uint32_t before, const char* text) {
      check(count - before == world_.count[type], text);
    };
    equal(ObjectType::Port, now.ports, before_.ports, "ports");
    equal(ObjectType::Channel, now.channels, before_.channels, "channels");
    equal(ObjectType::AsyncChannel, now.async_channels, before_.async_channels, "AsyncChans");
    equal(ObjectType::Notification, now.notifications, before_.notifications, "notifications");
    equal(ObjectType::Semaphore, now.semaphores, before_.semaphores, "semaphores");
    equal(ObjectType::Timer, now.timers, before_.timers, "timers");
    equal(ObjectType::Region, now.regions, before_.regions, "regions");
    check(now.mappings - before_.mappings == world_.mappings, "mappings");
    check(live_transfers() - transfers_before_ == flights_.size(), "transfers");
  }
  void compare_silos() {
    for (int i = 0; i < kSilos; ++i) {
      check(silo_[i]->capabilities.live() == world_.entries[i], "entries of a table");
      for (std::size_t kind = 0; kind < abi::kQuotaKinds; ++kind) {
        const auto one = static_cast<QuotaKind>(kind);
        check(silo_[i]->quota(one).used() == world_.used[i][one], "a quota");
      }
    }
  }
  /// Everything ends: nothing is left anywhere.
  void end_everything() {
    while (!flights_.empty()) arrive();
    for (int i = 0; i < kSilos; ++i) stop_silo(i);
    check(world_.alive.empty() && world_.objects.empty(), "nothing is alive");
    compare();
    compare_silos();
    const ObjectCounts now = object_counts(unlocked());
    check(now.async_chunks == before_.async_chunks, "chunks of AsyncChans");
    check(now.messages.taken == before_.messages.taken, "messages");
    check(now.messages.reserved == before_.messages.reserved, "reserved messages");
    check(kernel_pages_left(unlocked()).value() == pages_before_, "kernel pages");
    check(free_frames() == frames_before_, "frames");
    for (Silo* const silo : silo_) check(silo->shared.ground.count() == 0, "ground");
  }

  std::vector<Silo*> silo_;
  fakes::reference::World world_{kSilos};
  std::vector<Flight> flights_;
  std::mt19937_64 random_{20'261'126};
  ObjectCounts before_;
  std::uint32_t transfers_before_;
  std::uint64_t pages_before_, frames_before_;
  std::size_t step_ = 0;
  unsigned operation_ = 0;
  bool broken_ = false;
};

TEST_F(CapabilityProperty, P12_destruction_is_exactly_at_the_last_capability_and_everything_comes_back) {
  const char* const wanted = std::getenv("GRANARY_PROPERTY_STEPS");
  const std::size_t steps = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 300'000;
  for (step_ = 1; step_ <= steps && !broken_; ++step_) {
    step();
    finish();
    compare();
    if (step_ % 64 == 0) compare_silos();
    if (step_ % kRound == 0) end_everything();
  }
  end_everything();
}

}  // namespace
}  // namespace kernel
