// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of ports, and the pool of message nodes, which channels use as well. The pool of ports is touched
// in shared sections; message nodes have a lock of their own.
#include <span>

#include "kernel/core.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/published_names.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kAllRights = rights_of_type(abi::ObjectType::Port);

constinit ObjectPool<PortObject> pool;
constinit ipc::MessagePool nodes;
/// Promised to quotas and to objects of the manifest; there are at least as many.
constinit std::uint32_t backed_nodes = 0;

void free_port(Unlocked unlocked, PortObject& port) {
  port.readable.forget();
  port.writable.forget();
  // Who has received owes replies to calls that came through this port: the owner's threads, and any other of this core
  // to which a receiving capability was passed on.
  for (Thread* const thread : all_threads()) {
    if (thread->core().is_this_core()) ipc::forget_port(*thread, port);
  }
  nodes.release(unlocked, abi::kPortQueueCapacity);
  if (port.is_charged) port.owner.quota(abi::QuotaKind::Ports).give_back(1);
  pool.give_back(port);
}

}  // namespace

PortObject::PortObject(ipc::MessagePool& its_nodes, Silo& owner_silo, bool charged)
    : Port(its_nodes), owner(owner_silo), is_charged(charged) {
  home = owner_silo.home;
  sole_core = home;
}

ipc::MessagePool& message_pool() { return nodes; }

base::Result<void> back_message_nodes(Unlocked unlocked, std::uint32_t count) {
  while (nodes.counts(unlocked).nodes < backed_nodes + count) {
    std::byte* const page = TRY(allocate_kernel_page(unlocked));
    nodes.add_memory(unlocked, std::span<std::byte>(page, base::kPageSize));
  }
  backed_nodes += count;
  return {};
}

base::Result<void> back_ports(Unlocked unlocked, std::uint32_t ports) {
  TRY(pool.reserve(unlocked, ports));
  return back_message_nodes(unlocked, ports * abi::kPortQueueCapacity);
}

std::uint32_t live_ports() { return pool.live(); }

base::Result<std::uint64_t> create_port(Unlocked unlocked, Silo& creator) {
  if (creator.capabilities.room() < 1) return base::Error::ENOSPC;
  Quota& quota = creator.quota(abi::QuotaKind::Ports);
  TRY(quota.charge(1));
  const auto reserved = nodes.reserve(unlocked, abi::kPortQueueCapacity);
  if (!reserved.ok()) {
    quota.give_back(1);
    return reserved.error();
  }
  const auto made = pool.create(unlocked, nodes, creator, true);
  if (!made.ok()) {
    nodes.release(unlocked, abi::kPortQueueCapacity);
    quota.give_back(1);
    return made.error();
  }
  return creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 0});
}

base::Result<PortObject*> make_manifest_port(Unlocked unlocked, Silo& owner, std::string_view name) {
  TRY(back_ports(unlocked, 1));
  TRY(nodes.reserve(unlocked, abi::kPortQueueCapacity));
  PortObject* const port = TRY(pool.create(unlocked, nodes, owner, false));
  port->name = base::FixedName(name);
  return port;
}

void destroy_port(PortObject& port) {
  // Nothing new gets in from now on; who waits there is told by reap(). On another core, which may be in the middle of
  // calling its receiver directly, it begins with that core's first step.
  ipc::WakeList nobody;
  if (port.home == this_core().id().value()) static_cast<void>(port.destroy(0, nobody));
  begin_ending(port);
}

bool end_port(Unlocked unlocked, PortObject& port, ipc::WakeList& wakes) {
  // A name that is withdrawn is a departure of its own, after which the port comes up here again.
  if (forget_published(unlocked, port)) return false;
  if (!port.destroy(kReapParties, wakes)) return false;
  if (port.home == this_core().id().value() && !this_core().send_visitors_on(port, kReapParties)) return false;
  // Without a receiver nobody can take what was sent.
  if (port.givers == 0) port.drain(unlocked);
  if (port.references != 0 || port.is_kept) return true;
  // Who watched it is still being told.
  if (port.readable.is_watched() || port.writable.is_watched()) return false;
  free_port(unlocked, port);
  return true;
}

}  // namespace kernel
