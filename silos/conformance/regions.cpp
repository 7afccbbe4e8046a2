// SPDX-License-Identifier: Apache-2.0
//
// Shared regions, as one silo sees them: making, mapping, unmapping, closing, all refusals, quotas, and what becomes of
// those who touch what is no longer theirs (regions_peer.cpp plays them). Manifest: quota = { regions = 8, region_pages
// = 300, mapped_pages = 600, ports = 1 }, thread helper, and the peers to observe.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "check.hpp"
#include "handles.hpp"
#include "regions_peer.hpp"

using namespace conformance;
using abi::FaultKind;
using abi::SiloState;

namespace {

constexpr std::size_t kPage = Region::kPageBytes;

std::uint64_t address_of(std::span<const std::byte> bytes) { return reinterpret_cast<std::uint64_t>(bytes.data()); }

bool is_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

void fill(std::span<std::byte> bytes, std::uint32_t seed) {
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    seed = seed * 1664525 + 1013904223;
    std::memcpy(&bytes[at], &seed, 4);
  }
}
bool is_filled(std::span<const std::byte> bytes, std::uint32_t seed) {
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    seed = seed * 1664525 + 1013904223;
    if (std::memcmp(&bytes[at], &seed, 4) != 0) return false;
  }
  return true;
}

void creation() {
  const Region region = Region::create(3).value();
  const HandleInfo handle = region.handle_info().value();
  check(handle.type == abi::ObjectType::Region, "N5 a region's handle is of its type");
  check_equal(handle.rights,
              GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE | GRANARY_RIGHT_REGION_MOVE |
                  GRANARY_RIGHT_DUPLICATE | GRANARY_RIGHT_GRANT | GRANARY_RIGHT_REVOKE,
              "N5 and carries every right of a region");
  const RegionInfo info = region.info().value();
  check_equal(info.bytes, 3 * kPage, "N5 a region is whole pages");
  check_equal(info.mappings, 0, "N5 and is mapped nowhere at first");
  const std::span<std::byte> bytes = region.map(read_write).value();
  check_equal(bytes.size(), 3 * kPage, "N5 all of it is mapped");
  check(address_of(bytes) % kPage == 0, "N5 at a page");
  check(is_zero(bytes), "N5 and all of it is zero");
  region.close().value();

  check_error(Region::create(0), kInvalidArgument, "N5 a region of no pages is EINVAL");
  check_error(Region::create(~std::uint64_t{0}), kInvalidArgument, "N5 a region of all pages there can be is EINVAL");
  check_error(Region::create(GRANARY_REGION_PAGES_MAXIMUM + 1), kInvalidArgument, "N5 more than the maximum is EINVAL");
}

void two_mappings() {
  const Region region = Region::create(2).value();
  const std::span<std::byte> one = region.map(read_write).value();
  const std::span<std::byte> other = region.map(read_write).value();
  const std::span<std::byte> readable = region.map(read_only).value();
  check(address_of(one) != address_of(other), "E16 two mappings of one region have different addresses");
  fill(one, 1);
  check(is_filled(other, 1) && is_filled(readable, 1),
        "E16 and the same memory: what is written by one is read by the others");
  fill(other, 2);
  check(is_filled(one, 2) && is_filled(readable, 2), "E16 in both directions");
  const RegionInfo info = region.info().value();
  check(info.mappings == 3 && info.mappings_here == 3, "N5 REGION_INFO counts the mappings");
  check_ok(region.unmap(other), "N5 one of them is unmapped");
  check(is_filled(one, 2) && is_filled(readable, 2), "E16 the others and the memory stay");
  check_equal(region.info().value().mappings, 2, "N5 and are counted");
  check_ok(region.unmap(one), "N5 the second is unmapped");
  check_ok(region.unmap(readable), "N5 the last is unmapped");
  check(is_filled(region.map(read_only).value(), 2), "N5 mapped again, a region holds what it held");
  region.close().value();
}

void addresses() {
  const Region first = Region::create(2).value();
  const Region second = Region::create(3).value();
  const std::uint64_t a = address_of(first.map(read_write).value());
  const std::uint64_t b = address_of(second.map(read_write).value());
  check(b >= a + 3 * kPage || a >= b + 4 * kPage, "N5 between two mappings there is at least a page");
  check_error(second.unmap(std::span(reinterpret_cast<std::byte*>(a), 1)), kInvalidArgument,
              "N5 a region does not unmap another region's mapping");
  check_error(first.unmap(std::span(reinterpret_cast<std::byte*>(a + kPage), 1)), kInvalidArgument,
              "N5 nor a part of its own");
  check_error(first.unmap(std::span(reinterpret_cast<std::byte*>(0x10000), 1)), kInvalidArgument,
              "N5 nor the silo's text");
  check_error(first.unmap({}), kInvalidArgument, "N5 nor address 0");
  first.unmap(std::span(reinterpret_cast<std::byte*>(a), 1)).value();
  check_error(first.unmap(std::span(reinterpret_cast<std::byte*>(a), 1)), kInvalidArgument, "N5 nor the same twice");
  check_equal(address_of(first.map(read_write).value()), a, "N5 the lowest gap is used first");
  first.close().value();
  second.close().value();
}

void rights() {
  const Region region = Region::create(1).value();
  const Region reads = region.duplicate(GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_DUPLICATE).value();
  check_error(reads.map(read_write), kNotPermitted, "N5 lent for reading, it cannot be mapped for writing");
  check_ok(reads.map(read_only), "N5 but for reading");
  check_error(reads.duplicate(GRANARY_RIGHT_REGION_WRITE), kNotPermitted,
              "N5 and the right to write does not come back");
  const Region neither = region.duplicate(GRANARY_RIGHT_REGION_MOVE).value();
  check_error(neither.map(read_only), kNotPermitted, "N5 the right to give it away is no right to read");
  check_ok(neither.info(), "N5 every handle may ask how large it is");
  granary_region_map_result mapped;
  check_status(granary_region_map(region.value(), 0, &mapped), GRANARY_EINVAL, "E16 no access is EINVAL");
  check_status(granary_region_map(region.value(), 3, &mapped), GRANARY_EINVAL, "E16 an unknown access is EINVAL");
  check_status(granary_region_map(region.value(), 4, &mapped), GRANARY_EINVAL, "E16 execution cannot be asked for");
  check_error(Region(handles::console.value()).map(read_only), kNotPermitted, "B6 a handle of another type is EPERM");
  neither.close().value();
  reads.close().value();
  region.close().value();
  check_error(region.map(read_only), kBadHandle, "B6 a closed handle is EBADF");
  check_error(Region().map(read_only), kBadHandle, "B6 handle 0 is EBADF");
}

void ends() {
  const Region region = Region::create(2).value();
  const Region second = region.duplicate().value();
  const std::span<std::byte> by_first = region.map(read_write).value();
  const std::span<std::byte> by_second = second.map(read_write).value();
  fill(by_first, 3);
  check_ok(region.close(), "E16 the handle of one of two mappings is closed");
  check_equal(second.info().value().mappings, 1, "E16 its mapping is gone");
  check(is_filled(by_second, 3), "E16 the other handle's mapping stays");
  check_ok(second.close(), "E16 the last handle is closed");
  const Region again = Region::create(2).value();
  const std::span<std::byte> bytes = again.map(read_write).value();
  check(is_zero(bytes), "E16 and a new region is zero, whatever was there");
  again.close().value();
}

void quotas() {
  const Region large = Region::create(300).value();
  check_error(Region::create(1), kQuotaExceeded, "B8 pages beyond the quota are EDQUOT");
  const std::span<std::byte> bytes = large.map(read_write).value();
  check(is_zero(bytes), "N5 a region of 300 pages, made in steps, is zero");
  fill(bytes, 4);
  const std::span<std::byte> twice = large.map(read_only).value();
  check(is_filled(twice, 4), "E16 each of its pages is where it belongs");
  check_error(large.map(read_only), kQuotaExceeded, "B8 mapped pages beyond the quota are EDQUOT");
  check_ok(large.unmap(twice), "N5 300 pages are unmapped");
  check_ok(large.map(read_only), "B8 and their quota is back");
  const Region another = large.duplicate().value();
  large.close().value();
  check_error(Region::create(1), kQuotaExceeded, "B8 a region is charged as long as a handle names it");
  another.close().value();
  Region small[8];
  bool all = true;
  for (Region& region : small) {
    const Result<Region> made = Region::create(1);
    all = all && made.ok();
    if (made) region = *made;
  }
  check(all, "B8 the whole quota of regions can be used");
  check_error(Region::create(1), kQuotaExceeded, "B8 the number of regions has its own quota");
  int mappings = 0;
  while (mappings < 40 && small[0].map(read_only)) ++mappings;
  check_equal(static_cast<std::uint64_t>(mappings), GRANARY_MAPPINGS_PER_SILO_MAXIMUM,
              "N5 there can be 32 mappings at a time");
  check_error(small[1].map(read_only), kTableFull, "N5 one more is ENOSPC");
  for (const Region region : small) region.close().value();

  bool good = true;
  for (int i = 0; i < 300; ++i) {
    const Result<Region> region = Region::create(static_cast<std::uint64_t>(1 + i % 40));
    if (!region) {
      good = false;
      break;
    }
    const Result<std::span<std::byte>> mapped = region->map(read_write);
    good = good && mapped.ok() && (*mapped)[0] == std::byte{0} && mapped->back() == std::byte{0};
    if (mapped) (*mapped)[0] = mapped->back() = std::byte{0xff};
    good = good && region->close().ok();
  }
  check(good, "B8 300 regions made, used and closed one after the other: nothing is lost, and each was zero");
}

// ---- two threads ----

std::atomic<std::uint64_t> shared_place{0};
std::atomic<int> turn{0};

void threads() {
  const Region region = Region::create(4).value();
  const std::span<std::byte> bytes = region.map(read_write).value();
  shared_place = address_of(bytes);
  turn = 1;
  check(eventually([] { return turn == 2; }), "E16 another thread of the silo uses the mapping");
  check(word_at(address_of(bytes) + 2 * kPage) == 0x1234, "E16 and its words arrive");
  // A region of 200 pages is made in steps; meanwhile others of the same silo go on, by messages.
  turn = 3;
  bool good = true;
  for (int i = 0; i < 20; ++i) {
    const Result<Region> more = Region::create(200);
    good = good && more.ok() && more->map(read_only).ok() && more->close().ok();
  }
  turn = 4;
  check(good, "N5 20 large regions are made, mapped and closed while another thread does the same");
  check(eventually([] { return turn == 5; }), "N5 and that one succeeds as well");
  region.close().value();
}

// ---- silos that are stopped ----

void peer(Silo silo, FaultKind wanted, const char* text) {
  SiloStatus status = silo.status().value();
  eventually([&] {
    status = silo.status().value();
    return !status.running();
  });
  const bool holds = status.state == SiloState::Faulted && status.fault == wanted;
  check(holds, text);
  if (!holds)
    printf("# state %d, exit %d, fault %d at %#" PRIx64 "\n", static_cast<int>(status.state),
           static_cast<int>(status.exit_status), static_cast<int>(status.fault), status.fault_address);
}

}  // namespace

extern "C" void helper_main(std::uint64_t) {
  while (turn != 1) sleep_for(1ms);
  word_at(shared_place + 2 * kPage) = 0x1234;
  turn = 2;
  while (turn != 3) sleep_for(1ms);
  bool good = true;
  for (int i = 0; i < 20; ++i) {
    const Result<Region> more = Region::create(90);
    good = good && more.ok() && more->map(read_write).ok() && more->close().ok();
    yield();
  }
  while (turn != 4) sleep_for(1ms);
  if (good) turn = 5;
  exit_thread();
}

int main() {
  creation();
  two_mappings();
  addresses();
  rights();
  ends();
  quotas();
  threads();
  peer(handles::writes_read_only, FaultKind::Permission, "E16 writing a mapping for reading stops the silo");
  peer(handles::executes, FaultKind::Permission, "E16 executing a region stops the silo");
  peer(handles::touches_unmapped, FaultKind::Translation, "E16 touching what was unmapped stops the silo");
  peer(handles::touches_closed, FaultKind::Translation, "E16 touching what was closed stops the silo");
  peer(handles::overruns, FaultKind::Translation, "N5 the page behind a mapping stops who runs over its end");
  peer(handles::underruns, FaultKind::Translation, "N5 and the page before it");
  peer(handles::closes_in_use, FaultKind::Translation, "E16 a region that is closed under a thread stops it");
  return finish();
}
