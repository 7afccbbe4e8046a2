// SPDX-License-Identifier: Apache-2.0
//
// Writes all of a disk and reads it back, while other clients die in the middle of their requests; then what the driver
// must refuse. The verdict is this silo's.
#include <algorithm>

#include <drivers/block_client.hpp>
#include "check.hpp"
#include "disk_pattern.hpp"
#include "handles.hpp"

using namespace conformance;
using drivers::BlockOperation;
using drivers::BlockStatus;
using drivers::Disk;
using drivers::kSectorBytes;

namespace {

constexpr unsigned kMeanwhile = 4, kAlone = 2;  ///< clients that die while this one works, and while it is quiet
constexpr std::uint64_t kAtOnce = drivers::kWindowBytes / kSectorBytes;

/// Meanwhile it is the turn of others to die, evenly spread.
bool write_all(Disk& disk, std::uint64_t sectors, unsigned turns) {
  unsigned begun = 0;
  for (std::uint64_t first = 0; first < sectors; first += kAtOnce) {
    if (begun < turns && first >= sectors / turns * begun) {
      handles::turn.post().value();
      ++begun;
    }
    const std::uint64_t count = std::min(kAtOnce, sectors - first);
    for (std::uint64_t i = 0; i < count; ++i) disk_pattern::fill(&disk.window()[i * kSectorBytes], first + i);
    if (!disk.write(first, count)) return false;
  }
  return true;
}

/// In pieces of another size, so that nothing is right only because it was written alike.
bool read_all(Disk& disk, std::uint64_t sectors) {
  constexpr std::uint64_t kPiece = 96, kOffset = 16 * kSectorBytes;
  for (std::uint64_t first = 0; first < sectors; first += kPiece) {
    const std::uint64_t count = std::min(kPiece, sectors - first);
    std::fill_n(disk.window().begin(), disk.window().size(), std::byte{0x5a});
    if (!disk.read(first, count, kOffset)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!disk_pattern::holds(&disk.window()[kOffset + i * kSectorBytes], first + i)) return false;
    }
  }
  return true;
}

bool have_ended(std::size_t count) {
  constexpr Silo kOthers[] = {handles::dying_1, handles::dying_2, handles::dying_3,
                              handles::dying_4, handles::dying_5, handles::dying_6};
  const auto ended = std::count_if(std::begin(kOthers), std::end(kOthers), [](const Silo& other) {
    const auto status = other.status();
    return status && status->state == abi::SiloState::Exited;
  });
  return static_cast<std::size_t>(ended) == count;
}

void check_refused(Disk& disk, std::uint64_t first, std::uint64_t sectors, std::uint64_t offset, BlockStatus why,
                   const char* text) {
  const bool is_read = disk.read(first, sectors, offset).ok();
  check(!is_read && disk.why() == why, text);
}

void check_refusals(Disk& disk) {
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  check_refused(disk, disk.sectors(), 1, 0, BlockStatus::BeyondDisk, "the sector behind the last is refused");
  check_refused(disk, disk.sectors() - 1, 2, 0, BlockStatus::BeyondDisk, "so are two sectors of which one is there");
  check_refused(disk, kHuge, 2, 0, BlockStatus::BeyondDisk, "and a sum that overflows");
  check_refused(disk, 0, 0, 0, BlockStatus::BeyondWindow, "no sectors are refused");
  check_refused(disk, 0, kAtOnce + 1, 0, BlockStatus::BeyondWindow, "so are more than the window holds");
  check_refused(disk, 0, kAtOnce, 1, BlockStatus::BeyondWindow, "and more than behind the offset");
  check_refused(disk, 0, 1, kHuge - 3, BlockStatus::BeyondWindow, "and an offset that overflows");
  check_refused(disk, 0, kHuge / kSectorBytes + 2, 0, BlockStatus::BeyondWindow, "and a product that overflows");
  check_equal(handles::disk.call({99, {}}).value().opcode, static_cast<std::uint64_t>(BlockStatus::UnknownOperation),
              "an operation that does not exist is refused");
  check_ok(handles::disk.send({static_cast<std::uint64_t>(BlockOperation::Open), {}}),
           "an Open that is not a call is survived");
  check_equal(handles::disk.call({static_cast<std::uint64_t>(BlockOperation::Open), {}}).value().opcode,
              static_cast<std::uint64_t>(BlockStatus::NotOpen), "an Open that takes no window gets none");
}

/// Nothing is closed: each handle would keep memory of the driver's, if it could.
bool opens_and_keeps() {
  for (int i = 0; i < 20; ++i) {
    const auto answer = handles::disk.call_accepting({static_cast<std::uint64_t>(BlockOperation::Open), {}});
    if (!answer || !answer->carried) return false;
  }
  return true;
}

bool opens_again(const Disk& disk) {
  if (!opens_and_keeps()) return false;
  Disk again = Disk::open(handles::disk).value();
  std::fill_n(disk.window().begin(), 8, std::byte{0x77});
  const bool is_same = again.window()[7] == std::byte{0x77};
  again.close();
  return is_same;
}

bool opens_and_closes() {
  for (int i = 0; i < 20; ++i) {
    Result<Disk> disk = Disk::open(handles::disk);
    if (!disk || disk->window()[7] != std::byte{0}) return false;
    disk->window()[7] = std::byte{1};
    disk->close();
  }
  return true;
}

}  // namespace

int main() {
  Disk disk = Disk::open(handles::disk).value();
  const std::uint64_t sectors = disk.sectors() - disk_pattern::kReserved;
  const auto begin = Clock::now();
  check(write_all(disk, sectors, kMeanwhile), "all of the disk is written");
  check_ok(disk.flush(), "and flushed");
  const auto written = Clock::now();
  check(read_all(disk, sectors), "and read back as it was written");
  const auto read = Clock::now();
  // A small disk is done before all others have died.
  bool is_right = true;
  unsigned passes = 1;
  for (; is_right && !have_ended(kMeanwhile) && passes < 1000; ++passes)
    is_right = write_all(disk, sectors, 0) && read_all(disk, sectors);
  check(is_right, "and so again as long as others die");
  check(have_ended(kMeanwhile), "four clients have died meanwhile");
  for (unsigned i = 1; i <= kAlone; ++i) {
    handles::turn.post().value();
    check(eventually([&] { return have_ended(kMeanwhile + i); }), "and one while there was no other");
  }
  const auto lost = [] { return handles::disk.stats().value().replies_lost; };
  check(eventually([&] { return lost() != 0; }), "some of them when the driver had taken their request");
  check(read_all(disk, sectors), "the driver works on");
  check_refusals(disk);
  check_ok(disk.read(0, 1), "after that it has the window that it had");
  check(opens_again(disk), "who opens again and again has one window all the time");
  disk.close();
  check(opens_and_keeps(), "who keeps the handles of windows that it does not use keeps no memory");
  check(opens_and_closes(), "and who gives it up again and again gets a new one each time");
  Disk again = Disk::open(handles::disk).value();
  check(read_all(again, kAtOnce), "and a new one works");
  printf("# %" PRIu64 " KiB written in %lld ms, read in %lld ms; %u times in all, %" PRIu64 " answers lost\n",
         sectors / 2,
         static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(written - begin).count()),
         static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(read - written).count()), passes,
         lost());
  const int failed = finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
