// SPDX-License-Identifier: Apache-2.0
//
// A kernel with a mistake in it: each variant (`test=` in the boot arguments) breaks one invariant that the kernel's
// own code checks, and the kernel must die there; run_target.py looks whether the epitaph leads to that very check.
// Variant `exhaust` is no mistake: each pool is used up, who asks for more is told so, and the kernel goes on.
#include <cstddef>
#include <span>

#include "ipc/async_ring.hpp"
#include "ipc/message_pool.hpp"
#include "ipc/party.hpp"
#include "ipc/port.hpp"
#include "ipc/watch.hpp"
#include "kernel/frame_allocator.hpp"
#include "kernel/kernel_memory.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/trace.hpp"
#include "kernel/vmid_allocator.hpp"
#include "test/target/harness.hpp"

// There is no trace here.
namespace kernel {
constinit bool detail::tracing = false;
void trace(abi::TraceEvent, const Thread*, std::uint64_t, std::uint64_t) {}
}  // namespace kernel

namespace target {

namespace {

using base::Error;

constexpr std::uint64_t kArenaPages = 32;
alignas(4096) constinit std::byte arena[kArenaPages * base::kPageSize] = {};

struct Thing {
  base::ListNode<Thing> node;
  std::uint64_t padding[20] = {};
};
using List = base::IntrusiveList<Thing, &Thing::node>;

constinit Thing thing, other_thing;
constinit List list, other_list;
constinit kernel::ObjectPool<Thing> things;
constinit ipc::MessagePool nodes;
constinit ipc::Party server, caller;
constinit ipc::WatchPoint point;

kernel::Unlocked held() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

void begin_memory() {
  const auto begun = kernel::initialize_kernel_memory(held(), physical_address_of(arena), arena, sizeof arena);
  check(begun.ok(), "the kernel has memory");
}

/// Out of a page of kernel memory.
void give_nodes(std::uint32_t reserved) {
  std::byte* const page = kernel::allocate_kernel_page(held()).value();
  nodes.add_memory(held(), std::span<std::byte>(page, base::kPageSize));
  check(nodes.reserve(held(), reserved).ok(), "nodes are set aside");
}

base::Result<int> fails() { return Error::EINVAL; }

// A function for each, not inlined: the compiler makes one trap of all those in a function, and says one line for it.

[[gnu::noinline]] void list_twice() {
  list.push_back(thing);
  list.push_back(thing);
}
[[gnu::noinline]] void list_of_another() {
  other_list.push_back(other_thing);
  list.remove(other_thing);
}
[[gnu::noinline]] void no_value() { remark("{}", fails().value()); }

void page_twice() {
  std::byte* const page = kernel::allocate_kernel_page(held()).value();
  kernel::free_kernel_page(held(), page);
  kernel::free_kernel_page(held(), page);
}
void page_misaligned() { kernel::free_kernel_page(held(), kernel::allocate_kernel_page(held()).value() + 8); }
void address_of_no_arena() { remark("{}", kernel::physical_address_of(&thing)); }
[[gnu::noinline]] void give_back(Thing& made) { things.give_back(made); }
void object_twice() {
  Thing& made = *things.create(held()).value();
  give_back(made);
  give_back(made);
}

void node_beyond_reservation() {
  give_nodes(1);
  static_cast<void>(nodes.take(held()));
  static_cast<void>(nodes.take(held()));
}
void node_never_taken() {
  give_nodes(1);
  ipc::QueuedMessage& node = nodes.take(held());
  nodes.give(held(), node);
  nodes.give(held(), node);
}
void reservation_never_made() {
  give_nodes(1);
  nodes.release(held(), 2);
}
void reply_beyond_the_limit() {
  ipc::Port port(nodes);
  for (unsigned i = 0; i <= abi::kOwedRepliesMaximum; ++i) static_cast<void>(server.owed.add(caller, port));
}
void watched_to_the_end() {
  caller.waiting = ipc::Waiting::Any;
  point.add(caller.watches[0]);
  point.forget();
}

struct Mistake {
  std::string_view name;
  void (*make)();
};
constexpr Mistake kMistakes[] = {
    {"list_twice", list_twice},
    {"list_of_another", list_of_another},
    {"no_value", no_value},
    {"page_twice", page_twice},
    {"page_misaligned", page_misaligned},
    {"address_of_no_arena", address_of_no_arena},
    {"object_twice", object_twice},
    {"node_beyond_reservation", node_beyond_reservation},
    {"node_never_taken", node_never_taken},
    {"reservation_never_made", reservation_never_made},
    {"reply_beyond_the_limit", reply_beyond_the_limit},
    {"watched_to_the_end", watched_to_the_end},
};

/// Takes until there is no more: the error of the last one.
template <typename Take>
std::uint64_t exhaust(Take take) {
  for (std::uint32_t count = 0; count < 1'000'000; ++count) {
    const auto taken = take();
    if (!taken.ok()) return static_cast<std::uint64_t>(taken.error());
  }
  return 0;
}
constexpr std::uint64_t number(Error error) { return static_cast<std::uint64_t>(error); }

void exhaust_all() {
  check_equal(exhaust([] { return things.create(held()); }), number(Error::ENOMEM),
              "objects of a kind end with ENOMEM");
  check_equal(exhaust([] { return kernel::allocate_kernel_page(held()); }), number(Error::ENOMEM),
              "pages of the kernel end with ENOMEM");
  check_equal(exhaust([] { return things.create(held()); }), number(Error::ENOMEM), "and no object can be made then");
  check_equal(exhaust([] { return nodes.reserve(held(), 1); }), number(Error::ENOMEM), "message nodes end with ENOMEM");
  check_equal(kernel::kernel_pages_left(held()).value(), 0, "nothing is left");
  kernel::VmidAllocator& vmids = *[] {
    static constinit kernel::VmidAllocator all;
    return &all;
  }();
  check_equal(exhaust([&] { return vmids.allocate(); }), number(Error::EAGAIN), "VMIDs end with EAGAIN");
  check_equal(vmids.live(), kernel::VmidAllocator::kVmids - 1, "all but VMID 0 have owners");
  kernel::FrameAllocator& frames = *[] {
    static constinit kernel::FrameAllocator all;
    return &all;
  }();
  check(frames.add({base::PhysicalAddress(0x8000'0000), base::PageCount(64)}).ok(), "there are frames for silos");
  check_equal(exhaust([&] { return frames.allocate(base::PageCount(1), base::SiloAddress(0)); }), number(Error::ENOMEM),
              "frames of silos end with ENOMEM");
  const auto scatter = [&, at = std::uint64_t{0}]() mutable {
    return frames.add({base::PhysicalAddress(0x9000'0000 + (at++) * 2 * base::kPageSize), base::PageCount(1)});
  };
  check_equal(exhaust(scatter), number(Error::ENOSPC), "ranges of frames end with ENOSPC");
}

}  // namespace

void run_test() {
  const std::string_view how = variant();
  begin_memory();
  if (how.empty() || how == "exhaust") {
    exhaust_all();
    return;
  }
  remark("breaking {}", how);
  for (const Mistake& mistake : kMistakes) {
    if (mistake.name == how) mistake.make();
  }
  check(false, "this kernel was to die");
}

}  // namespace target
