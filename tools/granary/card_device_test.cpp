// SPDX-License-Identifier: Apache-2.0
//
// Which disks are refused as cards: with folders that look like the machine's.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/card_device.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

class CardDevice : public testing::Test {
 protected:
  CardDevice() { fs::create_directories(disks_.block); }
  ~CardDevice() override { fs::remove_all(folder_); }

  void disk(const std::string& name, const std::string& removable, const std::string& sectors,
            const std::string& type = "") {
    fs::create_directories(disks_.block / name / "device");
    std::ofstream(disks_.block / name / "removable") << removable << '\n';
    std::ofstream(disks_.block / name / "size") << sectors << '\n';
    if (!type.empty()) std::ofstream(disks_.block / name / "device/type") << type << '\n';
  }
  std::string refusal(const std::string& device) {
    Diagnostics diagnostics;
    refuse_device(device, 64 << 20, disks_, diagnostics);
    return test::printed(diagnostics);
  }

  fs::path folder_ = fs::temp_directory_path() / ("granary_card_test_" + std::to_string(getpid()));
  Disks disks_{folder_ / "block", folder_ / "mounts"};
};

TEST_F(CardDevice, takes_a_removable_disk_and_a_card_in_a_slot_of_its_own) {
  disk("sdz", "1", "131072");
  disk("mmcblk9", "0", "131072", "SD");
  EXPECT_EQ(refusal("/dev/sdz"), "");
  EXPECT_EQ(refusal("/dev/mmcblk9"), "");
}

TEST_F(CardDevice, refuses_the_machines_own_disks) {
  disk("sdz", "0", "131072");
  disk("mmcblk9", "0", "131072", "MMC");
  for (const char* device : {"/dev/sdz", "/dev/mmcblk9"})
    EXPECT_THAT(refusal(device),
                testing::HasSubstr("this disk is not removable, so it is no card; nothing was written"));
}

TEST_F(CardDevice, refuses_what_is_no_disk_or_a_part_of_one) {
  disk("sdz1", "1", "131072");
  std::ofstream(disks_.block / "sdz1/partition") << "1\n";
  EXPECT_THAT(refusal("/dev/sdz1"), testing::HasSubstr("this is a partition"));
  for (const char* device : {"/dev/null", "/dev/sdy", "/tmp/sdz", "card.img", "/dev/../sdz"})
    EXPECT_THAT(refusal(device), testing::HasSubstr("this is no disk")) << device;
}

TEST_F(CardDevice, refuses_a_card_that_is_mounted) {
  disk("sdz", "1", "131072");
  std::ofstream(disks_.mounts) << "proc /proc proc rw 0 0\n/dev/sdz1 /media/card vfat rw 0 0\n";
  EXPECT_THAT(refusal("/dev/sdz"), testing::HasSubstr("it is mounted at /media/card"));
}

TEST_F(CardDevice, refuses_a_card_that_is_too_small_or_not_there) {
  disk("sdz", "1", "131071");
  disk("sdy", "1", "0");
  EXPECT_THAT(refusal("/dev/sdz"), testing::HasSubstr("and the image 64 MiB"));
  EXPECT_THAT(refusal("/dev/sdy"), testing::HasSubstr("there is no card in it"));
}

TEST_F(CardDevice, is_written_whole) {
  fs::create_directories(folder_);
  const fs::path image = folder_ / "image", card = folder_ / "card";
  const std::string bytes((3 << 20) + 17, 'x');
  std::ofstream(image) << bytes;
  std::ofstream(card) << "";
  Diagnostics diagnostics;
  write_card(image, card, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  EXPECT_EQ(test::text_of(card), bytes);
  write_card(image, folder_ / "not_there", diagnostics);
  EXPECT_THAT(test::printed(diagnostics), testing::HasSubstr("the card cannot be written"));
}

}  // namespace
}  // namespace tool
