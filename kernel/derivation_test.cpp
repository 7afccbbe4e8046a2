// SPDX-License-Identifier: Apache-2.0
//
// The list of brackets against a tree that remembers who was derived from whom.
#include "test/fakes/host_prelude.hpp"

#include "kernel/derivation.hpp"

#include <map>
#include <random>
#include <set>

#include "kernel/capability.hpp"
#include "kernel/kernel_memory.hpp"
#include "test/fakes/fake_arena.hpp"

namespace kernel {
namespace {

/// Capabilities to one object, and for each the one that it was derived from (null: a root) as far as that still lives.
struct Derivation : testing::Test {
  static constexpr unsigned kPlaces = 64;
  fakes::Arena arena{80};
  ipc::Object object{abi::ObjectType::Console};
  Capability* place = static_cast<Capability*>(static_cast<void*>(allocate_kernel_page(fakes::unlocked()).value()));
  std::map<Capability*, Capability*> parent;

  Capability& make(unsigned index, Capability* derived_from) {
    Capability& capability = *::new (&place[index]) Capability{};
    capability.object = &object;
    if (derived_from != nullptr) {
      derivation::link_child(capability, *derived_from);
    } else {
      derivation::link_root(capability);
    }
    parent[&capability] = derived_from;
    return capability;
  }
  void close(Capability& capability) {
    derivation::unlink(capability);
    for (auto& [child, its_parent] : parent) {
      if (its_parent == &capability) its_parent = parent[&capability];
    }
    parent.erase(&capability);
  }
  std::set<Capability*> derived_from(const Capability& ancestor) const {
    std::set<Capability*> found;
    for (const auto& [capability, unused] : parent) {
      for (const Capability* at = parent.at(capability); at != nullptr; at = parent.at(const_cast<Capability*>(at))) {
        if (at == &ancestor) found.insert(capability);
      }
    }
    return found;
  }
  /// What a revoke from `ancestor` ends, one after the other.
  std::set<Capability*> revoke(Capability& ancestor) {
    std::set<Capability*> ended;
    while (Capability* const next = derivation::first_derived(ancestor)) {
      ended.insert(next);
      close(*next);
    }
    return ended;
  }
};

TEST_F(Derivation, E13_a_child_orphaned_by_the_close_of_one_sibling_does_not_fall_to_the_next) {
  Capability& root = make(0, nullptr);
  Capability& first = make(1, &root);
  Capability& child = make(2, &first);
  Capability& second = make(3, &root);
  close(first);
  EXPECT_EQ(derivation::first_derived(second), nullptr);
  EXPECT_EQ(revoke(second).size(), 0u);
  EXPECT_EQ(revoke(root), (std::set<Capability*>{&child, &second}));
}

TEST_F(Derivation, E13_a_hundred_thousand_random_steps_agree_with_a_tree) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return static_cast<unsigned>(random() % limit); };
  std::uint64_t revoked = 0;
  for (int step = 0; step < 100'000; ++step) {
    const unsigned index = below(kPlaces);
    Capability& capability = place[index];
    if (!parent.contains(&capability)) {
      Capability* from = nullptr;
      if (!parent.empty() && below(8) != 0) from = std::next(parent.begin(), below(parent.size()))->first;
      make(index, from);
    } else if (below(4) == 0) {
      const std::set<Capability*> expected = derived_from(capability);
      ASSERT_EQ(revoke(capability), expected);
      revoked += expected.size();
    } else {
      close(capability);
    }
  }
  EXPECT_GT(revoked, 5'000u);
  while (!parent.empty()) close(*parent.begin()->first);
  EXPECT_EQ(object.first_capability, 0u);
}

TEST_F(Derivation, of_the_manifest_comes_from_the_giver) {
  Capability& a = make(0, nullptr);
  Capability& giver = make(1, nullptr);
  Capability& b = make(2, nullptr);
  giver.rights = static_cast<std::uint64_t>(abi::Right::ConsoleWrite);
  EXPECT_EQ(derivation::find_with(object, abi::Right::ConsoleWrite), &giver);
  EXPECT_EQ(derivation::find_with(object, abi::Right::Grant), nullptr);
  derivation::derive_all_from(giver);
  parent[&a] = parent[&b] = &giver;
  EXPECT_EQ(revoke(giver), (std::set<Capability*>{&a, &b}));
  derivation::derive_all_from(giver);
  EXPECT_EQ(derivation::first_derived(giver), nullptr);
}

}  // namespace
}  // namespace kernel
