// SPDX-License-Identifier: Apache-2.0
//
// What a machine is if little is said, and what a board refuses.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/machine.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string refusal(const Machine& said) {
  Diagnostics diagnostics;
  complete(said, 1, diagnostics);
  return test::printed(diagnostics);
}

Machine completed(const Machine& said, unsigned cores) {
  Diagnostics diagnostics;
  const Machine machine = complete(said, cores, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  return machine;
}

TEST(MachineTest, has_as_many_cores_as_the_manifest_names_unless_it_is_said) {
  EXPECT_EQ(completed({}, 1).cores, 1U);
  EXPECT_EQ(completed({}, 3).cores, 3U);
  EXPECT_EQ(completed({.cores = 8}, 3).cores, 8U);
  EXPECT_EQ(completed({.board = "raspi4b"}, 1).cores, 4U);
  EXPECT_EQ(completed({.board = "raspi4b", .cores = 4}, 1).cores, 4U);
}

TEST(MachineTest, is_virt_without_uboot_and_the_board_with_it) {
  EXPECT_EQ(completed({}, 1).board, "virt");
  EXPECT_EQ(completed({}, 1).boot, "direct");
  EXPECT_EQ(completed({}, 1).memory, "512M");
  EXPECT_EQ(completed({.board = "raspi4b"}, 1).boot, "uboot");
  EXPECT_EQ(completed({.board = "raspi4b"}, 1).memory, "2G");
  EXPECT_EQ(completed({.card = "card.img"}, 1).board, "raspi4b");
}

TEST(MachineTest, refuses_what_the_board_cannot_have) {
  EXPECT_THAT(refusal({.board = "raspi4b", .cores = 2}),
              HasSubstr("granary: error: the Raspberry Pi 4 has four cores"));
  EXPECT_THAT(refusal({.board = "raspi4b", .memory = "1G"}), HasSubstr("is 2G and cannot be changed"));
  EXPECT_THAT(refusal({.cores = 2, .card = "card.img"}), HasSubstr("leave out --smp"));
  EXPECT_THAT(refusal({.board = "virt", .card = "card.img"}), HasSubstr("a card image is for the Raspberry Pi 4"));
  EXPECT_THAT(refusal({.boot = "direct", .card = "card.img"}), HasSubstr("a card is booted by U-Boot"));
}

TEST(MachineTest, is_put_in_words_with_its_card_and_without_an_image_of_its_own) {
  const std::vector<std::string> words = machine_command(completed({.card = "my card.img"}, 1), Home{}, "");
  EXPECT_THAT(words, testing::IsSupersetOf({"--sdcard", "my card.img", "raspi4b", "uboot"}));
  EXPECT_THAT(words, testing::Not(testing::Contains("--system")));
}

TEST(Manifest, names_as_many_cores_as_its_highest_and_one_more) {
  const auto cores = [](const std::string& top, const std::string& core) {
    const test::TemporaryManifest manifest("system = \"s\"\n" + top + "[silo.a]\nprogram = \"program.c\"\n" + core +
                                           "[silo.b]\nprogram = \"other.c\"\n");
    Diagnostics diagnostics;
    const unsigned count = test::load(manifest.file(), diagnostics).cores();
    EXPECT_EQ(test::printed(diagnostics), "");
    return count;
  };
  EXPECT_EQ(cores("", ""), 1U);
  EXPECT_EQ(cores("", "core = 2\n"), 3U);
  EXPECT_EQ(cores("fold_cores = true\n", "core = 2\n"), 1U);
}

class CardFile : public testing::Test {
 protected:
  ~CardFile() override { fs::remove(file_); }
  std::string refused(const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    return refused();
  }
  std::string refused() {
    Diagnostics diagnostics;
    check_card(file_, diagnostics);
    return test::printed(diagnostics);
  }
  fs::path file_ = fs::temp_directory_path() / ("granary_card_test_" + std::to_string(getpid()) + ".img");
};

TEST_F(CardFile, has_a_partition_table_and_a_size_that_qemu_takes) {
  EXPECT_THAT(refused(), HasSubstr("there is no such card image"));
  EXPECT_THAT(refused(""), HasSubstr("this is no card image"));
  EXPECT_THAT(refused(std::string(1024, '\0')), HasSubstr("this is no card image"));
  const std::string table = std::string(510, '\0') + "\x55\xaa";
  EXPECT_EQ(refused(table + std::string(512, '\0')), "");
  EXPECT_THAT(refused(table + std::string(1024, '\0')), HasSubstr("it has 1536 bytes"));
}

}  // namespace
}  // namespace tool
