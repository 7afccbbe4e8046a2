// SPDX-License-Identifier: Apache-2.0
//
// Which disks are cards, and writing to one (card_device.hpp).
#include "tools/granary/card_device.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "tools/granary/process.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

std::string word_in(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

/// The disk itself or a partition of it is mounted there.
std::string mounted_at(const std::string& device, const fs::path& mounts) {
  std::ifstream input(mounts);
  for (std::string line; std::getline(input, line);) {
    std::istringstream words(line);
    std::string what, where;
    words >> what >> where;
    if (what.starts_with(device)) return where;
  }
  return "";
}

}  // namespace

void refuse_device(const fs::path& device, std::uint64_t bytes, const Disks& disks, Diagnostics& diagnostics) {
  const Location at{device.string(), 0};
  std::error_code failure;
  const fs::path real = fs::weakly_canonical(device, failure);  // /dev/disk/by-id/... are links
  const fs::path about = disks.block / real.filename();
  if (real.parent_path() != "/dev" || !fs::exists(about))
    return diagnostics.error(at, "this is no disk",
                             "give the card's device, such as /dev/sdb or /dev/mmcblk0: see lsblk");
  if (fs::exists(about / "partition"))
    return diagnostics.error(at, "this is a partition, and the image is for a whole card",
                             "name the disk it is on, without the number at the end");
  // An SD slot of the machine's own says that it is fixed; what is in it says that it is an SD card.
  if (word_in(about / "removable") != "1" && word_in(about / "device/type") != "SD")
    return diagnostics.error(at, "this disk is not removable, so it is no card; nothing was written",
                             "put the card into a reader and see lsblk; by hand, dd writes anywhere");
  if (const std::string where = mounted_at(real.string(), disks.mounts); !where.empty())
    return diagnostics.error(at, "this card is in use: it is mounted at " + where, "unmount it: umount " + where);
  const std::uint64_t size = std::strtoull(word_in(about / "size").c_str(), nullptr, 10) * 512;
  if (size < bytes)
    diagnostics.error(at,
                      size == 0 ? "there is no card in it"
                                : "the card has " + size_text(size) + ", and the image " + size_text(bytes),
                      size == 0 ? "put one in" : "take a larger card");
}

void write_card(const fs::path& image, const fs::path& device, Diagnostics& diagnostics) {
  const auto failed = [&] {
    diagnostics.error({device.string(), 0}, std::string("the card cannot be written: ") + std::strerror(errno),
                      errno == EACCES ? "run the command with sudo" : "try another card or reader");
  };
  std::ifstream input(image, std::ios::binary);
  const int card = open(device.c_str(), O_WRONLY | O_EXCL | O_CLOEXEC);  // EXCL: busy if anybody else uses it
  if (card < 0) return failed();
  Progress progress("granary: writing " + device.string());
  const std::uint64_t all = fs::file_size(image);
  std::uint64_t written = 0;
  std::vector<char> block(1 << 20);
  while (written < all) {
    input.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto count = static_cast<std::size_t>(input.gcount());
    for (std::size_t done = 0; done < count;) {
      const ssize_t step = write(card, block.data() + done, count - done);
      if (step < 0) {
        failed();
        close(card);
        return;
      }
      done += static_cast<std::size_t>(step);
    }
    if (count == 0) break;
    written += count;
    progress.step(std::to_string(written >> 20) + " of " + std::to_string(all >> 20) + " MiB");
  }
  if (fsync(card) != 0) failed();
  close(card);
}

}  // namespace tool
