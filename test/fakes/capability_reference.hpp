// SPDX-License-Identifier: Apache-2.0
//
// What capabilities should do, said as simply as possible: each object has a list of nodes that only grows; a node has
// a parent, which may be gone (a ghost). What was derived from a node is what reaches it by parents. An object lives
// as long as one of its nodes does.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <map>
#include <memory>

#include "kernel/capability.hpp"

namespace fakes::reference {

inline constexpr int kGone = -1;
inline constexpr int kInFlight = 1000;   ///< in a message
inline constexpr int kPublished = 2000;  ///< under a name: this and its number

struct Object;

struct Node {
  Object* object = nullptr;
  Node* parent = nullptr;  ///< may be gone
  int place = kGone;       ///< number of the silo in whose table it is, or one of the above
  std::uint64_t handle = 0;
  std::uint64_t rights = 0;
  std::uint32_t end = 0;
  std::vector<std::uint64_t> mapped = {};  ///< addresses of what was mapped through it
  std::size_t position = 0;                ///< in World::alive

  bool is_gone() const { return place == kGone; }
  bool has(abi::Right right) const { return kernel::has_right(rights, right); }
  bool comes_from(const Node& other) const {
    for (const Node* above = parent; above != nullptr; above = above->parent)
      if (above == &other) return true;
    return false;
  }
};

/// What a quota was charged with for an object.
struct Charge {
  abi::QuotaKind kind;
  std::uint32_t amount;
};

struct Object {
  abi::ObjectType type;
  ipc::Object* real;
  int maker;  ///< who pays
  std::vector<Charge> charges;
  std::vector<std::unique_ptr<Node>> nodes = {};
  unsigned living = 0, givers = 0;
  bool is_dead = false;  ///< a port whose last receiver is gone
};

/// All of it. Silos are numbers.
class World {
 public:
  std::vector<Node*> alive;
  std::vector<std::unique_ptr<Object>> objects;
  std::map<abi::ObjectType, std::uint32_t> count;
  std::vector<std::map<abi::QuotaKind, std::uint32_t>> used;  ///< by silo
  std::vector<std::uint32_t> entries;                         ///< by silo: in its table
  std::uint32_t mappings = 0;

  explicit World(std::size_t silos) : used(silos), entries(silos) {}

  Object& make(abi::ObjectType type, ipc::Object* real, int maker, std::vector<Charge> charges) {
    objects.push_back(std::make_unique<Object>(Object{type, real, maker, std::move(charges)}));
    for (const Charge& charge : objects.back()->charges) used[maker][charge.kind] += charge.amount;
    ++count[type];
    return *objects.back();
  }
  Node& derive(Object& object, Node* parent, int place, std::uint64_t handle, std::uint64_t rights, std::uint32_t end) {
    object.nodes.push_back(std::make_unique<Node>(Node{&object, parent, place, handle, rights, end}));
    Node& node = *object.nodes.back();
    node.position = alive.size();
    alive.push_back(&node);
    ++object.living;
    if (is_giver(node)) ++object.givers;
    if (is_in_table(node)) ++entries[place];
    return node;
  }
  /// The node goes.
  void end(Node& node) {
    Object& object = *node.object;
    alive[node.position] = alive.back();
    alive[node.position]->position = node.position;
    alive.pop_back();
    if (is_in_table(node)) {
      --entries[node.place];
      mappings -= static_cast<std::uint32_t>(node.mapped.size());
      used[node.place][abi::QuotaKind::MappedPages] -= static_cast<std::uint32_t>(node.mapped.size());
    }
    if (is_giver(node)) --object.givers;
    --object.living;
    node.place = kGone;
    node.mapped.clear();
  }
  /// After the end of nodes: a port that nobody can receive from loses its name, an object that nobody names goes.
  void settle(Object& object) {
    if (object.type == abi::ObjectType::Port && object.givers == 0 && !object.is_dead) {
      object.is_dead = true;
      for (const auto& node : object.nodes)
        if (node->place >= kPublished) end(*node);
    }
    if (object.living != 0) return;
    for (const Charge& charge : object.charges) used[object.maker][charge.kind] -= charge.amount;
    --count[object.type];
    std::erase_if(objects, [&](const auto& one) { return one.get() == &object; });
  }
  void charge_to(Object& object, int silo) {
    for (const Charge& charge : object.charges) {
      used[object.maker][charge.kind] -= charge.amount;
      used[silo][charge.kind] += charge.amount;
    }
    object.maker = silo;
  }
  /// How many went.
  std::uint64_t revoke(const Node& from) {
    std::uint64_t ended = 0;
    for (const auto& node : from.object->nodes) {
      if (node->is_gone() || !node->comes_from(from)) continue;
      end(*node);
      ++ended;
    }
    return ended;
  }

  static bool is_in_table(const Node& node) { return node.place >= 0 && node.place < kInFlight; }
  static bool is_giver(const Node& node) {
    return kernel::has_right(node.rights, kernel::giving_right(node.object->type));
  }
};

}  // namespace fakes::reference
