// SPDX-License-Identifier: Apache-2.0
//
// What a terminal shows of Output: played on a terminal of one line at a time, so that what was erased is gone.
#include "test/fakes/host_prelude.hpp"

#include <string>

#include "output.hpp"
#include "shell_words.hpp"

namespace drivers {
namespace {

struct Shown : testing::Test {
  Output output;
  std::string screen;  ///< all whole lines, and the last one as it stands
  std::size_t column = 0;
  std::string last;
  std::string played() {
    std::string bytes;
    for (; !output.is_empty(); output.pop()) bytes.push_back(output.front());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes.compare(i, 3, "\x1b[K") == 0) {
        last.resize(column);
        i += 2;
      } else if (bytes[i] == '\r') {
        column = 0;
      } else if (bytes[i] == '\b') {
        --column;
      } else if (bytes[i] == '\n') {
        screen += last + "\n";
        last.clear();
      } else {
        last.resize(std::max(last.size(), column + 1), ' ');
        last[column++] = bytes[i];
      }
    }
    return screen + last;
  }
};

TEST_F(Shown, text_pushes_the_edited_line_down) {
  output.edit("> ab", 3);
  EXPECT_EQ(played(), "> ab");
  EXPECT_EQ(column, 3u);
  output.text("[silo] one\n[silo] two\n");
  EXPECT_EQ(played(), "[silo] one\n[silo] two\n> ab");
  EXPECT_EQ(column, 3u);
  output.edit("> a", 3);
  EXPECT_EQ(played(), "[silo] one\n[silo] two\n> a");
}

TEST_F(Shown, an_unfinished_line_is_not_written_into) {
  output.edit("> ", 2);
  output.text("half");
  output.edit("> x", 3);
  EXPECT_EQ(played(), "half");
  output.text(" and half\n");
  EXPECT_EQ(played(), "half and half\n> x");
}

TEST_F(Shown, without_an_edited_line_text_is_text) {
  output.text("a\n");
  output.edit("", 0);
  output.text("b\n");
  EXPECT_EQ(played(), "a\nb\n");
}

TEST_F(Shown, a_long_edited_line_and_a_wild_cursor_are_cut) {
  output.edit(std::string(500, 'x'), 9999);
  EXPECT_EQ(played(), std::string(Output::kLongestEdit, 'x'));
  EXPECT_EQ(column, Output::kLongestEdit);
}

TEST_F(Shown, what_it_takes_is_no_more_than_it_says) {
  for (int i = 0; i < 100; ++i) {
    output.edit(std::string(Output::kLongestEdit, 'e'), 0);
    const std::string text(64, '\n');
    const std::size_t before = output.room();
    output.text(text);
    EXPECT_LE(before - output.room(), Output::needed(text.size()));
    played();
  }
}

TEST(RightsText, says_them_without_their_type) {
  const auto bit = [](abi::Right right) { return static_cast<std::uint64_t>(right); };
  EXPECT_EQ(RightsText(bit(abi::Right::PortSend) | bit(abi::Right::PortCall) | bit(abi::Right::Duplicate)).view(),
            "duplicate send call");
  EXPECT_EQ(RightsText(bit(abi::Right::AsyncSend)).view(), "send");
  EXPECT_EQ(RightsText(0).view(), "");
  EXPECT_LT(RightsText(~std::uint64_t{0}).view().size(), sizeof(RightsText::text));
}

}  // namespace
}  // namespace drivers
